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

    /// Where a copy cannot go, and what is none.
    @Test func directoriesThatWillNotDo() throws {
        let yard = try ExportImportTests.recorded()
        let nowhere = try yard.cupel("backup", "/proc/nowhere")
        #expect(nowhere.status == 73)
        #expect(nowhere.errors.contains("cannot create"))
        #expect(try yard.cupel("backup", yard.state).status == 73)
        #expect(try yard.cupel("restore", yard.path + "/nowhere").status == 66)
        #expect(try yard.cupel("restore", yard.path).status == 65)
    }

    @Test func aFileThatWasCutOffIsSavedAsFarAsItGoes() throws {
        let yard = try ExportImportTests.recorded()
        let rows = (0..<50_000).map { "\(1_767_434_400_000 + $0 * 1000),X.b,\($0 * $0 % 8191)\n" }.joined()
        #expect(try yard.cupel("import", try ExportImportTests.file(yard, "time,tag,value\n" + rows)).status == 0)
        #expect(try yard.cupel("verify").status == 0)
        let bytes = try #require(try FileManager.default.attributesOfItem(atPath: yard.history)[.size] as? Int)
        #expect(truncate(yard.history, bytes - 4 * 4096) == 0)
        let verify = try yard.cupel("verify")
        #expect(verify.status == 65 || verify.status == 74)
        #expect((verify.output + verify.errors).contains("--salvage"))
        let saved = try yard.cupel("verify", "--salvage", "--in-place")
        #expect(saved.status == 0, "\(saved.errors)")
        #expect(try yard.cupel("verify").status == 0)
        #expect(try yard.sqlite(yard.history, "SELECT count(*) > 0 FROM event WHERE kind = 'salvaged'") == "1")
        #expect(try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE kind = 'import'") == "1")
    }

    /// What people's files became needs no daemon, and so no journal.
    @Test func aHistoryThatNoDaemonWroteIsSoundAlone() throws {
        let yard = try ExportImportTests.recorded()
        let state = yard.path + "/other"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        let arguments = ["--config", yard.config, "--state", state]
        let file = try ExportImportTests.file(yard, ExportImportTests.lab)
        #expect(try Program(Cupel.binary, ["import", file, "--create-tags"] + arguments).exit().status == 0)
        let verify = try Program(Cupel.binary, ["verify"] + arguments).exit()
        #expect(verify.status == 0, "\(verify.output)")
        #expect(verify.output.contains("journal"))
        // Beside a daemon's history it is missed.
        try FileManager.default.removeItem(atPath: yard.state + "/journal.db")
        #expect(try yard.cupel("verify").status == 74)
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
