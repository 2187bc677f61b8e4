import Archive
import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// Readings in files of other programs.
@Suite struct ExportTests {
    static func text(_ rig: Rig, _ format: ExportFormat, _ tags: [String]? = nil) throws -> String {
        let reader = try rig.reader()
        let chosen = try reader.tags().filter { tags?.contains($0.name) ?? true }
        var bytes: [UInt8] = []
        try Export(reader, tags: chosen, from: .min, to: .max).write(format) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func rig() throws -> Rig {
        let rig = try Rig(
            try Plant.test([
                [
                    SlotSpec(name: "temp", type: .float32), SlotSpec(name: "flow", type: .int16, scale: 0.1),
                    SlotSpec(name: "lot", type: .string(registers: 8)), SlotSpec(name: "total", type: .uint64),
                ]
            ]))
        rig.scan(0, [.float(1451.2817), .int(734), .string("a \"b\",\nc"), .int(-1)])
        rig.clock.advance(milliseconds: 1500)
        rig.scan(0, [.bad(.timeout), .int(730), .string(""), .int(5)])
        rig.loop.pass()
        return rig
    }

    @Test func csvIsWhatAQueryPrints() throws {
        let expected = """
            time,tag,value,unit,quality
            2026-01-03T10:00:00.000Z,C1.flow,73.4,degC,good
            2026-01-03T10:00:01.500Z,C1.flow,73,degC,good
            2026-01-03T10:00:00.000Z,C1.lot,"a ""b"",
            c",degC,good
            2026-01-03T10:00:01.500Z,C1.lot,,degC,good
            2026-01-03T10:00:00.000Z,C1.temp,1451.2817,degC,good
            2026-01-03T10:00:01.500Z,C1.temp,,degC,bad:timeout
            2026-01-03T10:00:00.000Z,C1.total,18446744073709551615,degC,good
            2026-01-03T10:00:01.500Z,C1.total,5,degC,good

            """
        #expect(try Self.text(Self.rig(), .csv) == expected)
    }

    @Test func ndjsonIsAnObjectALine() throws {
        struct Line: Decodable, Equatable {
            var time: String
            var tag: String
            var unit: String
            var quality: String
        }
        let rig = try Self.rig()
        let lines = try Self.text(rig, .ndjson).split(separator: "\n")
        #expect(
            lines[0]
                == #"{"time":"2026-01-03T10:00:00.000Z","tag":"C1.flow","value":73.4,"unit":"degC","quality":"good"}"#)
        #expect(lines[2].contains(#""value":"a \"b\",\u000ac""#))
        #expect(lines[5].contains(#""value":null"#))
        #expect(lines[6].contains(#""value":18446744073709551615,"#))
        for line in lines { _ = try JSONDecoder().decode(Line.self, from: Data(line.utf8)) }
        #expect(lines.count == 8)
    }

    @Test func aRangeIsHalfOpenAndTagsAreChosen() throws {
        let rig = try Self.rig()
        let reader = try rig.reader()
        let tags = try reader.tags().filter { $0.name == "C1.flow" }
        let start = ImportRig.start
        var rows: [Int] = []
        for (from, to) in [(start, start + 1500), (start, start + 1501), (start + 1, start + 1500), (start, start)] {
            rows.append(try Export(reader, tags: tags, from: from, to: to).write(.csv) { _ in })
        }
        #expect(rows == [1, 2, 0, 0])
    }

    @Test func aPlainFileIsReadByAnySQLite() throws {
        let rig = try Self.rig()
        let reader = try rig.reader()
        let path = rig.scratch.path + "/plain.db"
        var told: [ExportProgress] = []
        let rows = try Export(reader, tags: reader.tags(), from: .min, to: .max).write(plainFile: path) {
            told.append($0)
        }
        #expect(rows == 8)
        #expect(told.last == ExportProgress(rows: 8, fraction: 1))
        #expect(
            try shell(path, "SELECT time, tag, typeof(value), value, unit, quality FROM history WHERE tag <> 'C1.lot'")
                == [
                    ["2026-01-03T10:00:00.000Z", "C1.flow", "real", "73.4", "degC", "good"],
                    ["2026-01-03T10:00:01.500Z", "C1.flow", "integer", "73", "degC", "good"],
                    ["2026-01-03T10:00:00.000Z", "C1.temp", "real", "1451.2817", "degC", "good"],
                    ["2026-01-03T10:00:01.500Z", "C1.temp", "null", "", "degC", "bad:timeout"],
                    ["2026-01-03T10:00:00.000Z", "C1.total", "text", "18446744073709551615", "degC", "good"],
                    ["2026-01-03T10:00:01.500Z", "C1.total", "integer", "5", "degC", "good"],
                ])
        #expect(
            try shell(path, "SELECT name, type, kind FROM tag ORDER BY id").map { $0[0] }
                == ["C1.flow", "C1.lot", "C1.temp", "C1.total"])
        #expect(
            try shell(path, "SELECT '<' || hex(value) || '>' FROM reading WHERE tag_id = 2")
                == [["<61202262222C0A63>"], ["<>"]])
    }

    @Test func twoReadingsOfOneMillisecondAreTwoRows() throws {
        let rig = try Self.rig()
        rig.clock.advance(milliseconds: -1500)
        rig.scan(0, [.float(7), .int(1), .string("x"), .int(1)])
        rig.loop.pass()
        let reader = try rig.reader()
        let path = rig.scratch.path + "/plain.db"
        try Export(reader, tags: reader.tags(), from: .min, to: .max).write(plainFile: path)
        #expect(
            try shell(
                path, "SELECT nth, value FROM reading JOIN tag ON id = tag_id WHERE name = 'C1.temp' ORDER BY time")
                == [["0", "1451.2817"], ["1", "7.0"], ["0", ""]])
    }

    /// Every type, with its extremes, and texts of all sorts: exported, imported elsewhere, and read.
    @Test(arguments: [3] as [UInt64])
    func anExportImportedAgainIsTheSame(_ seed: UInt64) throws {
        let types: [ValueType] = [
            .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .bcd16, .bcd32, .signmag16,
            .signmag32,
        ]
        var slots = types.map { SlotSpec(name: "t\($0)", type: $0) }
        slots += [
            SlotSpec(name: "scaled", type: .int16, scale: 0.1, offset: 5),
            SlotSpec(name: "fine", type: .int32, scale: 1e-4),
            SlotSpec(name: "half", type: .float32, scale: 0.5), SlotSpec(name: "text", type: .string(registers: 20)),
            SlotSpec(name: "phase", type: .uint16, states: [1: "melt", 2: "cast"]),
        ]
        let plant = try Plant.test([slots])
        let rig = try Rig(plant)
        var random = SeededRandom(seed: seed)
        let texts = [
            "", "plain", "a,b", "\"q\"", "line\nline\r\n", "°C µ €", "\u{0}\u{1}\u{7F}", " blank ", "-5", "true",
        ]
        for _ in 0..<900 {
            rig.scan(0, slots.map { Self.sample(of: $0, texts, &random) })
            rig.clock.advance(milliseconds: 1000)
        }
        rig.loop.pass()
        let exported = try Self.text(rig, .csv)
        let other = try ImportRig(plant)
        let staged = try other.stage(exported)
        let status = try other.run(staged)
        #expect(status.numbers == [900 * slots.count, 0, 0, 0])
        let here = try ImportKillTests.readings(rig.path)
        let there = try ImportKillTests.readings(other.rig.path)
        for (a, b) in zip(here, there) where a != b {
            Issue.record("seed \(seed): \(a) became \(b)")
            break
        }
        #expect(here.count == there.count)
        #expect(try Self.text(other.rig, .csv) == exported)
        // And once more, with tags that nobody knows.
        let third = try ImportRig(try Plant.small())
        var request = ImportRequest(files: [try third.file(exported.replacing(",C1.", with: ",Z."))])
        request.createsTags = true
        try third.run(try third.stage(request))
        let reader = (try rig.reader(), try third.rig.reader())
        for slot in slots {
            let known = try Self.values(reader.0, "C1.\(slot.name)")
            #expect(try Self.values(reader.1, "Z.\(slot.name)") == known, "seed \(seed): \(slot.name)")
        }
    }

    /// Times, qualities and decimals; 5 and 5.0 are the same one.
    private static func values(_ reader: HistoryReader, _ tag: String) throws -> [String] {
        let isDouble = try reader.tags().first { $0.name == tag }?.type == "float64"
        var found: [String] = []
        try reader.readings(tag: tag, from: .min, to: .max) { reading in
            let text = reading.exactText(isDouble: isDouble) ?? "none"
            let decimal = reading.number == nil || Int64(text) != nil ? nil : Double(text)
            found.append("\(reading.time) \(decimal.map { Tag.shown($0) } ?? text) \(reading.quality)")
        }
        return found
    }

    private static func sample(of slot: SlotSpec, _ texts: [String], _ random: inout SeededRandom) -> Sample {
        if random.chance(5) { return .bad(random.pick([.timeout, .outOfRange, Quality(rawValue: 200)])) }
        var sample: Sample
        let bits = random.next()
        switch slot.type {
        case .bool: sample = .int(Int64(bits & 1))
        case .string: sample = .string(random.pick(texts))
        case .float32:
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
            sample = .float(random.chance(50) || !value.isFinite || slot.scale != 1 ? Float(bits % 100_000) / 8 : value)
        case .float64:
            let value = Double(bitPattern: bits)
            sample = Sample(
                bits: (random.chance(50) || !value.isFinite ? Double(bits % 100_000) / 10 : value).bitPattern)
        case .int16: sample = .int(Int64(Int16(truncatingIfNeeded: bits)))
        case .uint16: sample = .int(Int64(UInt16(truncatingIfNeeded: bits)))
        case .int32: sample = .int(Int64(Int32(truncatingIfNeeded: bits)))
        case .uint32: sample = .int(Int64(UInt32(truncatingIfNeeded: bits)))
        case .int64, .uint64: sample = Sample(bits: bits)
        case .bcd16: sample = .int(Int64(bits % 10_000))
        case .bcd32: sample = .int(Int64(bits % 100_000_000))
        case .signmag16: sample = .int(Int64(bits % 0xFFFF) - 0x7FFF)
        case .signmag32: sample = .int(Int64(bits % 0xFFFF_FFFF) - 0x7FFF_FFFF)
        }
        if random.chance(5) { sample.quality = .stale }
        return sample
    }
}
