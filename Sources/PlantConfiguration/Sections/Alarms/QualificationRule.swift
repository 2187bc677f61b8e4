import Plant

/// From a verdict to a condition; what depends on the tag's scan is not yet known.
struct QualificationRule {
    let onDelay: Duration
    let onDelayValue: Value?
    let offDelay: Duration
    let maxGap: Duration?
    let maxGapValue: Value?
    let count: Qualification.RunCount?
    let onBad: Qualification.OnBad

    enum CountKey: String, SectionKey { case runs, within }
    enum OnBadKey: String, SectionKey { case activate }

    init(_ section: Section<AlarmKey>, onDelay usual: Duration = .zero) {
        onDelay = section.read(.onDelay, default: usual) { $0.duration(in: Limits.delay) }
        onDelayValue = section[.onDelay]
        offDelay = section.read(.offDelay, default: .zero) { $0.duration(in: Limits.delay) }
        maxGap = section[.maxGap].flatMap { $0.duration(in: Limits.delay) }
        maxGapValue = section[.maxGap]
        count = section[.count].flatMap(Self.count)
        onBad = section.read(.onBad, default: .freeze, Self.onBad)
    }

    private static func count(_ value: Value) -> Qualification.RunCount? {
        guard let section = value.section(CountKey.self, "runs such as {runs: 3, within: 10m}") else { return nil }
        let runs = section.required(.runs, "a number of runs")?.integer(in: Limits.runs)
        let within = section.required(.within, Duration.configurationForm)?.window()
        guard let runs, let within else { return nil }
        return Qualification.RunCount(runs: runs, within: within)
    }

    private static func onBad(_ value: Value) -> Qualification.OnBad? {
        let expected = "freeze, or {activate: 30s}"
        guard !value.isScalar else {
            if value.plain == .text, value.word == "freeze" { return .freeze }
            value.reject(expected: expected)
            return nil
        }
        return value.section(OnBadKey.self, expected)?.required(.activate, Duration.configurationForm)?
            .duration(in: Limits.delay).map { .activate(after: $0) }
    }
}
