import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// A plant of all types, and scans of it at random.
struct RandomScans {
    static let types: [ValueType] = [
        .bool, .int16, .uint16, .int64, .uint64, .bcd32, .signmag16, .float32, .float64, .string(registers: 12),
    ]
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    static func plant(groups: Int, periods: [Duration] = []) throws -> Plant {
        let slots = types.indices.map { SlotSpec(name: "t\($0)", type: types[$0]) }
        let plant = try Plant.test((0..<groups).map { _ in slots })
        guard !periods.isEmpty else { return plant }
        return Plant(
            name: plant.name, site: plant.site, timeZone: plant.timeZone, controllers: plant.controllers,
            groups: plant.groups.map { group in
                ScanGroup(
                    id: group.id, controller: group.controller, scan: group.scan, name: group.name,
                    period: periods[group.id], tags: group.tags)
            }, tags: plant.tags)
    }

    /// One scan of a group: values near each other, now and then a bad or doubtful one, now and then all lost.
    mutating func scan(_ group: Int, in rig: Rig) {
        if Int.random(in: 0..<40, using: &random) == 0 {
            rig.lose(group, .timeout)
            return
        }
        rig.scan(group, RandomScans.types.map { sample($0) })
    }

    private mutating func sample(_ type: ValueType) -> Sample {
        let qualities: [Quality] = [.frozen, .outOfRange, .exception(2), .notANumber]
        let quality =
            Int.random(in: 0..<60, using: &random) == 0 ? qualities.randomElement(using: &random) ?? .good : .good
        var sample: Sample
        switch type {
        case .bool: sample = .int(.random(in: 0...1, using: &random))
        case .int16, .signmag16: sample = .int(.random(in: -20...20, using: &random))
        case .uint64: sample = Sample(bits: .max - .random(in: 0...9, using: &random))
        case .int64: sample = .int(.min + .random(in: 0...9, using: &random))
        case .float32: sample = .float(Float(Int.random(in: 7000...7100, using: &random)) / 10)
        case .float64: sample = Sample(bits: Double.random(in: -1...1, using: &random).bitPattern)
        case .string:
            let texts = ["", "a,b", "\",", "\\", "x\u{1}\"y", "[1,2]", "Öfen"]
            sample = .string(texts.randomElement(using: &random) ?? "")
        default: sample = .int(.random(in: 0...9999, using: &random))
        }
        sample.quality = quality
        if quality.isBad { (sample.text, sample.bits) = (nil, 0) }
        return sample
    }
}

@Suite("Sealing rows into spans")
struct SealerTests {
    @Test(arguments: [31, 32] as [UInt64])
    func whatWasCommittedIsReadBackOutOfSpans(seed: UInt64) throws {
        let rig = try Rig(RandomScans.plant(groups: 2))
        var scans = RandomScans(seed: seed)
        // As the tables hold it before anything of it can be sealed.
        var expected: [String: [RawReader.Reading]] = [:]
        for round in 0..<1100 {
            rig.clock.advance(milliseconds: 1000)
            for group in 0..<2 { scans.scan(group, in: rig) }
            if round % 100 == 99 {
                rig.loop.pass()
                if round == 499 { expected = try RawReader(rig.path).readings }
            }
        }
        let found = try RawReader(rig.path)
        #expect(rig.board.status.sealedSpans == 2, "seed \(seed)")
        #expect(found.sealed > 0 && found.hot > 0, "seed \(seed)")
        for (tag, readings) in found.readings {
            let first = readings.prefix(500)
            #expect(Array(first) == expected[tag], "seed \(seed), \(tag)")
            #expect(readings.count == 1100, "seed \(seed), \(tag)")
            #expect(Set(readings.map(\.sequence)).count == 1100, "seed \(seed), \(tag)")
        }
        #expect(rig.board.status.sealedReadings == UInt64(found.sealed))
        #expect(try shell(rig.path, "PRAGMA integrity_check") == [["ok"]])
    }

