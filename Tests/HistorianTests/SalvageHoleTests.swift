import Foundation
import Plant
import Store
import TestSupport
import Testing

@testable import Historian

/// Pages of tables without checksums: whatever they held is told, as exactly as what is left can tell.
@Suite("Holes of a salvage")
struct SalvageHoleTests {
    let scratch: Scratch
    let clock = HandClock()

    /// A month after the readings.
    init() throws {
        scratch = try Scratch()
        clock.advance(milliseconds: 30 * 86_400_000)
    }

    private func salvage(_ path: String) throws -> Salvage.Result {
        try Salvage(path: path).run(clock: clock)
    }

    /// Losses are events of the new file, too.
    private func expectEvents(_ result: Salvage.Result) throws {
        let connection = try PlainConnection.reader(result.path).0
        for loss in result.losses where loss.table == nil {
            let found = try connection.statement(
                "SELECT 1 FROM event WHERE kind = 'salvaged' AND subject IS ? AND t0 = ? AND t1 = ? AND text LIKE ?")
            found.bind(loss.subject, at: 1)
            found.bind(loss.start, at: 2)
            found.bind(loss.end, at: 3)
            found.bind("%" + loss.text + "%", at: 4)
            #expect(try found.step(), "\(loss)")
        }
    }

    @Test func anIntactHistoryWithImportsIsCopiedTableByTable() throws {
        let history = try WrittenHistory(scratch.history, spans: 2)
        try history.importReadings((0..<300).map { Double($0) })
        try history.rollUp()
        for event in 2...12 {
            try history.change(
                "INSERT INTO event(id, t0, t1, kind, text) VALUES (\(-event), \(event), \(event), 'import', 'b.csv')")
        }
        try history.settle()
        let before = Set(try CareYard.content(history.path))
        let result = try salvage(history.path)
        #expect(result.losses == [])
        let after = Set(try CareYard.content(result.path))
        #expect(before.subtracting(after) == [])
        #expect(after.subtracting(before).count == 1)
        #expect(result.kept["event"] == 13 && result.kept["waiting"] == 320)
    }

