import Plant
import struct Plant.Tag

@testable import Watch

/// A cell with a voltage, a current, and what is computed from them and from a slow thermometer of another controller.
enum ComputedPlant {
    static let voltage = 0
    static let current = 1
    static let resistance = 2
    static let corrected = 3
    static let temperature = 4
    static let overload = 5
    static let period: Duration = .seconds(10)
    static let timeout: Duration = .seconds(2)
    /// Of the thermometer: three of its periods and its timeout.
    static let stale: Duration = .seconds(32)

    static func plant(
        range: ClosedRange<Double>? = -1000...1000, clamps: Bool = false, stuckAfter: Duration? = nil
    ) -> Plant {
        let pseudoResistance = Formula.Node.divide(
            .subtract(.tag(voltage), .number(1.6)), .tag(current))
        let rules = TagRules(clamps: clamps, stuckAfter: stuckAfter)
        return Plant(
            name: "Cells", site: "T", timeZone: "UTC",
            controllers: [
                Controller(id: 0, name: "E-01", endpoint: Endpoint(host: "127.0.0.1", port: 502), unit: 1),
                Controller(
                    id: 1, name: "T-01", endpoint: Endpoint(host: "127.0.0.1", port: 503), unit: 1, timeout: timeout),
            ],
            groups: [
                ScanGroup(
                    id: 0, controller: 0, scan: "fast", name: "E-01/fast", period: .seconds(1), tags: [0, 1, 2, 3]),
                ScanGroup(id: 1, controller: 1, scan: "slow", name: "T-01/slow", period: period, tags: [4]),
                ScanGroup(
                    id: 2, controller: 0, scan: "@", name: "@group/E-01/fast", period: .seconds(10), tags: [5],
                    diagnoses: .group(0)),
            ],
            tags: [
                read(voltage, "E-01.u", 0, 0, .float32, 0), read(current, "E-01.i", 0, 0, .int16, 1, scale: 0.1),
                Tag(
                    id: resistance, name: "E-01.r", localName: "r", controller: 0, registers: nil, type: .float64,
                    range: range, rules: rules, formula: Formula(text: "(u - 1.6) / i", root: pseudoResistance),
                    group: 0, slot: 2),
                Tag(
                    id: corrected, name: "E-01.c", localName: "c", controller: 0, registers: nil, type: .float64,
                    formula: Formula(
                        text: "r0 * t", root: .multiply(pseudoResistance, .tag(temperature))), group: 0, slot: 3),
                read(temperature, "T-01.t", 1, 1, .float64, 0),
                Tag(
                    id: overload, name: "@group/E-01/fast.overload_pct", localName: "overload_pct", controller: 0,
                    registers: nil, type: .float32, diagnostic: .overload, group: 2, slot: 0),
            ],
            alarms: [
                AlarmDefinition(
                    id: 0, name: "high:E-01.r", rule: "high", tag: resistance,
                    detector: .levels(Levels([AlarmLimit(level: .high, limit: 5, priority: .high)], isAbove: true)),
                    qualification: Qualification(maxGap: .seconds(3))),
                AlarmDefinition(
                    id: 1, name: "comms:E-01", rule: "comms", tag: nil, detector: .comms(0, priority: .high),
                    qualification: Qualification(maxGap: .zero)),
                AlarmDefinition(
                    id: 2, name: "late-scans:E-01/fast", rule: "late-scans", tag: overload,
                    detector: .levels(Levels([AlarmLimit(level: .high, limit: 5, priority: .low)], isAbove: true)),
                    qualification: Qualification(maxGap: .seconds(30))),
            ])
    }

    private static func read(
        _ id: Int, _ name: String, _ controller: Int, _ group: Int, _ type: ValueType, _ slot: Int, scale: Double = 1
    ) -> Tag {
        Tag(
            id: id, name: name, localName: String(name.dropFirst(5)), controller: controller,
            registers: RegisterRange(table: .holding, start: slot * 4, count: type.registers), type: type, scale: scale,
            group: group, slot: slot)
    }

    static func voltage(_ value: Float, _ quality: Quality = .good) -> RawReading {
        RawReading(bits: quality.isBad ? 0 : UInt64(value.bitPattern), slot: 0, quality: quality)
    }

    /// - Parameter tenths: of an ampere.
    static func current(_ tenths: Int64, _ quality: Quality = .good) -> RawReading {
        RawReading(bits: quality.isBad ? 0 : UInt64(bitPattern: tenths), slot: 1, quality: quality)
    }

    static func temperature(_ value: Double, _ quality: Quality = .good) -> RawReading {
        RawReading(bits: quality.isBad ? 0 : value.bitPattern, slot: 0, quality: quality)
    }
}

extension Rig {
    /// A scan of the cell in two blocks, as its line publishes it: the third is the watch's.
    func cell(_ sequence: UInt64, _ voltage: RawReading, _ current: RawReading) {
        block(0, sequence: sequence, [voltage], block: 0, blocks: 3)
        block(0, sequence: sequence, [current], block: 1, blocks: 3)
    }

    func number(_ tag: Int) -> Double? {
        shared.latest[tag].quality.isBad ? nil : Double(bitPattern: shared.latest[tag].bits)
    }
}
