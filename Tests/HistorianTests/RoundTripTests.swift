import Archive
import Foundation
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite("What goes in comes out, bit for bit")
struct RoundTripTests {
    /// Each type with its extremes, and the text a person should see.
    static let values: [(ValueType, Sample, String)] = [
        (.bool, .int(1), "1"),
        (.int16, .int(-32768), "-32768"),
        (.uint16, .int(65535), "65535"),
        (.int32, .int(Int64(Int32.min)), "-2147483648"),
        (.uint32, .int(Int64(UInt32.max)), "4294967295"),
        (.int64, .int(.min), "-9223372036854775808"),
        (.int64, .int(9_007_199_254_740_993), "9007199254740993"),
        (.uint64, Sample(bits: .max), "18446744073709551615"),
        (.uint64, .int(.max), "9223372036854775807"),
        (.float32, .float(1502.3), "1502.3"),
        (.float32, .float(-.greatestFiniteMagnitude), "-3.4028235e+38"),
        (.float32, .float(.leastNonzeroMagnitude), "1e-45"),
        (.float32, .float(0.1), "0.1"),
        (.float64, Sample(bits: Double.pi.bitPattern), "3.141592653589793"),
        (.bcd16, .int(9999), "9999"), (.bcd32, .int(99_999_999), "99999999"),
        (.signmag16, .int(-32767), "-32767"), (.signmag32, .int(-2_147_483_647), "-2147483647"),
        (.float64, Sample(bits: (0.1 + 0.2).bitPattern), "0.30000000000000004"),
        (.float64, Sample(bits: Double(-1e300).bitPattern), "-1e+300"),
        (.string(registers: 10), .string("Öfen \"7\"\\"), "Öfen \"7\"\\"),
        (
            .string(registers: 20), .string("a longer text than one cell can hold"),
            "a longer text than one cell can hold"
        ),
    ]

    @Test func throughTheReader() throws {
        let slots = Self.values.enumerated().map { SlotSpec(name: "t\($0.offset)", type: $0.element.0) }
        let rig = try Rig(.test([slots]))
        rig.scan(0, Self.values.map(\.1))
        rig.loop.pass()
        for (slot, (type, sample, text)) in Self.values.enumerated() {
            let found = try rig.readings("C1.t\(slot)")
            try #require(found.count == 1)
            #expect(found[0].text == text)
            #expect(found[0].time == rig.clock.now)
            #expect(found[0].quality == .good)
            switch type {
            case .float32, .float64: #expect(found[0].number?.bitPattern == type.rawNumber(sample.bits).bitPattern)
            case .string: #expect(found[0].number == nil)
            case .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bcd16, .bcd32, .signmag16, .signmag32:
                #expect(found[0].number == type.rawNumber(sample.bits))
            }
        }
    }

    @Test func throughThePlainShell() throws {
        let slots = Self.values.enumerated().map { SlotSpec(name: "t\($0.offset)", type: $0.element.0) }
        let rig = try Rig(.test([slots]))
        rig.scan(0, Self.values.map(\.1))
        rig.loop.pass()
        rig.stop()
        for (slot, (type, sample, text)) in Self.values.enumerated() {
            let rows = try shell(
                rig.path,
                """
                SELECT time, value, typeof(value), quality,
                    CASE typeof(value) WHEN 'real' THEN hex(ieee754_to_blob(value)) END
                FROM recent WHERE tag = 'C1.t\(slot)'
                """)
            try #require(rows.count == 1)
            #expect(rows[0][0] == String(rig.clock.now))
            #expect(rows[0][3] == "good")
            switch type {
            case .float32:
                let bits = try #require(UInt64(rows[0][4], radix: 16))
                #expect(Float(Double(bitPattern: bits)).bitPattern == UInt32(sample.bits))
            case .float64:
                #expect(UInt64(rows[0][4], radix: 16) == sample.bits)
            case .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bcd16, .bcd32, .signmag16, .signmag32,
                .string:
                #expect(rows[0][1] == text)
            }
        }
    }

    @Test func scaledValuesAreTheSameDoublesForAll() throws {
        let plant = try Plant.test([
            [
                SlotSpec(name: "a", type: .int16, scale: 0.1, offset: -40),
                SlotSpec(name: "b", type: .uint64, scale: 0.001),
                SlotSpec(name: "c", type: .float64, scale: 1.8, offset: 32),
            ]
        ])
        let rig = try Rig(plant)
        var random = SeededRandom(seed: 11)
        var sent: [[Double]] = []
        for _ in 0..<200 {
            let samples = [
                Sample.int(Int64.random(in: -32768...32767, using: &random)),
                Sample(bits: .random(in: 0...(1 << 60), using: &random)),
                Sample(bits: Double.random(in: -1e6...1e6, using: &random).bitPattern),
            ]
            sent.append(zip(plant.tags, samples).map { $0.engineering($1.bits) })
            rig.scan(0, samples)
            rig.clock.advance(milliseconds: 1000)
        }
        rig.loop.pass()
        rig.stop()
        for (slot, name) in ["C1.a", "C1.b", "C1.c"].enumerated() {
            let expected = sent.map { $0[slot].bitPattern }
            #expect(try rig.readings(name).compactMap { $0.number?.bitPattern } == expected, "seed 11")
            let rows = try shell(
                rig.path, "SELECT hex(ieee754_to_blob(value)) FROM recent WHERE tag = '\(name)' ORDER BY time")
            #expect(rows.compactMap { UInt64($0[0], radix: 16) } == expected, "seed 11")
        }
    }

