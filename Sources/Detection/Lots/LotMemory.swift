public import Plant

/// The memory of a chart: one for each alarm on lots. A value, saved with the alarm's state.
///
/// It keeps the points and what the chart had summed up before the first of them. A new lot adds to the sums after the
/// last; an amended one is another value and the same sums over all points again, exact also after older lots were
/// dropped.
public struct LotMemory: Codable, Hashable, Sendable {
    /// The newest lots, oldest first; each lot once.
    public private(set) var points: [LotPoint] = []
    /// The sums before the first kept point, and after the last.
    private var base: LotSums?
    private var sums: LotSums?
    /// Lots that were on the chart and can no longer be amended, newest last.
    private var forgotten: [Double] = []
    /// The latest sample: the same one again says nothing.
    private var shown: LotPoint?

    /// Lots that are kept and can be amended, and lots that are at least known to be older.
    public static let pointLimit = 200

    public init() {}

    /// Takes a good sample of the chart's tag.
    ///
    /// A lot that the chart does not know is a new point. A known one with another value is amended: everything from
    /// it on is recomputed. One that is no longer kept changes nothing, but is reported. Conformity judges each lot on
    /// its own, so there no lot is too old.
    ///
    /// - Parameters:
    ///   - value: in the tag's unit.
    ///   - lot: the good value of the chart's lot tag.
    ///   - time: of the sample, in milliseconds.
    /// - Returns: `nil` when the sample brings nothing new.
    public mutating func take(
        _ chart: LotChart, priority: Priority, value: Double, lot: Double, at time: Int64
    ) -> LotVerdict? {
        guard value.isFinite, lot.isFinite else { return nil }
        // New limits of a specification count for the lot that is there; it is judged again after a restart.
        let isSame = shown?.lot == lot && shown?.value == value
        if isSame, !points.isEmpty || !chart.rule.judgesLotsAlone { return nil }
        let point = LotPoint(lot: lot, value: value, time: time)
        shown = point
        if let index = points.lastIndex(where: { $0.lot == lot }) { return amend(index, value, chart, priority) }
        if forgotten.contains(lot), !chart.rule.judgesLotsAlone {
            let amendment = LotAmendment(lot: lot, before: nil, after: value, withdrawn: [], added: [])
            let finding = Finding(.unknown, priority: priority, detail: amendment.text)
            return LotVerdict(finding: finding, amendment: amendment)
        }
        return append(point, chart, priority)
    }

    /// Begins a new window: new limits, a refit, another campaign or laboratory. The lots so far stay known, so that
    /// the last of them does not become the first of the new window.
    public mutating func restart() {
        for point in points { forget(point) }
        points = []
        (base, sums) = (nil, nil)
    }

    /// The verdict of the newest lot that could be charted, once more; `nil` before there is one.
    public func standing(_ chart: LotChart, priority: Priority) -> Finding? {
        judgements(chart, priority).all.last?.finding
    }

    private func judgements(_ chart: LotChart, _ priority: Priority) -> (all: [LotJudgement], sums: LotSums?) {
        var sums = base
        let all = LotSums.take(points, chart, priority, into: &sums)
        return (all, sums)
    }

    private mutating func append(_ point: LotPoint, _ chart: LotChart, _ priority: Priority) -> LotVerdict {
        points.append(point)
        // A capability is of the whole window, anything else of the new point.
        let window = if case .capability = chart.rule { points } else { [point] }
        let judgement = LotSums.take(window, chart, priority, into: &sums).last
        if points.count > Self.pointLimit {
            let oldest = points.removeFirst()
            _ = LotSums.take(oldest, chart, priority, into: &base)
            forget(oldest)
        }
        guard let judgement, judgement.lot == point.lot else {
            let detail = "lot \(lotName(point.lot)): \(plain(point.value)) is below detection, not charted"
            return LotVerdict(finding: Finding(.unknown, priority: priority, detail: detail))
        }
        return LotVerdict(finding: judgement.finding)
    }

    private mutating func amend(
        _ index: Int, _ value: Double, _ chart: LotChart, _ priority: Priority
    ) -> LotVerdict? {
        let (lot, old) = (points[index].lot, points[index].value)
        guard value != old else { return nil }
        let before = judgements(chart, priority).all
        points[index].value = value
        let (after, sums) = judgements(chart, priority)
        self.sums = sums
        let (was, now) = (signals(before), signals(after))
        let (wasSet, nowSet) = (Set(was), Set(now))
        let amendment = LotAmendment(
            lot: lot, before: old, after: value, withdrawn: was.filter { !nowSet.contains($0) },
            added: now.filter { !wasSet.contains($0) })
        var finding = standing(after, amendment, priority)
        finding.detail = [amendment.text, finding.detail].compactMap(\.self).joined(separator: "; ")
        return LotVerdict(finding: finding, amendment: amendment)
    }

    /// Where the chart stands: at its last lot, unless that is quiet and the amendment brought an older signal to light.
    private func standing(_ after: [LotJudgement], _ amendment: LotAmendment, _ priority: Priority) -> Finding {
        guard let last = after.last else { return Finding(.unknown, priority: priority) }
        guard last.finding.verdict.level == nil, let lot = amendment.added.last?.lot else { return last.finding }
        return after.last { $0.lot == lot }?.finding ?? last.finding
    }

    private func signals(_ judgements: [LotJudgement]) -> [LotSignal] {
        judgements.flatMap { judgement in judgement.signals.map { LotSignal(lot: judgement.lot, name: $0) } }
    }

    private mutating func forget(_ point: LotPoint) {
        forgotten.append(point.lot)
        if forgotten.count > Self.pointLimit { forgotten.removeFirst() }
    }
}

extension LotChart.Rule {
    /// No lot depends on the others.
    fileprivate var judgesLotsAlone: Bool { if case .conformity = self { true } else { false } }
}
