import Plant

@testable import Detection

/// The rest of a plant, for one detector.
struct World: Surroundings {
    var samples: [Int: Sample] = [:]
    var alarms: Set<Int> = []
    var products: [ProductSource: String] = [:]

    func sample(_ tag: Int) -> Sample { samples[tag] ?? .none }
    func isIn(_ alarm: Int) -> Bool { alarms.contains(alarm) }
    func product(_ source: ProductSource) -> String? { products[source] }

    mutating func set(_ tag: Int, _ value: Double, at time: Int64, _ quality: Quality = .good) {
        samples[tag] = Sample(time: time, value: value, quality: quality)
    }
}

/// One detector under test, with what the alarm engine remembers for it. Its own tag is 0; times are milliseconds.
struct Trial {
    let definition: AlarmDefinition
    var memory: DetectorMemory
    var world = World()
    var previous: AlarmLevel?

    init(_ detector: Detector, maxGap: Int64 = 10_000) {
        definition = AlarmDefinition(
            id: 0, name: "x:T", rule: "x", tag: 0, detector: detector,
            qualification: Qualification(maxGap: .milliseconds(maxGap)))
        memory = DetectorMemory(definition)
    }

    init(_ test: Detector.Test, maxGap: Int64 = 10_000) { self.init(.test(test, priority: .high), maxGap: maxGap) }

    @discardableResult
    mutating func take(_ time: Int64, _ value: Double, _ quality: Quality = .good, bits: UInt64 = 0) -> Finding {
        take(Sample(time: time, value: value, quality: quality, bits: bits))
    }

    @discardableResult
    mutating func take(_ sample: Sample) -> Finding {
        world.samples[0] = sample
        let finding = memory.find(definition, sample, after: previous, world)
        // As the engine does: not knowing changes nothing.
        if finding.verdict != .unknown { previous = finding.verdict.level }
        return finding
    }

    /// The verdicts on samples one period apart; `nil` is a sample that could not be read.
    mutating func take(_ values: [Double?], period: Int64, from start: Int64 = 0) -> [Verdict] {
        values.enumerated().map { index, value in
            take(start + Int64(index) * period, value ?? .nan, value == nil ? .timeout : .good).verdict
        }
    }

    mutating func look(_ time: Int64) -> Finding? {
        let finding = memory.look(definition, at: time)
        if let finding, finding.verdict != .unknown { previous = finding.verdict.level }
        return finding
    }

    var due: Int64? { memory.due(definition) }
}

extension Verdict {
    static let high = Verdict.alarm(.high)
    static let highHigh = Verdict.alarm(.highHigh)
    static let fault = Verdict.alarm(.fault)
    static let state = Verdict.alarm(.state)
}

/// `.?!`: out, unknown, in.
func brief(_ verdicts: [Verdict]) -> String {
    verdicts.map {
        switch $0 {
        case .out: "."
        case .unknown: "?"
        case .alarm: "!"
        }
    }.joined()
}

extension Levels {
    static func high(_ limit: Double, deadband: Double = 0, inclusive: Bool = true, _ figure: Figure) -> Levels {
        Levels(
            [AlarmLimit(level: .high, limit: limit, priority: .high, deadband: deadband)], isAbove: true,
            isInclusive: inclusive, figure: figure)
    }

    static func low(_ limit: Double, inclusive: Bool = true, _ figure: Figure) -> Levels {
        Levels(
            [AlarmLimit(level: .low, limit: limit, priority: .high)], isAbove: false, isInclusive: inclusive,
            figure: figure)
    }
}