    /// Random scans of all types and qualities, in blocks and out of order, with losses: the reader and the shell must
    /// both tell exactly what was published.
    @Test(arguments: [UInt64(21), 22, 23])
    func randomScans(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let types: [ValueType] = [
            .bool, .int16, .uint32, .int64, .uint64, .bcd32, .signmag16, .float32, .float64, .string(registers: 12),
        ]
        let plant = try Plant.test((0..<3).map { _ in types.indices.map { SlotSpec(name: "t\($0)", type: types[$0]) } })
        let rig = try Rig(plant)
        var sent: [String: [String]] = [:]
        for _ in 0..<150 {
            rig.clock.advance(milliseconds: .random(in: 1...2000, using: &random))
            let group = Int.random(in: 0..<3, using: &random)
            if Int.random(in: 0..<10, using: &random) == 0 {
                rig.lose(group, .timeout)
                for slot in types.indices {
                    sent["C\(group + 1).t\(slot)", default: []].append("\(rig.clock.now) nil bad:timeout")
                }
                continue
            }
            let samples = types.map { Self.sample($0, &random) }
            let sequence = rig.next[group]
            rig.next[group] += 1
            for block in [0, 1].shuffled(using: &random) {
                let part = samples.enumerated().filter { $0.offset % 2 == block }
                rig.publish(
                    group: group, sequence: sequence,
                    Dictionary(uniqueKeysWithValues: part.map { ($0.offset, $0.element) }), block: block, blocks: 2)
            }
            for (slot, sample) in samples.enumerated() {
                let text = sample.quality.isBad ? nil : Self.text(sample, types[slot])
                sent["C\(group + 1).t\(slot)", default: []].append(
                    "\(rig.clock.now) \(text ?? "nil") \(sample.quality)")
            }
            if Int.random(in: 0..<5, using: &random) == 0 { rig.loop.pass() }
        }
        rig.loop.pass()
        for (tag, expected) in sent {
            let found = try rig.readings(tag).map { "\($0.time) \($0.text ?? "nil") \($0.quality)" }
            #expect(found == expected, "seed \(seed), \(tag)")
            let rows = try shell(
                rig.path, "SELECT time, typeof(value), quality FROM recent WHERE tag = '\(tag)' ORDER BY time")
            let qualities = expected.map { $0.split(separator: " ").last.map(String.init) }
            #expect(rows.map { Optional($0[2]) } == qualities, "seed \(seed), \(tag)")
        }
    }

    private static func sample(_ type: ValueType, _ random: inout SeededRandom) -> Sample {
        let qualities: [Quality] = [.good, .good, .good, .good, .frozen, .outOfRange, .exception(2)]
        let quality = qualities.randomElement(using: &random) ?? .good
        var sample =
            switch type {
            case .bool: Sample.int(.random(in: 0...1, using: &random))
            case .int16: Sample.int(.random(in: -32768...32767, using: &random))
            case .uint16: Sample.int(.random(in: 0...65535, using: &random))
            case .int32: Sample.int(Int64(Int32.random(in: .min ... .max, using: &random)))
            case .uint32: Sample.int(Int64(UInt32.random(in: .min ... .max, using: &random)))
            case .bcd16: Sample.int(.random(in: 0...9999, using: &random))
            case .bcd32: Sample.int(.random(in: 0...99_999_999, using: &random))
            case .signmag16: Sample.int(.random(in: -32767...32767, using: &random))
            case .signmag32: Sample.int(.random(in: -0x7FFF_FFFF...0x7FFF_FFFF, using: &random))
            case .int64, .uint64: Sample(bits: .random(in: .min ... .max, using: &random))
            case .float32: Sample.float(Float(bitPattern: .random(in: 0...0x7F7F_FFFF, using: &random)))
            case .float64: Sample(bits: .random(in: 0...0x7FEF_FFFF_FFFF_FFFF, using: &random))
            case .string:
                Sample.string(String(repeating: "x\\", count: .random(in: 0...12, using: &random)))
            }
        sample.quality = quality
        if quality.isBad { sample.text = nil }
        return sample
    }

    private static func text(_ sample: Sample, _ type: ValueType) -> String {
        type.isString ? String(decoding: sample.text ?? [], as: UTF8.self) : type.rawText(sample.bits)
    }
}