    /// Each leaf of `waiting` in turn; of imported rows nothing but their numbers tells that one is missing.
    @Test(arguments: 0..<8)
    func aDamagedPageOfImportedRowsIsTold(part: Int) throws {
        let history = try WrittenHistory(scratch.history, spans: 2)
        try history.importReadings((0..<2000).map { Double($0) + 0.5 })
        try history.settle()
        let all = try history.integers(history.path, "SELECT time FROM waiting WHERE scan_group = 9")
        let pages = try history.pages(of: "waiting")
        try #require(pages.count > 8)
        try history.overwrite(page: pages[part * (pages.count - 1) / 7])
        let result = try salvage(history.path)
        let kept = try history.integers(result.path, "SELECT time FROM waiting WHERE scan_group = 9")
        let lost = Set(all).subtracting(kept)
        #expect(!lost.isEmpty && lost.count < 300)
        let losses = result.losses.filter { $0.subject == "@import/C1.temp" }
        #expect(losses.count == 1 && losses.allSatisfy { $0.text.contains("at most \(lost.count) of 2000") })
        for time in lost { #expect(losses.contains { $0.start <= time && time < $0.end }) }
        // No more than the page and the way to its neighbours.
        let loss = try #require(losses.first)
        let (first, last) = (lost.min() ?? 0, lost.max() ?? 0)
        #expect(loss.start > first - 60_000 && loss.end <= last + 60_000 + 1)
        try expectEvents(result)
        #expect(try Verify(path: result.path, depth: .whole).history().findings == [])
    }

    /// Half a page of zeros refuses nothing: keys come out of order, or not at all.
    @Test(arguments: [0, 3, 6, 7], [500, 1000, 2000])
    func aTornPageOfImportedRowsIsTold(part: Int, zeros: Int) throws {
        let history = try WrittenHistory(scratch.history, spans: 2)
        try history.importReadings((0..<2000).map { Double($0) + 0.5 })
        try history.settle()
        let all = try history.integers(history.path, "SELECT time FROM waiting WHERE scan_group = 9")
        let pages = try history.pages(of: "waiting")
        let url = URL(fileURLWithPath: history.path)
        var bytes = try Data(contentsOf: url)
        let end = pages[part * (pages.count - 1) / 7] * 4096
        bytes.replaceSubrange((end - zeros)..<end, with: Data(count: zeros))
        try bytes.write(to: url)
        let result = try salvage(history.path)
        let kept = try history.integers(result.path, "SELECT time FROM waiting WHERE scan_group = 9")
        let losses = result.losses.filter { $0.subject == "@import/C1.temp" }
        for time in Set(all).subtracting(kept) {
            #expect(losses.contains { $0.start <= time && time < $0.end }, "\(time)")
        }
    }

    /// An event that would explain the jump to verify hides nothing from salvage.
    @Test(arguments: [1, 4, 9])
    func aDamagedPageOfLiveRowsIsTold(number: Int) throws {
        let history = try WrittenHistory(scratch.history, spans: 2, waiting: 1500)
        let begin = history.time(0)
        let end = history.time(history.scans)
        try history.change(
            "INSERT INTO event(t0, t1, kind) VALUES (\(begin), \(end), 'gap'); PRAGMA wal_checkpoint(TRUNCATE)")
        let all = try history.integers(history.path, "SELECT sequence * 4 + scan_group FROM waiting")
        let pages = try history.pages(of: "waiting")
        try #require(pages.count > 12)
        try history.overwrite(page: pages[number])
        let result = try salvage(history.path)
        let lost = Set(all).subtracting(
            try history.integers(result.path, "SELECT sequence * 4 + scan_group FROM waiting"))
        #expect(!lost.isEmpty && lost.count < 200)
        for group in [1, 2] {
            let name = "C\(group)/fast"
            let scans = lost.filter { $0 % 4 == group }.map { Int($0 / 4) - 1 }
            let losses = result.losses.filter { $0.subject == name }
            #expect(losses.map(\.text) == (scans.isEmpty ? [] : ["\(scans.count) scans on pages that cannot be read"]))
            for scan in scans {
                #expect(losses.contains { $0.start <= history.time(scan) && history.time(scan) < $0.end })
            }
            if let loss = losses.first, let first = scans.min(), let last = scans.max() {
                #expect(loss.start > history.time(first - 1) && loss.end <= history.time(last + 1))
            }
        }
        try expectEvents(result)
    }

    /// One row whose text is none any more, in the middle of an import and among the newest rows.
    @Test func aRowThatCannotBeUsedIsTold() throws {
        let history = try WrittenHistory(scratch.history, spans: 2)
        try history.importReadings((0..<50).map { Double($0) })
        try history.change(
            """
            UPDATE waiting SET v = '[1' WHERE scan_group = 9 AND sequence = 31;
            UPDATE hot SET v = '[1' WHERE scan_group = 2 AND sequence = \(history.scans - 3);
            PRAGMA wal_checkpoint(TRUNCATE)
            """)
        let result = try salvage(history.path)
        let time = history.importTime(30)
        let hot = history.time(history.scans - 4)
        #expect(Set(result.losses.map(\.subject)) == ["@import/C1.temp", "C2/fast"])
        #expect(result.losses.first?.start == time && result.losses.first?.end == time + 1)
        #expect(result.losses.last.map { $0.start <= hot && hot < $0.end } == true)
        #expect(result.losses.last?.text.hasPrefix("1 scans") == true)
    }

    /// Without a beacon, and with its word.
    @Test(arguments: [false, true])
    func theEndOfTheNewestRowsIsTold(hasBeacon: Bool) throws {
        let history = try WrittenHistory(scratch.history, spans: 1, spanScans: 4, hot: 600)
        try history.settle()
        if !hasBeacon { try FileManager.default.removeItem(atPath: BeaconFile.path(of: history.path)) }
        let pages = try history.pages(of: "hot")
        try history.overwrite(page: try #require(pages.last))
        let result = try salvage(history.path)
        let kept = try history.integers(result.path, "SELECT max(time) FROM hot")
        let loss = try #require(result.losses.first { $0.subject == nil })
        #expect(loss.start <= (kept.first ?? 0) + 1000)
        #expect(loss.end >= history.time(history.scans - 1))
        #expect(loss.text.contains(hasBeacon ? "were acknowledged" : "nothing says how far they went"))
    }

    @Test func aSpanOfAnImportWhoseTimesAreDamagedIsTold() throws {
        let history = try WrittenHistory(scratch.history, spans: 2)
        try history.change(
            "UPDATE scan_group SET imported = 1 WHERE id = 2; UPDATE span SET data = zeroblob(9) WHERE id = 2")
        let result = try salvage(history.path)
        let loss = try #require(result.losses.first { $0.subject == "C2/fast" })
        #expect(loss.start == history.time(0) && loss.end == history.time(119) + 1)
        #expect(loss.text == "120 scans whose times were damaged")
    }

    /// What to fill a table with, whose page then is damaged, and what is told.
    static let tables: [(table: String, fill: String, subject: String?, text: String)] = [
        (
            "hour",
            "INSERT INTO hour(tag, start, count, bad, good_ms) SELECT 1, (490000 + i) * 3600000, 5, 0, 9 FROM n",
            "C1.temp", "hourly roll-ups may be gone"
        ),
        (
            "day",
            """
            INSERT INTO day(tag, start, count, bad, good_ms, "end")
            SELECT 2, (18000 + i) * 86400000, 5, 0, 9, (18001 + i) * 86400000 FROM n
            """, "C1.flow", "daily roll-ups may be gone"
        ),
        (
            "rollup_due", "INSERT INTO rollup_due SELECT 3, (490000 + i) * 3600000 FROM n", "C1.total",
            "which hours were to be rolled up again is not known"
        ),
        (
            "event",
            "INSERT INTO event(t0, kind, text) SELECT 1767434400000 + i, 'annotation', hex(zeroblob(50)) FROM n", nil,
            "events are gone"
        ),
        ("mark", "INSERT INTO mark SELECT 'x' || i, hex(zeroblob(20)) FROM n", nil, "of mark are gone"),
        (
            "tag", "INSERT INTO tag(name, kind, type) SELECT 'Z' || i || hex(zeroblob(20)), 'analog', 'int16' FROM n",
            nil, "of tag are gone"
        ),
    ]

    @Test(arguments: 0..<tables.count)
    func holesOfOtherTablesAreTold(index: Int) throws {
        let (table, fill, subject, text) = SalvageHoleTests.tables[index]
        let history = try WrittenHistory(scratch.history, spans: 2)
        try history.change(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) \(fill)")
        try history.settle()
        let pages = try history.pages(of: table)
        try #require(pages.count > 4)
        try history.overwrite(page: pages[pages.count / 2])
        let result = try salvage(history.path)
        let losses = result.losses.filter { $0.table == table }
        #expect(losses.count == 1, "\(result.losses)")
        #expect(losses.first?.subject == subject && losses.first?.text.contains(text) == true, "\(losses)")
        #expect(result.losses.allSatisfy { $0.table == table }, "\(result.losses)")
        // An instant: it must not explain a gap in the readings.
        let told = try history.integers(
            result.path, "SELECT count(*) FROM event WHERE kind = 'salvaged' AND t0 = t1 AND text LIKE '%\(text)%'")
        #expect(told == [1])
    }

    /// Fourteen events were on the page, and its neighbours say when.
    @Test func lostEventsAreCountedAndPlaced() throws {
        let history = try WrittenHistory(scratch.history, spans: 2)
        try history.change(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
            INSERT INTO event(t0, kind, text) SELECT 1767434400000 + i, 'annotation', hex(zeroblob(130)) FROM n
            """)
        try history.settle()
        let all = try history.integers(history.path, "SELECT t0 FROM event WHERE kind = 'annotation'")
        let pages = try history.pages(of: "event")
        try history.overwrite(page: pages[pages.count / 2])
        let result = try salvage(history.path)
        let lost = Set(all).subtracting(
            try history.integers(result.path, "SELECT t0 FROM event WHERE kind = 'annotation'"))
        let loss = try #require(result.losses.first)
        #expect(loss.text == "at most \(lost.count) events are gone")
        #expect(lost.min().map { loss.start == $0 - 1 } == true && lost.max().map { loss.end == $0 + 2 } == true)
    }
}
