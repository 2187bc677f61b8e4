import Plant

/// How each test is written. Every key is read, also when the outcome is `nil`, so that all faults show.
extension TestRule {
    enum StateKey: String, SectionKey { case `is`, `in`, priority }
    enum BitsKey: String, SectionKey { case any, set, priority }
    enum ChangeKey: String, SectionKey { case priority }
    enum EdgesKey: String, SectionKey { case count, within, priority }
    enum MismatchKey: String, SectionKey { case feedback, transit, priority }
    enum SpikeKey: String, SectionKey { case threshold, form, priority }
    enum StuckKey: String, SectionKey {
        case tolerance, over, priority
        case whileMoving = "while_moving"
    }
    enum StaleKey: String, SectionKey { case after, priority }
    enum QualityKey: String, SectionKey { case causes, priority }
    enum DegradedKey: String, SectionKey { case with, priority }
    enum PhantomKey: String, SectionKey {
        case ambient, within, after, output, priority
        case coldJunction = "cold_junction"
        case outputAbove = "output_above"
    }
    enum TrendKey: String, SectionKey { case limit, side, over, horizon, priority }
    enum Side: String, CaseIterable { case high, low }

    static func read(_ key: AlarmKey, _ value: Value) -> DetectorRule? {
        switch key {
        case .state: state(value)
        case .bits: bits(value)
        case .change: change(value)
        case .edges: edges(value)
        case .mismatch: mismatch(value)
        case .spike: spike(value)
        case .stuck: stuck(value)
        case .stale: stale(value)
        case .quality: quality(value)
        case .degraded: degraded(value)
        case .phantom: phantom(value)
        default: trend(value)
        }
    }

    private static func state(_ value: Value) -> DetectorRule? {
        guard let section = value.section(StateKey.self, "a state such as {is: true, priority: high}") else {
            return nil
        }
        let priority = section.priority(.priority)
        let values = value.values(is: section[.is], in: section[.in])
        guard let priority, let values else { return nil }
        return .test(.state(values), priority: priority)
    }

    private static func bits(_ value: Value) -> DetectorRule? {
        guard let section = value.section(BitsKey.self, "bits such as {any: 0x0010, priority: high}") else {
            return nil
        }
        let maskValue = section.required(.any, "the bits, such as 0x0010")
        let mask = maskValue?.integer(in: Limits.bits)
        let set = section.read(.set, default: true) { $0.flag() }
        let priority = section.priority(.priority)
        guard let maskValue, let mask, let priority else { return nil }
        return .test(.bits(Bits(mask: UInt64(mask), set: set, value: maskValue)), priority: priority)
    }

    private static func change(_ value: Value) -> DetectorRule? {
        value.section(ChangeKey.self, "a section such as {priority: low}")?.priority(.priority).map {
            .test(.change, priority: $0)
        }
    }

    private static func edges(_ value: Value) -> DetectorRule? {
        guard let section = value.section(EdgesKey.self, "edges such as {count: 5, within: 1m, priority: low}") else {
            return nil
        }
        let countValue = section.required(.count, "a number of changes")
        let count = countValue?.integer(in: Limits.runs)
        let within = section.required(.within, Duration.configurationForm)?.window()
        let priority = section.priority(.priority)
        guard let countValue, let count, let within, let priority else { return nil }
        return .test(.edges(count: count, within: within, countValue), priority: priority)
    }

    private static func mismatch(_ value: Value) -> DetectorRule? {
        let form = "a section such as {feedback: F-01.valve_open, transit: 20s, priority: high}"
        guard let section = value.section(MismatchKey.self, form) else { return nil }
        let feedback = section.required(.feedback, TagReference.form).flatMap(TagReference.init)
        let transit = section.required(.transit, Duration.configurationForm)?.window()
        let priority = section.priority(.priority)
        guard let feedback, let transit, let priority else { return nil }
        return .test(.mismatch(feedback: feedback, transit: transit), priority: priority)
    }

    private static func spike(_ value: Value) -> DetectorRule? {
        guard let section = value.section(SpikeKey.self, "a spike such as {threshold: 20, priority: low}") else {
            return nil
        }
        let threshold = section.required(.threshold, "a number above 0")?.positive()
        let form = section.read(.form, default: .average) { $0.choice(Spike.Form.self) }
        let priority = section.priority(.priority)
        guard let threshold, let priority else { return nil }
        return .test(.spike(Spike(threshold: threshold, form: form)), priority: priority)
    }

    private static func stuck(_ value: Value) -> DetectorRule? {
        let form = "a standstill such as {tolerance: 0.1, over: 10m, priority: low}"
        guard let section = value.section(StuckKey.self, form) else { return nil }
        let toleranceValue = section.required(.tolerance, "a number above 0")
        let tolerance = toleranceValue?.positive()
        let overValue = section.required(.over, Duration.configurationForm)
        let over = overValue?.window()
        let moving = section[.whileMoving].map(LogicRule.init)
        let priority = section.priority(.priority)
        guard let toleranceValue, let tolerance, let overValue, let over, let priority, !isFaulty(moving) else {
            return nil
        }
        let rule = StuckRule(
            tolerance: tolerance, toleranceValue: toleranceValue, over: over, overValue: overValue,
            whenMoving: moving ?? nil)
        return .test(.stuck(rule), priority: priority)
    }

