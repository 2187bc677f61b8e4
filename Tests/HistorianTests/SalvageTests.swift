import Archive
import Foundation
import Plant
import Store
import TestSupport
import Testing

import struct Archive.StoredReading

@testable import Historian

extension WrittenHistory {
    /// Everything that the archive reads of each tag, or the error that it ends with.
    static func everything(_ path: String) throws -> [String: [StoredReading]] {
        let connection = try PlainConnection.reader(path).0
        let archive = try Archive(connection.handle)
        var found: [String: [StoredReading]] = [:]
        for tag in try archive.tags() {
            let cursor = try archive.readings(of: tag, from: 0, to: .max)
            var readings: [StoredReading] = []
            while let reading = try cursor.next() { readings.append(reading) }
            found[tag.name] = readings
        }
        return found
    }

    /// The pages of a table or index, other than its root.
    func pages(of table: String) throws -> [Int] {
        let lines = try Program(
            "/usr/bin/sqlite3",
            ["-readonly", path, "SELECT pageno FROM dbstat WHERE name = '\(table)' AND pagetype = 'leaf'"]
        ).exit()
        guard lines.status == 0 else { throw TestFailure(lines.errors) }
        return lines.output.split(separator: "\n").compactMap { Int($0) }
    }

    /// All commits into the main file, where bytes can be changed.
    func settle() throws { try change("PRAGMA wal_checkpoint(TRUNCATE)") }

    func overwrite(page: Int, with byte: UInt8 = 0xAA) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in ((page - 1) * 4096)..<(page * 4096) { bytes[index] = byte }
        try bytes.write(to: URL(fileURLWithPath: path))
    }
}

@Suite("Salvage")
struct SalvageTests {
    let scratch: Scratch
    let clock = HandClock()

    init() throws { scratch = try Scratch() }

    private func history(spans: Int = 40, spanScans: Int = 120) throws -> WrittenHistory {
        let history = try WrittenHistory(scratch.history, spans: spans, spanScans: spanScans)
        try history.settle()
        return history
    }

