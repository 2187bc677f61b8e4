import Plant
import struct Plant.Tag
import TestSupport
import Testing

@testable import Archive

@Suite("Whole scans in the order in which they were complete")
struct ScanCursorTests {
    private static let tags: [Tag] = [
        tag(0, "c.big", .uint64), tag(1, "a.flow", .uint16, scale: 3, offset: 1), tag(2, "a.temp", .int32),
        tag(3, "b.on", .bool), tag(4, "c.name", .string(registers: 8)), tag(5, "gone", .bool),
    ]

    private static func tag(
        _ id: Int, _ name: String, _ type: ValueType, scale: Double = 1, offset: Double = 0
    ) -> Tag {
        Tag(
            id: id, name: name, localName: name, controller: 0, registers: nil, type: type, scale: scale,
            offset: offset, group: 0, slot: id)
    }

    @Test(arguments: 401...430 as ClosedRange<UInt64>)
    func areThoseOfTheRecorder(seed: UInt64) throws {
        let history = try RandomHistory(seed: seed)
        var random = SeededRandom(seed: seed)
        let archive = try history.fixture.archive()
        for _ in 0..<4 {
            let range = history.range(&random)
            let expected = expected(history, range)
            let cursor = try archive.scans(of: Self.tags, from: range.lowerBound, to: range.upperBound)
            #expect(try rest(cursor) == expected, "seed \(seed) in \(range)")
        }
    }

    /// Rows are sealed, moved and swept while a replay goes on.
    @Test(arguments: 431...445 as ClosedRange<UInt64>)
    func surviveThatTheirRowsMove(seed: UInt64) throws {
        let fixture = try HistoryFixture()
        try fixture.tag(1, "b.on", kind: "bool", type: .bool, stepped: true)
        try fixture.tag(2, "a.temp")
        for group in [1, 2] as [Int64] {
            try fixture.group(group, "G\(group)/fast")
            try fixture.layout(
                group, of: group, [FixtureSlot(tag: group, type: group == 1 ? .bool : .float32)])
        }
        var random = SeededRandom(seed: seed)
        var rows: [FixtureRow] = []
        for ordinal in 1...60 as ClosedRange<Int64> {
            let group = Int64(random.next() % 2) + 1
            rows.append(
                FixtureRow(
                    group: group, layout: group, time: ordinal * 10, sequence: UInt64(ordinal), ordinal: ordinal,
                    samples: [FixtureSample(bits: random.next() & 1)]))
        }
        // Of a history that is being upgraded, the first half is in the old table.
        let newestOld: Int64 = seed % 2 == 0 ? 30 : 0
        for row in rows { if row.ordinal <= newestOld { try fixture.old(row) } else { try fixture.hot(row) } }
        let archive = try fixture.archive()
        let cursor = try archive.scans(of: Self.tags, from: .min, to: .max)
        var found: [UInt64] = []
        var scan = RecordedScan(time: 0, group: "", tags: [])
        var sealed: [Int64: Int] = [1: 0, 2: 0]
        while try cursor.next(into: &scan) {
            found.append(scan.sequence)
            guard random.chance(30) else { continue }
            let group = Int64(random.next() % 2) + 1
            let own = rows.filter { $0.group == group }.dropFirst(sealed[group] ?? 0)
            let part = Array(own.prefix(Int(random.next() % 12)))
            sealed[group, default: 0] += part.count
            if random.chance(50) { try fixture.span(part) } else { for row in part { try fixture.waiting(row) } }
            if let last = part.last { try fixture.cut(group, last.ordinal) }
            if random.chance(50) {
                for row in part {
                    try fixture.execute("DELETE FROM hot WHERE ordinal = \(row.ordinal)")
                    try fixture.execute("DELETE FROM scans_1 WHERE id = \(row.ordinal)")
                }
            }
            // What another connection's commit does to the number that `renew` looks at.
            try cursor.renew(anyway: true)
        }
        #expect(found == Array(1...60), "seed \(seed)")
    }

    private func rest(_ cursor: ScanCursor) throws -> [Shown] {
        var found: [Shown] = []
        var scan = RecordedScan(time: 0, group: "", tags: [])
        while try cursor.next(into: &scan) { found.append(Shown(scan)) }
        return found
    }

    private func expected(_ history: RandomHistory, _ range: Range<Int64>) -> [Shown] {
        let rows = history.rows.filter { $0.group < 8 && range.contains($0.time) && $0.time >= history.horizon }
        return rows.sorted { $0.ordinal < $1.ordinal }.map { row in
            var shown = Shown(RecordedScan(time: row.time, group: "", tags: []))
            shown.group = history.fixture.groups[row.group]?.name ?? ""
            (shown.took, shown.sequence, shown.layout, shown.loss) = (row.took, row.sequence, row.layout, row.loss)
            let names = [1: "a.flow", 2: "a.temp", 3: "b.on", 5: "c.name", 7: "c.big"] as [Int64: String]
            for (index, slot) in (history.fixture.slots[row.layout] ?? []).enumerated() {
                guard let name = names[slot.tag], let tag = Self.tags.first(where: { $0.name == name }) else {
                    continue
                }
                shown.tags.append(tag.id)
                guard row.loss.isGood else { continue }
                let sample = row.samples[index]
                var reading = RecordedReading(tag: tag.id, quality: sample.quality, bits: 0, value: .nan)
                if !sample.quality.isBad {
                    if slot.type.isString {
                        reading.bits = UInt64(sample.text.utf8.count)
                        shown.texts[tag.id] = sample.text
                    } else {
                        reading.bits = sample.bits
                        reading.value = tag.type == slot.type ? tag.engineering(sample.bits) : slot.number(sample.bits)
                    }
                }
                shown.readings.append("\(reading)")
            }
            return shown
        }
    }

    /// NaN is not equal to itself; its text is.
    private struct Shown: Equatable {
        var time: Int64
        var took: Int64
        var group: String
        var layout: Int64
        var sequence: UInt64
        var loss: Quality
        var tags: [Tag.ID]
        var readings: [String]
        var texts: [Tag.ID: String]

        init(_ scan: borrowing RecordedScan) {
            (time, took, group, layout) = (scan.time, scan.took, scan.group, scan.layout)
            (sequence, loss, tags, texts) = (scan.sequence, scan.loss, scan.tags, scan.texts)
            readings = scan.readings.map { "\($0)" }
        }
    }
}
