import Foundation
import Plant
import Store
import TestSupport
import Testing

@testable import Historian

/// A state directory with both databases, a configuration, and a place for backups.
final class CareYard {
    let scratch: Scratch
    /// Of another disk, as it were.
    let elsewhere: Scratch
    let history: WrittenHistory
    let journal: WrittenJournal
    let clock = HandClock()

    init() throws {
        (scratch, elsewhere) = (try Scratch(), try Scratch())
        history = try WrittenHistory(scratch.history)
        journal = try WrittenJournal(scratch.path + "/journal.db")
        try FileManager.default.createDirectory(atPath: config + "/profiles", withIntermediateDirectories: true)
        try "plant: {name: Test}\n".write(toFile: config + "/cupel.yaml", atomically: true, encoding: .utf8)
        try "model: X\n".write(toFile: config + "/profiles/x.yaml", atomically: true, encoding: .utf8)
    }

    var config: String { scratch.path + "/config" }
    var folder: String { elsewhere.path + "/backups" }

    func backup() -> Backup {
        Backup(
            history: history.path, journal: journal.path, configuration: config, folder: folder, program: "test")
    }

    func restore(_ path: String) -> Restore { Restore(backup: path, history: history.path, journal: journal.path) }

    func names(_ path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// All rows of all tables, as text.
    func content(_ path: String) throws -> [String] { try CareYard.content(path) }

    static func content(_ path: String) throws -> [String] {
        let connection = try PlainConnection.reader(path).0
        let tables = try connection.statement("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        var lines: [String] = []
        while try tables.step() {
            let name = tables.text(0) ?? ""
            let rows = try connection.statement("SELECT * FROM \"\(name)\"")
            while try rows.step() {
                let cells = (0..<rows.columns).map { rows.isNull($0) ? "NULL" : "\(Array(rows.bytes($0)))" }
                lines.append("\(name): \(cells)")
            }
        }
        return lines
    }

    func flip(_ path: String, at offset: Int) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[offset] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: path))
    }
}

@Suite("Backups")
struct BackupTests {
    @Test func aBackupHoldsBothDatabasesAndTheConfiguration() throws {
        let yard = try CareYard()
        var steps: Set<CareProgress.Step> = []
        let result = try yard.backup().run(clock: yard.clock, progress: { steps.insert($0.step) })
        #expect(result.warnings == [])
        #expect(try yard.names(yard.folder) == [BackupFolder.stamp(yard.clock.now), "backup-lock"])
        #expect(try yard.names(result.path) == ["config", "history.db", "journal.db", "manifest.json"])
        #expect(try yard.names(result.path + "/config") == ["cupel.yaml", "profiles"])
        #expect(try yard.content(result.path + "/history.db") == yard.content(yard.history.path))
        #expect(try yard.content(result.path + "/journal.db") == yard.content(yard.journal.path))
        #expect(result.manifest == (try BackupManifest(folder: result.path)))
        #expect(result.manifest.configuration == ["cupel.yaml", "profiles/x.yaml"])
        let files = Dictionary(result.manifest.files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        #expect(files["history.db"]?.newest == yard.history.ordinal(yard.history.scans - 1, 1))
        #expect(files["history.db"]?.schema == "2 sealed")
        #expect(files["journal.db"]?.newest == 20)
        #expect(files["journal.db"]?.schema == "2 definitions")
        #expect(steps == [.copying, .checking, .integrity, .chunks])
        #expect(try BackupCheck(folder: result.path).run { _ in }.findings.isEmpty)
    }

    /// What is committed to either database once both are held is in neither copy.
    @Test func bothMomentsAreTakenBeforeAnythingIsCopied() throws {
        let yard = try CareYard()
        let before = (try yard.content(yard.history.path), try yard.content(yard.journal.path))
        var failure: (any Error)?
        let result = try yard.backup().run(
            clock: yard.clock,
            beforeCopying: {
                do {
                    try yard.history.change("INSERT INTO event(t0, kind) VALUES (1, 'annotation')")
                    try yard.journal.change("INSERT INTO alarm_event(boot, time) VALUES ('b1', 1)")
                } catch { failure = error }
            })
        #expect(failure == nil)
        #expect(try yard.content(result.path + "/history.db") == before.0)
        #expect(try yard.content(result.path + "/journal.db") == before.1)
        #expect(try yard.content(yard.history.path) != before.0)
    }

    @Test func theOldestBackupsGo() throws {
        let yard = try CareYard()
        var backup = yard.backup()
        backup.keep = 2
        var paths: [String] = []
        for round in 0..<4 {
            let result = try backup.run(clock: yard.clock)
            paths.append(result.path)
            #expect(result.removed == (round < 2 ? [] : [CareProgress.name(paths[round - 2])]))
            yard.clock.advance(milliseconds: 1000)
        }
        #expect(try yard.names(yard.folder).filter { $0 != "backup-lock" } == paths.suffix(2).map(CareProgress.name))
    }

    /// Somebody's own directory, a foreign name, and the remains of a backup that was cut off.
    @Test func onlyItsOwnRemainsAreRemoved() throws {
        let yard = try CareYard()
        for name in ["20200101T000000Z.partial", "20200101T000000Z", "mine", "mine.partial"] {
            try FileManager.default.createDirectory(
                atPath: yard.folder + "/" + name, withIntermediateDirectories: true)
        }
        var backup = yard.backup()
        backup.keep = 1
        let result = try backup.run(clock: yard.clock)
        #expect(
            Set(try yard.names(yard.folder)) == [
                "20200101T000000Z", "mine", "mine.partial", "backup-lock", CareProgress.name(result.path),
            ])
    }