    private static func stale(_ value: Value) -> DetectorRule? {
        guard let section = value.section(StaleKey.self, "a section such as {after: 30s, priority: medium}") else {
            return nil
        }
        let after = section[.after].flatMap { $0.window() }
        return section.priority(.priority).map { .test(.stale(after: after, section[.after] ?? value), priority: $0) }
    }

    private static func quality(_ value: Value) -> DetectorRule? {
        guard let section = value.section(QualityKey.self, "a section such as {causes: all, priority: medium}") else {
            return nil
        }
        let causes = section.required(.causes, "causes such as [fail-low, fail-high], or all").flatMap(causes)
        let priority = section.priority(.priority)
        guard let causes, let priority else { return nil }
        return .test(.quality(causes), priority: priority)
    }

    private static func causes(_ value: Value) -> [Quality]? {
        if value.plain == .text, value.word == "all" { return [] }
        guard let items = value.list("causes such as [fail-low, fail-high], or all") else { return nil }
        if items.isEmpty { value.reject(found: "an empty list", expected: "at least one cause, or all") }
        let causes = items.compactMap { item in
            item.text("the cause of a quality") { text throws(Expected) in try Quality(cause: text) }
        }
        return causes.count == items.count ? causes : nil
    }

    private static func degraded(_ value: Value) -> DetectorRule? {
        let form = "a section such as {with: [\"F-*.melt_temp_2\"], priority: medium}"
        guard let section = value.section(DegradedKey.self, form) else { return nil }
        let others = section.required(.with, "a list of tags").flatMap(TagReference.list)
        let priority = section.priority(.priority)
        guard let others, let priority else { return nil }
        return .test(.degraded(with: others), priority: priority)
    }

    private static func phantom(_ value: Value) -> DetectorRule? {
        let form = "a section such as {after: 10m, output: F-01.power, output_above: 20, priority: high}"
        guard let section = value.section(PhantomKey.self, form) else { return nil }
        let junction = section[.coldJunction].map(TagReference.init)
        let ambient = section.read(.ambient, default: PhantomRule.usual.ambient) { $0.number() }
        if section.contains(.coldJunction) {
            section.refuse([.ambient], "it is read from cold_junction")
        }
        let within = section.read(.within, default: PhantomRule.usual.within) { $0.positive() }
        let after = section.required(.after, Duration.configurationForm)?.window()
        let output = section[.output].map(TagReference.init)
        let above: Double?
        if section.contains(.output) {
            above = section.required(.outputAbove, "a number")?.number()
        } else {
            section.refuse([.outputAbove], "it needs output, the tag that is above")
            above = 0
        }
        let priority = section.priority(.priority)
        guard let after, let above, let priority, !isFaulty(junction), !isFaulty(output) else { return nil }
        let rule = PhantomRule(
            coldJunction: junction ?? nil, ambient: ambient, within: within, after: after, output: output ?? nil,
            outputAbove: above)
        return .test(.phantom(rule), priority: priority)
    }

    private static func trend(_ value: Value) -> DetectorRule? {
        let form = "a trend such as {limit: 1500, side: high, over: 10m, horizon: 15m, priority: medium}"
        guard let section = value.section(TrendKey.self, form) else { return nil }
        let limitValue = section.required(.limit, "a number")
        let limit = limitValue?.number()
        let side = section.required(.side, Side.allCases.map(\.rawValue).asChoice)?.choice(Side.self)
        let overValue = section.required(.over, Duration.configurationForm)
        let over = overValue?.window()
        let horizon = section[.horizon].flatMap { $0.window() }
        let priority = section.priority(.priority)
        guard let limitValue, let limit, let side, let overValue, let over, let priority else { return nil }
        let rule = TrendRule(
            limit: limit, limitValue: limitValue, isAbove: side == .high, over: over, overValue: overValue,
            horizon: horizon, value: value)
        return .test(.timeToLimit(rule), priority: priority)
    }
}

extension Quality {
    /// The name the journal shows, `bad:fail-low`, or its second half.
    fileprivate init(cause text: String) throws(Expected) {
        let quality = [text, "bad:\(text)", "uncertain:\(text)"].lazy.compactMap(Quality.init(name:)).first
        guard let quality, !quality.isGood else {
            let names = Quality.all.filter { !$0.isGood && $0.exceptionCode == nil }.map {
                String($0.name.drop { $0 != ":" }.dropFirst())
            }
            throw Expected((names + ["exception-2"]).asChoice(near: text))
        }
        self = quality
    }
}
