import Foundation
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
            #expect(cursor.sequence == nil)
            try cursor.save(0)
            #expect(try text() == "{\"cupel_cursor\":0}\n")
            try cursor.save(17)
        }
        let again = try CursorFile(path: path)
        #expect(again.sequence == 17)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["cursor", "cursor.lock"])
    }

    @Test func goesBackOnlyWhenToldTo() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cursor = try CursorFile(path: path)
        try cursor.save(17)
        try cursor.save(16)
        #expect(try text() == "{\"cupel_cursor\":17}\n")
        try cursor.save(5, evenBack: true)
        #expect(try text() == "{\"cupel_cursor\":5}\n")
    }

    @Test func oneFollowerAtATime() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try CursorFile(path: path)
        let refusal = #expect(throws: CursorProblem.self) { try CursorFile(path: path) }
        #expect(refusal?.code == .cannotCreate)
        #expect(refusal?.description.contains("another follower") == true)
        try first.save(1)
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
        #expect(try CursorFile(path: path).sequence == 3)
    }

    @Test func aFolderThatIsNotThereIsNamed() {
        let refusal = #expect(throws: CursorProblem.self) { try CursorFile(path: folder + "/none/cursor") }
        #expect(refusal?.code == .cannotCreate)
        #expect(refusal?.description.contains("none/cursor") == true)
        try? FileManager.default.removeItem(atPath: folder)
    }
}