    @Test func aSpanHasTheTargetOfItsGroup() throws {
        let rig = try Rig(.small())
        for _ in 0..<1000 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(0, [.float(1), .int(1)])
            rig.scan(1, [.int(1)])
            rig.loop.pass()
        }
        let targets = [SpanRule.target(of: 1), SpanRule.target(of: 2)]
        #expect(targets == [731, 862])
        #expect(
            try shell(rig.path, "SELECT scan_group, n, t1 - t0, last_ordinal - first_ordinal FROM span ORDER BY id")
                == [["1", "731", "730000", "1460"], ["2", "862", "861000", "1722"]])
        // Rows stay, hidden by the cut of their group, until a sweep takes them.
        let rows = try shell(rig.path, "SELECT count(*) FROM hot")
        #expect(rows == [[String(rig.board.status.hotRows)]] && rig.board.status.hotRows > 138 + 269)
        #expect(
            try shell(rig.path, "SELECT cut, longest_ms, sequence FROM scan_group ORDER BY id")
                == [["1461", "730000", "731"], ["1724", "861000", "862"]])
        #expect(try shell(rig.path, "SELECT count(*) FROM recent WHERE tag = 'C1.temp'") == [["269"]])
        #expect(rig.store.ledger.groups.values.map(\.entries.count).sorted() == [138, 269])
    }

    /// What must not share a span, and after which scan the span then ends.
    @Test(arguments: ["clock", "gap", "layout"])
    func aSpanEndsWhereItCannotGoOn(cause: String) throws {
        let scratch = try Scratch()
        var rig = try Rig(.small(), in: scratch)
        for _ in 0..<5 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(1)])
        }
        rig.loop.pass()
        #expect(rig.board.status.sealedSpans == 0)
        let now = rig.clock.now
        switch cause {
        case "clock": rig.clock.advance(milliseconds: -3000)
        case "gap": rig.clock.advance(milliseconds: SpanRule.gap + 1)
        default:
            rig.stop()
            rig = try Rig(.test([[], [SlotSpec(name: "level", type: .int32)]]), in: scratch, after: 60_000)
        }
        rig.scan(1, [.int(2)])
        rig.loop.pass()
        #expect(try shell(rig.path, "SELECT scan_group, n, t1 FROM span") == [["2", "5", "\(now)"]], "\(cause)")
        #expect(try RawReader(rig.path).readings["C2.level"]?.count == 6, "\(cause)")
    }

    @Test func ofSeveralBreaksEachEndsASpan() throws {
        let rig = try Rig(.small())
        rig.clock.advance(milliseconds: 600_000)
        for value in 0..<20 {
            rig.clock.advance(milliseconds: value % 5 == 4 ? -60_000 : 1000)
            rig.scan(1, [.int(Int64(value))])
        }
        rig.loop.pass()
        #expect(
            try shell(rig.path, "SELECT n, last_ordinal FROM span ORDER BY id")
                == [["4", "4"], ["5", "9"], ["5", "14"], ["5", "19"]])
        #expect(rig.store.ledger.groups[2]?.entries.map(\.ordinal) == [20])
    }

    @Test func whatWaitsIsSealedBeforeWhatCameLater() throws {
        let rig = try Rig(.small())
        for value in 0..<900 {
            // Fifty minutes of silence after the first hundred: they go to `waiting` meanwhile.
            for _ in 0..<(value == 100 ? 50 : 0) {
                rig.clock.advance(milliseconds: 60_000)
                rig.loop.pass()
            }
            rig.clock.advance(milliseconds: 1000)
            rig.scan(0, [.float(Float(value)), .int(0)])
            if value % 10 == 9 { rig.loop.pass() }
        }
        #expect(
            try shell(rig.path, "SELECT n, first_sequence FROM span ORDER BY id") == [["100", "1"], ["731", "101"]])
        #expect(try RawReader(rig.path).readings["C1.temp"]?.map(\.sequence) == Array(1...900))
    }

    @Test func anHourIsNoGapForAGroupThatIsReadOnceAnHour() throws {
        let plant = try RandomScans.plant(groups: 1, periods: [.seconds(3600)])
        let rig = try Rig(plant)
        var scans = RandomScans(seed: 3)
        for _ in 0..<4 {
            rig.clock.advance(milliseconds: 3_600_500)
            scans.scan(0, in: rig)
            rig.loop.pass()
        }
        #expect(rig.board.status.sealedSpans == 0)
        #expect(try RawReader(rig.path).waiting > 0)
    }

    @Test func aWideGroupIsSealedInShorterSpans() {
        #expect(SpanRule.target(of: 1, width: 10) == SpanRule.target(of: 1))
        #expect(SpanRule.target(of: 1, width: 1000) == 262)
        #expect(SpanRule.target(of: 1, width: 1 << 20) == 1)
        for group in 1...2000 as ClosedRange<Int64> { #expect((600...900).contains(SpanRule.target(of: group))) }
    }

    @Test func theLedgerIsTheSameAfterAKill() throws {
        let scratch = try Scratch()
        let plant = try RandomScans.plant(groups: 3)
        var scans = RandomScans(seed: 5)
        let rig = try Rig(plant, in: scratch)
        for round in 0..<900 {
            rig.clock.advance(milliseconds: round == 400 ? -5000 : 1000)
            for group in 0..<3 where group < 2 || round % 7 == 0 { scans.scan(group, in: rig) }
            if round % 50 == 49 { rig.loop.pass() }
        }
        let before = rig.store.ledger
        let copy = try copyOfFiles(rig.path)
        let after = try HistoryStore(path: copy.history, plant: plant, time: rig.clock.now, beginsRun: true).ledger
        #expect(after.newestOrdinal == before.newestOrdinal && after.hotRows == before.hotRows)
        for (group, unsealed) in before.groups {
            #expect(after.groups[group]?.entries == unsealed.entries, "group \(group)")
            #expect(after.groups[group]?.waiting == unsealed.waiting, "group \(group)")
            #expect(after.groups[group]?.firstBreak == unsealed.firstBreak, "group \(group)")
            #expect(after.groups[group]?.newestSequence == unsealed.newestSequence, "group \(group)")
        }
    }

    @Test func aStopSealsNothing() throws {
        let rig = try Rig(.small())
        for _ in 0..<900 {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(1)])
        }
        rig.stop()
        #expect(try shell(rig.path, "SELECT count(*) FROM span") == [["0"]])
    }
}
