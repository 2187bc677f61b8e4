import Plant

/// What an alarm compares with its limits, its tags not yet looked up.
enum FigureRule {
    case value
    case deviation(TagReference, form: Deviation.Form, maxSkew: Duration?, soakBand: Double?)
    case rate(RateOfChange, Value)
    case difference(from: TagReference)
    case disagreement(with: [TagReference])
    case median(with: [TagReference])
    case vote(with: [TagReference], need: Int, bad: BadVote)

    enum DeviationKey: String, SectionKey {
        case setpoint, form
        case maxSkew = "max_skew"
        case soakBand = "soak_band"
    }
    enum RateKey: String, SectionKey { case over, per, method }
    enum DifferenceKey: String, SectionKey { case from }
    enum WithKey: String, SectionKey { case with }
    enum VoteKey: String, SectionKey { case with, need, bad }

    /// `nil` when it is not understood.
    init?(_ section: Section<AlarmKey>) {
        let present = AlarmKey.figures.filter(section.contains)
        guard present.count <= 1 else {
            section[present[1]]?.reject(
                found: "\(present[0].rawValue) and \(present[1].rawValue)", expected: "one of them; write two alarms")
            return nil
        }
        guard let key = present.first, let value = section[key] else {
            self = .value
            return
        }
        let figure: FigureRule? =
            switch key {
            case .deviation: Self.deviation(value)
            case .rate: Self.rate(value)
            case .difference:
                value.section(DifferenceKey.self, "a section such as {from: \"F-*.melt_temp_2\"}")?
                    .required(.from, TagReference.form).flatMap(TagReference.init).map { .difference(from: $0) }
            case .disagreement: Self.with(value).map { .disagreement(with: $0) }
            case .median: Self.with(value).map { .median(with: $0) }
            default: Self.vote(value)
            }
        guard let figure else { return nil }
        self = figure
    }

    /// Whether it has a sign, so that there can be low limits.
    var isSigned: Bool {
        switch self {
        case .value, .rate, .median, .vote, .deviation(_, .signed, _, _), .deviation(_, .percent, _, _): true
        case .difference, .disagreement, .deviation(_, .distance, _, _): false
        }
    }

    /// Whether its limits are values of the tag.
    var isOfTag: Bool {
        switch self {
        case .value, .median, .vote: true
        case .deviation, .rate, .difference, .disagreement: false
        }
    }

    private static func deviation(_ value: Value) -> FigureRule? {
        guard let section = value.section(DeviationKey.self, "a section such as {setpoint: F-01.setpoint}") else {
            return nil
        }
        let setpoint = section.required(.setpoint, TagReference.form).flatMap(TagReference.init)
        let form = section.read(.form, default: .distance) { $0.choice(Deviation.Form.self) }
        let skew = section[.maxSkew].flatMap { $0.window() }
        let band = section[.soakBand].flatMap { $0.positive() }
        return setpoint.map { .deviation($0, form: form, maxSkew: skew, soakBand: band) }
    }

    private static func rate(_ value: Value) -> FigureRule? {
        guard let section = value.section(RateKey.self, "a section such as {over: 5m, per: 1m}") else { return nil }
        let per = section.required(.per, Duration.configurationForm)?.window()
        let over = section.read(.over, default: per) { $0.window() }
        let method = section.read(.method, default: .endpoint) { $0.choice(RateOfChange.Method.self) }
        guard let per, let over else { return nil }
        return .rate(RateOfChange(over: over, per: per, method: method), section[.over] ?? value)
    }

    private static func with(_ value: Value) -> [TagReference]? {
        value.section(WithKey.self, "a section such as {with: [\"F-*.melt_temp_2\"]}")?
            .required(.with, "a list of tags").flatMap(TagReference.list)
    }

    private static func vote(_ value: Value) -> FigureRule? {
        guard let section = value.section(VoteKey.self, "a section such as {with: [F-01.b, F-01.c], need: 2}") else {
            return nil
        }
        let others = section.required(.with, "a list of tags").flatMap(TagReference.list)
        let voters = 1...((others?.count ?? Limits.twins.upperBound) + 1)
        let need = section.required(.need, "how many must agree")?.integer(in: voters)
        let bad = section.read(.bad, default: .drop) { $0.choice(BadVote.self) }
        guard let others, let need else { return nil }
        return .vote(with: others, need: need, bad: bad)
    }
}
