import Foundation
import Glibc
import TestSupport
import Testing

/// Backup, verify, salvage and restore as an operator runs them, beside a daemon that acquires.
@Suite(.serialized)
struct BackupTests {
    private func newest(_ yard: Plantyard) throws -> UInt64 {
        try HistoryTests.status(yard).recorder.newestSequences["X/fast"] ?? 0
    }

    @Test func aDrill() throws {
        let server = try HistoryTests.server()
        let yard = try HistoryTests.yard(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("fifty scans on disk") { try newest(yard) > 50 ? true : nil }

        let made = try yard.cupel("backup", yard.path + "/backups", "--keep", "3")
        #expect(made.status == 0, "\(made.errors)")
        let backup = try #require(made.output.split(separator: ":").first.map(String.init))
        #expect(FileManager.default.fileExists(atPath: backup + "/manifest.json"))
        #expect(FileManager.default.fileExists(atPath: backup + "/config/cupel.yaml"))
        // Standard tools read it as it stands, and find it sound.
        #expect(try yard.sqlite(backup + "/history.db", "PRAGMA integrity_check; PRAGMA journal_mode") == "ok\ndelete")
        let kept = try #require(UInt64(try yard.sqlite(backup + "/history.db", "SELECT max(sequence) FROM hot")))

        // The daemon went on, and is told as sound while it does.
        let before = try newest(yard)
        _ = try eventually("more scans") { try newest(yard) > before + 20 ? true : nil }
        #expect(try HistoryTests.status(yard).recorder.refusedBlocks == 0)
        let sound = try yard.cupel("verify")
        #expect(sound.status == 0, "\(sound.output)")
        #expect(sound.output.contains("history.db: sound"))

        // Nobody restores under a running daemon.
        let refused = try yard.cupel("restore", backup)
        #expect(refused.status == 73)
        #expect(refused.errors.contains("process \(daemon.pid)"))

        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        // Somebody destroys the history.
        let file = try #require(FileHandle(forUpdatingAtPath: yard.history))
        try file.write(contentsOf: Data(repeating: 0xAA, count: 20_000))
        try file.close()
        #expect([65, 74].contains(try yard.cupel("verify").status))

        let dry = try yard.cupel("restore", backup, "--dry-run")
        #expect(dry.status == 0)
        #expect(dry.output.contains("would move \(yard.history)"))
        let restored = try yard.cupel("restore", backup)
        #expect(restored.status == 0, "\(restored.errors)")
        #expect(try yard.sqlite(yard.history, "SELECT max(sequence) FROM hot") == "\(kept)")
        #expect(try yard.cupel("verify").status == 0)

        // And it goes on from there, without a word about lost readings.
        let again = try yard.daemon()
        _ = try eventually("new scans") { try newest(yard) > kept + 10 ? true : nil }
        again.signal(SIGTERM)
        #expect(try again.exit().status == 0)
        #expect(try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE kind = 'restored'") == "1")
        #expect(try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE kind = 'lost'") == "0")
        #expect(try yard.cupel("verify").status == 0)
    }

    @Test func aDeletedLogIsNoticed() throws {
        let server = try HistoryTests.server()
        let yard = try HistoryTests.yard(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("fifty scans on disk") { try newest(yard) > 50 ? true : nil }
        daemon.signal(SIGKILL)
        try daemon.exit()
        for suffix in ["-wal", "-shm"] { try FileManager.default.removeItem(atPath: yard.history + suffix) }
        // SQLite's own check finds nothing, if there is anything to check at all.
        let verify = try yard.cupel("verify", "--json")
        #expect(verify.status == 65 || verify.status == 74)
        #expect(verify.output.contains("\"lost\"") || verify.output.contains("\"schema\""))
    }

    @Test func salvageTakesTheDamagedPlaceOnlyWhenAsked() throws {
        let server = try HistoryTests.server()
        let yard = try HistoryTests.yard(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("fifty scans on disk") { try newest(yard) > 50 ? true : nil }
        let busy = try yard.cupel("verify", "--salvage")
        #expect(busy.status == 73)
        daemon.signal(SIGTERM)
        try daemon.exit()
        let count = try yard.sqlite(yard.history, "SELECT count(*) FROM hot")
        let beside = try yard.cupel("verify", "--salvage", "--out", yard.path + "/new.db")
        #expect(beside.status == 0, "\(beside.errors)")
        #expect(try yard.sqlite(yard.path + "/new.db", "SELECT count(*) FROM hot") == count)
        let placed = try yard.cupel("verify", "--salvage", "--in-place")
        #expect(placed.status == 0, "\(placed.errors)")
        #expect(try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE kind = 'salvaged'") == "1")
        let again = try yard.daemon()
        again.signal(SIGTERM)
        #expect(try again.exit().status == 0)
    }
}
