import Foundation
import Plant
import Store
import TestSupport
import Testing

@testable import Historian

@Suite("Restoring")
struct RestoreTests {
    /// Write, back up, write more, destroy, restore, open, compare.
    @Test func aDrill() throws {
        let yard = try CareYard()
        let before = (try yard.content(yard.history.path), try yard.content(yard.journal.path))
        let backup = try yard.backup().run(clock: yard.clock)
        // A log beside the destroyed file that would fit into it, and a beacon that knows more than the backup.
        let writer = try PlainConnection(yard.history.path, .writing)
        try writer.execute("INSERT INTO event(t0, kind) VALUES (1, 'annotation'); DELETE FROM chunk")
        try Data("beacon".utf8).write(to: URL(fileURLWithPath: yard.history.path + "-beacon"))
        try yard.flip(yard.journal.path, at: 3)
        yard.clock.advance(milliseconds: 60_000)

        let result = try yard.restore(backup.path).run(clock: yard.clock)
        let aside = try #require(result.aside)
        #expect(try yard.names(aside).contains("history.db-wal"))
        #expect(try yard.names(aside).contains("history.db-beacon"))
        #expect(
            try yard.names(yard.scratch.path).filter { $0.hasPrefix("history.db") } == [
                "history.db", "history.db-lock",
            ])
        let told = "event: "
        let after = try yard.content(yard.history.path)
        #expect(after.filter { !$0.hasPrefix(told) } == before.0.filter { !$0.hasPrefix(told) })
        #expect(after.count == before.0.count + 1)
        #expect(try yard.content(yard.journal.path) == before.1)
        #expect(try yard.history.verify().findings == [])

        let connection = try PlainConnection(yard.history.path, .reading)
        let event = try connection.text("SELECT kind || ' ' || t0 || ' ' || t1 FROM event WHERE kind = 'restored'")
        #expect(event == "restored \(yard.clock.now - 60_000) \(yard.clock.now)")
        // What was there before is still there, with its log.
        let former = try PlainConnection(aside + "/history.db", .writing)
        #expect(try former.integer("SELECT count(*) FROM chunk") == 0)
        _ = writer
    }

    @Test func aRunningDaemonIsNamedAndNothingIsTouched() throws {
        let yard = try CareYard()
        let backup = try yard.backup().run(clock: yard.clock)
        let before = try yard.names(yard.scratch.path)
        let lock = try FileLock(guarding: yard.journal.path)
        #expect(throws: StoreError.held(path: yard.journal.path, pid: getpid())) {
            try yard.restore(backup.path).run(clock: yard.clock)
        }
        lock.release()
        #expect(Set(try yard.names(yard.scratch.path)).subtracting(before) == ["history.db-lock", "journal.db-lock"])
    }

    @Test func aDamagedBackupIsRefused() throws {
        let yard = try CareYard()
        let backup = try yard.backup().run(clock: yard.clock)
        try yard.flip(backup.path + "/journal.db", at: 5000)
        let before = try yard.content(yard.history.path)
        let error = try #require(throws: StoreError.self) { try yard.restore(backup.path).run(clock: yard.clock) }
        guard case .notABackup(_, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.contains("journal.db: damaged"))
        #expect(try yard.content(yard.history.path) == before)
        #expect(try yard.names(yard.scratch.path).allSatisfy { !$0.contains("restor") })
    }

    /// Each wrong name has a sentence of its own, and none of them is about a damaged database.
    @Test func whatIsNoBackupIsToldAsSuch() throws {
        let yard = try CareYard()
        let made = try yard.backup().run(clock: yard.clock)
        try Data("[]".utf8).write(to: URL(fileURLWithPath: yard.config + "/manifest.json"))
        let cases: [(path: String, code: Int32, text: String)] = [
            (yard.scratch.path + "/nothing", 66, "there is no such directory"),
            (yard.scratch.path, 65, "it has no manifest.json, so it is no finished backup;"),
            (yard.folder, 65, "the newest is \(made.path)"),
            (yard.config, 65, "its manifest.json cannot be read"),
        ]
        for (path, code, text) in cases {
            let error = try #require(throws: StoreError.self) { try yard.restore(path).run(clock: yard.clock) }
            #expect(error.exitCode == code && "\(error)".contains(text), "\(error)")
            #expect(!"\(error)".contains("database is damaged"), "\(error)")
        }
    }

    @Test func aDryRunSaysEverythingAndDoesNothing() throws {
        let yard = try CareYard()
        let backup = try yard.backup().run(clock: yard.clock)
        let before = try yard.names(yard.scratch.path)
        var restore = yard.restore(backup.path)
        restore.isDry = true
        let result = try restore.run(clock: yard.clock)
        let aside = try #require(result.aside)
        #expect(result.steps.contains("move \(yard.history.path) to \(aside)/"))
        #expect(result.steps.contains { $0.hasPrefix("put \(backup.path)/journal.db (of 2026-01-03T") })
        #expect(try yard.names(yard.scratch.path) == before)
    }

    @Test func anEmptyStateDirectoryIsFilled() throws {
        let yard = try CareYard()
        let backup = try yard.backup().run(clock: yard.clock)
        let state = yard.scratch.path + "/new"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        let restore = Restore(backup: backup.path, history: state + "/history.db", journal: state + "/journal.db")
        #expect(try restore.run(clock: yard.clock).aside == nil)
        #expect(try yard.names(state) == ["history.db", "history.db-lock", "journal.db", "journal.db-lock"])
        #expect(try Verify(path: state + "/history.db", depth: .whole).history().findings == [])
    }

    /// A restore that was cut off leaves its copies; the next one begins anew.
    @Test func theRemainsOfARestoreAreNotInTheWay() throws {
        let yard = try CareYard()
        let backup = try yard.backup().run(clock: yard.clock)
        for path in [yard.history.path, yard.journal.path] {
            try Data("half".utf8).write(to: URL(fileURLWithPath: path + ".restoring"))
        }
        _ = try yard.restore(backup.path).run(clock: yard.clock)
        #expect(try yard.history.verify().findings == [])
        #expect(try yard.names(yard.scratch.path).allSatisfy { !$0.hasSuffix(".restoring") })
    }
}