    /// Rows stay in `hot` for minutes after they were sealed. Without their span they are what is left.
    @Test func rowsWhoseSpanIsGoneAreShownAgain() throws {
        let history = try history(spans: 4)
        // Of both groups the newest span, and what came between it and the newest rows.
        try history.change(
            """
            DELETE FROM chunk WHERE key & ((1 << 36) - 1) > 6; DELETE FROM span WHERE id > 6; DELETE FROM waiting
            """)
        let result = try Salvage(path: history.path).run(clock: clock)
        let sealed = history.spans * history.spanScans
        let times = try WrittenHistory.everything(result.path)["C1.temp"]?.map(\.time) ?? []
        for scan in (sealed - 5)..<sealed { #expect(times.contains(history.time(scan)), "scan \(scan)") }
        #expect(!times.contains(history.time(sealed - 6)))
        // The rest is told.
        #expect(result.losses.contains { $0.subject == "C1/fast" && $0.start <= history.time(sealed - 6) })
        #expect(try Verify(path: result.path, depth: .whole).history().findings == [])
    }

    /// A bit of a row's key changed: the row lies where a search does not expect it, and those behind it are still there.
    @Test func aKeyThatChangedCostsItsRowAlone() throws {
        let history = try history(spans: 2)
        let keys = try history.integers(history.path, "SELECT id FROM hot ORDER BY id")
        let stray = keys[keys.count / 3]
        var bytes = try Data(contentsOf: URL(fileURLWithPath: history.path))
        let place = try #require(bytes.range(of: Data(Self.varint(stray))))
        bytes[place.lowerBound + 1] |= 0x10
        try bytes.write(to: URL(fileURLWithPath: history.path))
        let result = try Salvage(path: history.path).run(clock: clock)
        #expect(try history.integers(result.path, "SELECT id FROM hot ORDER BY id") == keys.filter { $0 != stray })
        #expect(!result.losses.isEmpty)
    }

    /// How SQLite writes a number of 9 bytes ("Database File Format", 1.6).
    private static func varint(_ number: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (57 - 7 * Int64($0)) & 0x7F) | 0x80 }
            + [UInt8(truncatingIfNeeded: number)]
    }

    @Test func aSoundHistoryIsCopiedWhole() throws {
        let history = try history(spans: 4)
        let before = try WrittenHistory.everything(history.path)
        let result = try Salvage(path: history.path).run(clock: clock)
        #expect(result.path == history.path + ".salvaged")
        #expect(result.aside == nil)
        #expect(result.losses == [])
        #expect(result.kept["span"] == 8 && result.kept["chunk"] == 20 && result.kept["waiting"] == 20)
        #expect(result.kept["hot"] == 50)
        #expect(try WrittenHistory.everything(result.path) == before)
        #expect(try Verify(path: result.path, depth: .whole).history().findings == [])
        // The damaged one is untouched, and still the one in use.
        #expect(try WrittenHistory.everything(history.path) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).contains("history.db"))
    }

    @Test func everyTableIsCopied() throws {
        let history = try history(spans: 2)
        try history.change(
            """
            INSERT INTO mark(name, value) VALUES ('time_zone', 'Asia/Tokyo'), ('raw_from', 5);
            INSERT INTO hour(tag, start, count, bad, min, good_ms) VALUES (1, 0, 5, 0, 1.5, 9), (5, 3600000, 1, 2, NULL, 3);
            INSERT INTO day(tag, start, count, bad, good_ms, "end") VALUES (2, 0, 5, 0, 9, 82800000);
            INSERT INTO rollup_due VALUES (1, 7200000), (2, 0);
            INSERT INTO quality(code, name) VALUES (200, 'bad:other');
            INSERT INTO event(t0, kind, subject, author, text, attrs) VALUES (7, 'annotation', 'x', 'y', 'z', '{}')
            """)
        let before = try CareYard.content(history.path)
        let result = try Salvage(path: history.path).run(clock: clock)
        let after = try CareYard.content(result.path)
        let added = Set(after).subtracting(before)
        #expect(Set(before).subtracting(after) == [])
        #expect(added.count == 1 && added.allSatisfy { $0.hasPrefix("event: ") })
    }

    /// A page of chunks is overwritten: what it held is bad afterwards, everything else is as it was.
    @Test(arguments: [0, 3, 7])
    func aDamagedPageOfChunksTakesNoOtherWithIt(number: Int) throws {
        let history = try history()
        let before = try WrittenHistory.everything(history.path)
        let pages = try history.pages(of: "chunk")
        try history.overwrite(page: pages[number * pages.count / 8])
        #expect(throws: (any Error).self) { try WrittenHistory.everything(history.path) }
        let result = try Salvage(path: history.path).run(clock: clock)
        let lost = 200 - (result.kept["chunk"] ?? 0)
        #expect(lost > 0 && lost < 60)
        #expect(!result.losses.isEmpty)
        let after = try WrittenHistory.everything(result.path)
        var bad = 0
        for (tag, readings) in before {
            let found = after[tag] ?? []
            #expect(found.map(\.time) == readings.map(\.time))
            for (reading, found) in zip(readings, found) where reading != found {
                bad += 1
                #expect(found.quality == .localFault)
                #expect(result.losses.contains { $0.subject == tag && $0.start <= found.time && found.time < $0.end })
            }
        }
        #expect(bad <= lost * 120 && bad > (lost - 1) * 100)
        #expect(try Verify(path: result.path, depth: .whole).history().findings == [])
    }

    /// Pages of spans: the scans are gone, and the holes are told by group.
    @Test(arguments: [[0], [2], [1, 3], [0, 1, 2, 3, 4]])
    func damagedPagesOfSpansLeaveHolesThatAreTold(numbers: [Int]) throws {
        let history = try history(spans: 300, spanScans: 8)
        let before = try WrittenHistory.everything(history.path)
        let pages = try history.pages(of: "span")
        try #require(pages.count > 6)
        for number in numbers { try history.overwrite(page: pages[number]) }
        let result = try Salvage(path: history.path).run(clock: clock)
        let kept = result.kept["span"] ?? 0
        #expect(kept < 600 && kept > 100)
        let after = try WrittenHistory.everything(result.path)
        for (tag, readings) in before {
            let found = Set(after[tag] ?? [])
            #expect(found.isSubset(of: readings))
            let group = tag.hasPrefix("C1") ? "C1/fast" : "C2/fast"
            for missing in readings where !found.contains(missing) && numbers != [0] && numbers.count < 5 {
                #expect(
                    result.losses.contains {
                        $0.subject == group && $0.start <= missing.time && missing.time < $0.end
                    })
            }
        }
        #expect(try Verify(path: result.path, depth: .whole).history().findings == [])
    }

    @Test func aDamagedPageOfRowsTakesNoOtherWithIt() throws {
        let history = try WrittenHistory(scratch.history, spans: 1, spanScans: 4, hot: 600)
        try history.settle()
        let pages = try history.pages(of: "hot")
        try #require(pages.count > 4)
        for page in [pages[1], pages[3]] { try history.overwrite(page: page) }
        let result = try Salvage(path: history.path).run(clock: clock)
        let rows = (result.kept["hot"] ?? 0)
        #expect(rows < 1210 && rows > 1210 * (pages.count - 3) / pages.count)
        #expect(try Verify(path: result.path, depth: .whole).history().findings == [])
        #expect(result.losses.allSatisfy { $0.subject == "C1/fast" || $0.subject == "C2/fast" })
    }

    @Test func inPlaceTheDamagedFileIsMovedAside() throws {
        let history = try history(spans: 4)
        try history.change("UPDATE chunk SET crc = crc + 1 WHERE key = 1 << 36 | 3")
        var salvage = Salvage(path: history.path)
        salvage.isInPlace = true
        let result = try salvage.run(clock: clock)
        let aside = try #require(result.aside)
        #expect(result.path == history.path)
        #expect(result.losses.map(\.subject) == ["C1.temp"])
        #expect(result.losses.first?.start == history.time(120))
        #expect(result.losses.first?.end == history.time(239) + 1)
        #expect(try Verify(path: aside + "/history.db", depth: .quick).history().findings.map(\.kind) == [.damaged])
        #expect(try history.verify().findings == [])
        #expect(try history.verify().counts.events == 3)
    }

    @Test func whatTheLogLostIsToldToo() throws {
        let history = try history(spans: 1)
        #expect(BeaconFile(of: history.path).write(Beacon(ordinal: 100_000, time: history.time(1000))))
        let result = try Salvage(path: history.path).run(clock: clock)
        #expect(result.losses.map(\.subject) == [nil])
        #expect(result.losses.first?.end == history.time(1000) + 1)
    }

    @Test func aRunningDaemonOrAFileInTheWayIsRefused() throws {
        let history = try history(spans: 1)
        let lock = try FileLock(guarding: history.path)
        #expect(throws: StoreError.held(path: history.path, pid: getpid())) {
            try Salvage(path: history.path).run(clock: clock)
        }
        lock.release()
        try Data("mine".utf8).write(to: URL(fileURLWithPath: history.path + ".salvaged"))
        #expect(throws: StoreError.self) { try Salvage(path: history.path).run(clock: clock) }
        #expect(try String(contentsOfFile: history.path + ".salvaged", encoding: .utf8) == "mine")
    }

    @Test func stretchesThatTouchBecomeOne() {
        func loss(_ subject: String?, _ start: Int64, _ end: Int64) -> Salvage.Loss {
            Salvage.Loss(subject: subject, start: start, end: end, text: "")
        }
        let merged = Salvage.merged([
            loss("b", 0, 10), loss("a", 20, 30), loss("a", 0, 10), loss("a", 10, 20), loss("a", 40, 50),
            loss(nil, 5, 6),
        ])
        #expect(merged == [loss(nil, 5, 6), loss("a", 0, 30), loss("a", 40, 50), loss("b", 0, 10)])
    }
}