    @Test func aSecondBackupAtTheSameTimeIsRefused() throws {
        let yard = try CareYard()
        let backup = yard.backup()
        _ = try backup.run(clock: yard.clock)
        // In the same second.
        #expect(throws: StoreError.self) { try backup.run(clock: yard.clock) }
        yard.clock.advance(milliseconds: 1000)
        let lock = try FileLock(guarding: yard.folder + "/backup")
        #expect(throws: StoreError.held(path: yard.folder, pid: getpid())) { try backup.run(clock: yard.clock) }
        lock.release()
    }

    @Test func aMissingDatabaseIsToldAndNothingIsLeft() throws {
        let yard = try CareYard()
        var backup = yard.backup()
        backup.journal = yard.scratch.path + "/none.db"
        #expect(throws: StoreError.missing(path: backup.journal)) { try backup.run(clock: yard.clock) }
        #expect(try yard.names(yard.folder) == ["backup-lock"])
    }

    @Test func aFlippedBitIsFoundWithItsPlace() throws {
        let yard = try CareYard()
        let result = try yard.backup().run(clock: yard.clock)
        try yard.flip(result.path + "/history.db", at: 20_000)
        let findings = try BackupCheck(folder: result.path).run { _ in }.findings
        #expect(findings.map(\.line) == ["history.db: damaged: the 16777216 bytes from byte 0 on have changed"])
        try Data("short".utf8).write(to: URL(fileURLWithPath: result.path + "/journal.db"))
        #expect(try BackupCheck(folder: result.path).run { _ in }.findings.count == 2)
    }

    /// Damage of the original is no reason to keep no copy of it.
    @Test func aDamagedHistoryIsCopiedAndTold() throws {
        let yard = try CareYard()
        try yard.history.change("UPDATE chunk SET crc = crc + 1 WHERE key = 1 << 36 | 3")
        let result = try yard.backup().run(clock: yard.clock)
        #expect(result.warnings == ["the databases have 1 findings of their own: cupel verify tells them"])
        yard.clock.advance(milliseconds: 1000)
        _ = try yard.restore(result.path).run(clock: yard.clock)
    }

    /// The reason is about the directory, not about a database.
    @Test(arguments: [("/proc/cupel", "No such file"), ("/nonexistent/a/b", "there is no directory /nonexistent/a")])
    func aDirectoryThatCannotBeMadeIsTold(folder: String, reason: String) throws {
        let yard = try CareYard()
        var backup = yard.backup()
        backup.folder = folder
        let error = try #require(throws: StoreError.self) { try backup.run(clock: yard.clock) }
        #expect(error.exitCode == 73)
        #expect("\(error)".hasPrefix("\(folder): cannot create") && "\(error)".contains(reason), "\(error)")
    }

    @Test(arguments: ["", "/", "/config/..", "/../LINK"])
    func theStateDirectoryIsNoPlaceForBackups(way: String) throws {
        let yard = try CareYard()
        let link = yard.elsewhere.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: yard.scratch.path)
        var backup = yard.backup()
        backup.folder = way.hasSuffix("LINK") ? link : yard.scratch.path + way
        let before = try yard.names(yard.scratch.path)
        let error = try #require(throws: StoreError.self) { try backup.run(clock: yard.clock) }
        #expect(error.exitCode == 73 && "\(error)".contains("it holds "), "\(error)")
        #expect(try yard.names(yard.scratch.path) == before)
    }

    @Test func belowTheStateDirectoryIsAllowedAndWarnedOf() throws {
        let yard = try CareYard()
        var backup = yard.backup()
        backup.folder = yard.scratch.path + "/backups"
        let warnings = try backup.run(clock: yard.clock).warnings
        #expect(warnings.count == 1 && warnings[0].contains("lies in the state directory"), "\(warnings)")
        // A neighbour whose name begins alike is another directory.
        backup.folder = yard.scratch.path + "-backups"
        defer { try? FileManager.default.removeItem(atPath: backup.folder) }
        #expect(try backup.run(clock: yard.clock).warnings == [])
    }
}
