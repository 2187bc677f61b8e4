import Foundation
import Glibc
import Testing

@testable import cupel

@Suite struct CursorFileTests {
    private let folder = "\(NSTemporaryDirectory())/cupel-cursor-\(UUID().uuidString)"
    private var path: String { folder + "/cursor" }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func remembersAcrossProcesses() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            let cursor = try CursorFile(path: path)
            #expect(cursor.place == nil)
            try cursor.save(StreamPlace(sequence: 0))
            #expect(try text() == "{\"cupel_cursor\":0}\n")
            try cursor.save(StreamPlace(sequence: 17, boot: "b"))
            #expect(try text() == "{\"boot\":\"b\",\"cupel_cursor\":17}\n")
        }
        let again = try CursorFile(path: path)
        #expect(again.place == StreamPlace(sequence: 17, boot: "b"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["cursor", "cursor.lock"])
    }

    @Test func readsWhatOlderFollowersWrote() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "{\"cupel_cursor\":3}\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try CursorFile(path: path).place == StreamPlace(sequence: 3))
    }

    @Test func writesTheSameAgainOnlyWhenToldTo() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cursor = try CursorFile(path: path)
        let place = StreamPlace(sequence: 17, boot: "b")
        try cursor.save(place)
        try FileManager.default.removeItem(atPath: path)
        try cursor.save(place)
        #expect(access(path, F_OK) != 0)
        try cursor.save(place, always: true)
        #expect(access(path, F_OK) == 0)
    }

    /// The link stays, and whoever comes by the file's own name is kept out as well.
    @Test func aLinkIsFollowed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "{\"cupel_cursor\":3}\n".write(toFile: path, atomically: true, encoding: .utf8)
        let link = folder + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        let cursor = try CursorFile(path: link)
        try cursor.save(StreamPlace(sequence: 4))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        #expect(try text() == "{\"cupel_cursor\":4}\n")
        #expect(throws: CursorProblem.self) { try CursorFile(path: path) }
    }

    @Test func aFolderIsNoCursorAndGetsNoLock() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let refusal = #expect(throws: CursorProblem.self) { try CursorFile(path: folder) }
        #expect(refusal?.code == .cannotCreate)
        #expect(refusal?.description.contains("is a directory") == true)
        #expect(access(folder + ".lock", F_OK) != 0)
    }

    @Test func oneFollowerAtATime() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try CursorFile(path: path)
        let refusal = #expect(throws: CursorProblem.self) { try CursorFile(path: path) }
        #expect(refusal?.code == .cannotCreate)
        #expect(refusal?.description.contains("another follower") == true)
        try first.save(StreamPlace(sequence: 1))
    }

    @Test(arguments: ["", "17\n", "{\"cupel_cursor\":\"x\"}", "{\"cupel_cursor\":-1}", "{\"seq\":5}", "\u{0}\u{1}"])
    func aFileThatIsNoCursorIsLeftAsItIs(content: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try content.write(toFile: path, atomically: true, encoding: .utf8)
        let refusal = #expect(throws: CursorProblem.self) { try CursorFile(path: path) }
        #expect(refusal?.code == .data)
        #expect(refusal?.description.contains("expected {\"cupel_cursor\":NUMBER}") == true)
        #expect(try text() == content)
        // It let go of the lock.
        try "{\"cupel_cursor\":3}".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try CursorFile(path: path).place?.sequence == 3)
    }

    @Test func aFolderThatIsNotThereIsNamed() {
        let refusal = #expect(throws: CursorProblem.self) { try CursorFile(path: folder + "/none/cursor") }
        #expect(refusal?.code == .cannotCreate)
        #expect(refusal?.description.contains("none/cursor") == true)
        try? FileManager.default.removeItem(atPath: folder)
    }
}
