import Plant

/// The rules for one value a lot.
struct LotsRule {
    let lot: TagReference
    let scale: LotChart.Scale
    let rule: LotChart.Rule

    /// A small shift in a few lots without many false alarms, by custom (Montgomery 9.1 and 9.2).
    static let (usualLambda, usualWidth) = (0.2, 2.7)
    static let (usualK, usualH) = (0.5, 5.0)

    enum Key: String, SectionKey {
        case lot, scale, priority, conformity, ewma, cusum, capability
        case runRules = "run_rules"

        static let alternatives: [Key] = [.conformity, .runRules, .ewma, .cusum, .capability]
    }
    enum ConformityKey: String, SectionKey { case lower, upper, `guard`, decimals }
    enum RunKey: String, SectionKey { case rules, side, trend, centre }
    enum EWMAKey: String, SectionKey { case lambda, width, centre }
    enum CusumKey: String, SectionKey { case k, h, restarts, centre }
    enum CapabilityKey: String, SectionKey { case lower, upper, least, lots }
    enum CentreKey: String, SectionKey { case mean, sigma, points, date, by }

    static func read(_ value: Value) -> DetectorRule? {
        guard let section = value.section(Key.self, "a section such as {lot: F-01.assay_seq, run_rules: {…}}") else {
            return nil
        }
        let lot = section.required(.lot, TagReference.form).flatMap(TagReference.init)
        let scale = section.read(.scale, default: .linear) { $0.choice(LotChart.Scale.self) }
        let priority = section.priority(.priority)
        let present = Key.alternatives.filter(section.contains)
        guard present.count == 1, let key = present.first, let source = section[key] else {
            value.reject(
                found: present.isEmpty ? "no rule" : present.map(\.rawValue).joined(separator: " and "),
                expected: "one of \(Key.alternatives.map(\.rawValue).asChoice)")
            return nil
        }
        let rule: LotChart.Rule? =
            switch key {
            case .conformity: conformity(source)
            case .runRules: runs(source)
            case .ewma: ewma(source)
            case .cusum: cusum(source)
            default: capability(source)
            }
        guard let lot, let priority, let rule else { return nil }
        return .lots(LotsRule(lot: lot, scale: scale, rule: rule), priority: priority)
    }

    private static func conformity(_ value: Value) -> LotChart.Rule? {
        guard let section = value.section(ConformityKey.self, "a specification such as {lower: 99.5}"),
            let (lower, upper) = limits(section[.lower], section[.upper], of: value)
        else { return nil }
        let band = section.read(.guard, default: 0) { $0.number("a number of at least 0") { $0 >= 0 } }
        if let lower, let upper, lower < upper, band * 2 >= upper - lower {
            section[.guard]?.reject(expected: "less than half the distance of the limits, \((upper - lower).short)")
        }
        let decimals = section[.decimals].flatMap { $0.integer(in: Limits.decimals) }
        return .conformity(Conformity(lower: lower, upper: upper, guardBand: band, decimals: decimals))
    }

    private static func runs(_ value: Value) -> LotChart.Rule? {
        guard let section = value.section(RunKey.self, "run rules such as {rules: [1, 2], centre: {…}}") else {
            return nil
        }
        let rules = section.read(.rules, default: RunRules.usual.rules, nelson)
        let side = section.read(.side, default: RunRules.usual.side) { $0.length(of: RunRules.sides) }
        let trend = section.read(.trend, default: RunRules.usual.trend) { $0.length(of: Array(RunRules.trends)) }
        return section.required(.centre, centreForm).flatMap(centre).map {
            .runs(RunRules(rules: rules, side: side, trend: trend), $0)
        }
    }

    private static func nelson(_ value: Value) -> [Int]? {
        let numbers = (value.list("a list of rules such as [1, 2, 3, 5, 6]") ?? []).compactMap {
            $0.integer(in: Limits.nelsonRules)
        }
        if value.isList, numbers.isEmpty { value.reject(expected: "at least one rule") }
        if Set(numbers).count < numbers.count { value.reject(expected: "each rule once") }
        return numbers.sorted()
    }

    private static func ewma(_ value: Value) -> LotChart.Rule? {
        guard let section = value.section(EWMAKey.self, "a chart such as {lambda: 0.2, width: 2.7, centre: {…}}") else {
            return nil
        }
        let lambda = section.read(.lambda, default: usualLambda) {
            $0.number("a number above 0, up to 1") { $0 > 0 && $0 <= 1 }
        }
        let width = section.read(.width, default: usualWidth) { $0.positive() }
        return section.required(.centre, centreForm).flatMap(centre).map { .ewma(lambda: lambda, width: width, $0) }
    }

    private static func cusum(_ value: Value) -> LotChart.Rule? {
        guard let section = value.section(CusumKey.self, "a chart such as {k: 0.5, h: 5, centre: {…}}") else {
            return nil
        }
        let k = section.read(.k, default: usualK) { $0.positive() }
        let h = section.read(.h, default: usualH) { $0.positive() }
        let restarts = section.read(.restarts, default: false) { $0.flag() }
        return section.required(.centre, centreForm).flatMap(centre).map { .cusum(k: k, h: h, restarts: restarts, $0) }
    }

    private static func capability(_ value: Value) -> LotChart.Rule? {
        guard let section = value.section(CapabilityKey.self, "limits such as {lower: 99.5, least: 1.33}"),
            let (lower, upper) = limits(section[.lower], section[.upper], of: value)
        else { return nil }
        let usual = Capability(lower: nil, upper: nil)
        let least = section.read(.least, default: usual.least) { $0.positive() }
        let lots = section.read(.lots, default: usual.lots) {
            $0.integer(in: Capability.windows)
        }
        return .capability(Capability(lower: lower, upper: upper, least: least, lots: lots))
    }

    /// At least one limit, the lower one below the upper.
    private static func limits(_ lower: Value?, _ upper: Value?, of value: Value) -> (Double?, Double?)? {
        let numbers = (lower?.number(), upper?.number())
        guard lower != nil || upper != nil else {
            value.reject(found: "neither lower nor upper", expected: "at least one of them")
            return nil
        }
        if let low = numbers.0, let high = numbers.1, low >= high {
            upper?.reject(expected: "more than lower, \(low.short)")
        }
        return numbers
    }

    private static let centreForm = "what was found in control, such as {mean: 1.2, sigma: 0.1}"

    private static func centre(_ value: Value) -> Centre? {
        guard let section = value.section(CentreKey.self, centreForm) else { return nil }
        let mean = section.required(.mean, "a number")?.number()
        let sigma = section.required(.sigma, "a number above 0")?.positive()
        let points = section[.points].flatMap { $0.integer(in: Limits.centrePoints) }
        let date = section[.date].flatMap { $0.text("a day such as 2025-09-30", as: checkedDay) }
        let by = section[.by].flatMap { $0.text() }
        guard let mean, let sigma else { return nil }
        return Centre(mean: mean, sigma: sigma, points: points, date: date, by: by)
    }
}

private func checkedDay(_ text: String) throws(Expected) -> String {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy({ $0.allSatisfy(\.isASCIIDigit) }),
        let month = Int(parts[1]), (1...12).contains(month), let day = Int(parts[2]), (1...31).contains(day)
    else { throw Expected("a day such as 2025-09-30") }
    return text
}

extension Value {
    fileprivate func length(of lengths: [Int]) -> Int? {
        if case .integer(let number) = plain, lengths.contains(number) { return number }
        reject(expected: lengths.map(String.init).asChoice)
        return nil
    }
}
