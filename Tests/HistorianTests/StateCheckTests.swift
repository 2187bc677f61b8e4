import Foundation
import Store
import TestSupport
import Testing

@testable import Historian

@Suite("Both databases looked at")
struct StateCheckTests {
    private func look(_ yard: CareYard) throws -> StateReport {
        try StateCheck(history: yard.history.path, journal: yard.journal.path, depth: .quick).run()
    }

    private func remove(_ path: String) throws {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    @Test func soundOnesEndWithZero() throws {
        let report = try look(CareYard())
        #expect(report.exitCode == 0 && report.reports.allSatisfy(\.isSound))
        #expect(report.history.counts.spans == 8 && report.journal.counts.events == 20)
    }

    @Test func aMissingJournalHidesNothingOfTheHistory() throws {
        let yard = try CareYard()
        try remove(yard.journal.path)
        try yard.history.change("UPDATE chunk SET crc = crc + 1 WHERE key = 1 << 36 | 3")
        let report = try look(yard)
        #expect(report.history.findings.map(\.kind) == [.damaged])
        #expect(report.journal.findings.map(\.kind) == [.absent])
        #expect(report.journal.findings.first?.line.hasPrefix("journal.db: absent: no journal beside it") == true)
        #expect(report.exitCode == 74)
    }

    /// A copy, or what offline imports have made: no daemon, no journal, and no damage.
    @Test func aHistoryThatNoDaemonWroteNeedsNone() throws {
        let yard = try CareYard()
        try remove(yard.journal.path)
        try yard.history.change("DELETE FROM event WHERE kind = 'started'")
        // The beacon is a daemon's as well.
        #expect(try look(yard).exitCode == 74)
        try FileManager.default.removeItem(atPath: BeaconFile.path(of: yard.history.path))
        let report = try look(yard)
        #expect(report.journal.findings.map(\.severity) == [.warning] && report.journal.isSound)
        #expect(report.exitCode == 0)
    }

    @Test func aMissingHistoryHidesNothingOfTheJournal() throws {
        let yard = try CareYard()
        try remove(yard.history.path)
        try yard.journal.change("DELETE FROM alarm_event WHERE seq = 7")
        let report = try look(yard)
        #expect(report.history.findings.map(\.kind) == [.absent] && report.history.isUnreadable)
        #expect(report.journal.findings.map(\.kind) == [.sequence])
        #expect(report.exitCode == 74)
    }

    /// Cut off, or no database at all.
    @Test(arguments: [false, true])
    func aBrokenHistoryIsToldWithoutAJournalAndWithOne(hasJournal: Bool) throws {
        let yard = try CareYard()
        if !hasJournal { try remove(yard.journal.path) }
        try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: yard.history.path))
        let report = try look(yard)
        #expect(report.history.findings.map(\.text) == ["it is not an SQLite database"])
        #expect(report.journal.counts.events == (hasJournal ? 20 : 0))
        #expect(report.exitCode == 74)
    }

    @Test func aBrokenJournalHidesNothingOfTheHistory() throws {
        let yard = try CareYard()
        try remove(yard.journal.path)
        try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: yard.journal.path))
        let report = try look(yard)
        #expect(report.history.isSound && report.history.counts.spans == 8)
        #expect(report.journal.isUnreadable && report.exitCode == 74)
    }

    @Test func whereNeitherIsNobodyStartedADaemon() throws {
        let yard = try CareYard()
        try remove(yard.history.path)
        try remove(yard.journal.path)
        #expect(throws: StoreError.missing(path: yard.history.path)) { try look(yard) }
    }
}
