import Foundation
import GRDB
import Glibc
import Plant
import Store
import Testing

@testable import Historian

@Suite("Files that are not for us")
struct HistoryFileTests {
    private func open(_ path: String) throws(HistoryError) {
        let plant: Plant
        do { plant = try Plant.small() } catch { throw .io(path: path, detail: "\(error)") }
        _ = try HistoryStore(path: path, plant: plant, time: 0, beginsRun: true)
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    @Test(arguments: [1, 1000])
    func aFileOfAnotherKindIsLeftAlone(lines: Int) throws {
        let content = String(repeating: "not a database\n", count: lines)
        let scratch = try Scratch()
        try Data(content.utf8).write(to: URL(fileURLWithPath: scratch.history))
        #expect(throws: HistoryError.notADatabase(path: scratch.history)) { try open(scratch.history) }
        #expect(throws: HistoryError.notADatabase(path: scratch.history)) { try HistoryReader(path: scratch.history) }
        #expect(try bytes(scratch.history) == Data(content.utf8))
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() throws {
        let scratch = try Scratch()
        let queue = try DatabaseQueue(path: scratch.history)
        try queue.write { try $0.execute(sql: "CREATE TABLE hot(x); PRAGMA application_id = 77") }
        try queue.close()
        let before = try bytes(scratch.history)
        let expected = HistoryError.notOurs(
            path: scratch.history, applicationID: 77, expected: HistorySchema.applicationID)
        #expect(throws: expected) { try open(scratch.history) }
        #expect(throws: expected) { try HistoryReader(path: scratch.history) }
        #expect(try bytes(scratch.history) == before)
    }

    @Test func aNewerVersionsHistoryIsLeftAlone() throws {
        let scratch = try Scratch()
        do {
            let rig = try Rig(.small(), in: scratch)
            rig.stop()
        }
        let queue = try DatabaseQueue(path: scratch.history)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 holograms')") }
        try queue.close()
        let before = try bytes(scratch.history)
        let expected = HistoryError.newer(path: scratch.history, found: "9 holograms")
        #expect(throws: expected) { try open(scratch.history) }
        #expect(throws: expected) { try HistoryReader(path: scratch.history) }
        #expect(try bytes(scratch.history) == before)
    }

    @Test func aDamagedHistoryIsLeftAlone() throws {
        let scratch = try Scratch()
        do {
            let rig = try Rig(.small(), in: scratch)
            rig.stop()
        }
        var damaged = try bytes(scratch.history)
        for index in 100..<4096 { damaged[index] = 0xAA }
        try damaged.write(to: URL(fileURLWithPath: scratch.history))
        let error = try #require(throws: HistoryError.self) { try open(scratch.history) }
        guard case .corrupt = error else {
            Issue.record("\(error)")
            return
        }
        #expect(try bytes(scratch.history) == damaged)
    }

    @Test func noDirectoryIsToldAsSuch() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/missing/history.db"
        #expect(
            throws: FileLock.Refusal.cannotCreate(file: path + "-lock", reason: "No such file or directory")
        ) { _ = try FileLock(guarding: path) }
        let error = try #require(throws: HistoryError.self) { try open(path) }
        #expect(error.exitCode == 73)
        #expect(throws: HistoryError.missing(path: path)) { try HistoryReader(path: path) }
    }

    @Test func aLockHeldByAnotherProgramIsToldAsSuch() throws {
        let scratch = try Scratch()
        do {
            let rig = try Rig(.small(), in: scratch)
            rig.stop()
        }
        let other = try lockedConnection(scratch.history)
        #expect(throws: HistoryError.locked(path: scratch.history)) { try open(scratch.history) }
        try other.close()
        try open(scratch.history)
    }

    @Test func aFileThatCannotBeWrittenIsToldAsSuch() throws {
        let scratch = try Scratch()
        do {
            let rig = try Rig(.small(), in: scratch)
            rig.stop()
        }
        let before = try bytes(scratch.history)
        chmod(scratch.path, 0o777)
        chmod(scratch.history, 0o444)
        try Stranger.run {
            #expect(throws: HistoryError.readOnly(path: scratch.history)) { try open(scratch.history) }
        }
        #expect(try bytes(scratch.history) == before)
    }

    static let codes: [(CInt, HistoryError, Int32)] = [
        (5, .locked(path: "h"), 74), (6, .locked(path: "h"), 74), (8, .readOnly(path: "h"), 73),
        (1032, .readOnly(path: "h"), 73), (13, .full(path: "h"), 74), (26, .notADatabase(path: "h"), 65),
        (11, .corrupt(path: "h", detail: "m (SQLite code 11)"), 65),
        (14, .cannotCreate(path: "h", reason: "m (SQLite code 14)"), 73),
        (778, .io(path: "h", detail: "m (SQLite code 778)"), 74),
        (7, .io(path: "h", detail: "m (SQLite code 7)"), 74),
    ]

    @Test(arguments: codes)
    func everyResultCodeHasItsCaseAndExitCode(code: CInt, expected: HistoryError, exit: Int32) {
        let error = HistoryError(path: "h", DatabaseError(resultCode: ResultCode(rawValue: code), message: "m"))
        #expect(error == expected)
        #expect(error.exitCode == exit)
        #expect(error.description.hasPrefix("h: "))
    }
}

/// Runs a body as somebody who owns nothing here.
///
/// Only the identity that the file system checks changes, and only on this thread (setfsuid(2)), so tests that run
/// beside it do not notice. Without root it changes nothing, and then the plain permissions already apply.
enum Stranger {
    private typealias SetIdentity = @convention(c) (uid_t) -> CInt
    private static let nobody: uid_t = 65534

    static func run(_ body: () throws -> Void) throws {
        let symbol = try #require(dlsym(nil, "setfsuid"))
        let setIdentity = unsafeBitCast(symbol, to: SetIdentity.self)
        let former = setIdentity(nobody)
        defer { _ = setIdentity(uid_t(bitPattern: former)) }
        try body()
    }
}
