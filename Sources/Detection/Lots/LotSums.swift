import Plant

/// What a chart carries from one point to the next. Folding the points into it gives every judgement, so that an
/// amendment is the same fold over other points.
enum LotSums: Codable, Hashable, Sendable {
    case runs(RunWindow)
    case ewma(EWMA)
    case cusum(CUSUM)

    /// Takes a point into the sums of a rule.
    ///
    /// - Parameter sums: `nil` before the first point, and for rules that carry nothing. Sums of another rule begin
    ///   again.
    /// - Returns: `nil` for a value that cannot be charted; it leaves no trace.
    static func take(
        _ point: LotPoint, _ chart: LotChart, _ priority: Priority, into sums: inout LotSums?
    ) -> LotJudgement? {
        let lot = point.lot
        if case .conformity(let conformity) = chart.rule {
            return conformity.judge(point.value, lot: lot, priority: priority)
        }
        guard let number = chart.scale.number(point.value) else { return nil }
        switch chart.rule {
        case .conformity, .capability: return nil
        case .runs(let rules, let centre):
            var window = RunWindow()
            if case .runs(let carried) = sums { window = carried }
            defer { sums = .runs(window) }
            return window.judge(number, lot: lot, rules, centre, priority)
        case .ewma(let lambda, let width, let centre):
            var average = EWMA()
            if case .ewma(let carried) = sums { average = carried }
            defer { sums = .ewma(average) }
            return average.judge(number, lot: lot, lambda: lambda, width: width, centre, priority)
        case .cusum(let k, let h, let restarts, let centre):
            var cusum = CUSUM()
            if case .cusum(let carried) = sums { cusum = carried }
            defer { sums = .cusum(cusum) }
            return cusum.judge(number, lot: lot, k: k, h: h, restarts: restarts, centre, priority)
        }
    }

    /// The judgement of every charted point; of a capability chart, which says something about all of them, only the
    /// last one.
    ///
    /// - Parameter sums: what came before the points, and then what they made of it.
    static func take(
        _ points: [LotPoint], _ chart: LotChart, _ priority: Priority, into sums: inout LotSums?
    ) -> [LotJudgement] {
        guard case .capability(let capability) = chart.rule else {
            return points.compactMap { take($0, chart, priority, into: &sums) }
        }
        let charted = points.compactMap { point in chart.scale.number(point.value).map { (point.lot, $0) } }
        guard let last = charted.last else { return [] }
        return [capability.judge(charted.map(\.1), lot: last.0, scale: chart.scale, priority: priority)]
    }
}
