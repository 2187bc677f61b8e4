import Plant

/// The points of a chart, and the rule they were judged by: with another rule, or other limits, its window begins anew.
public struct SavedChart: Codable, Hashable, Sendable {
    private var rule: String
    private var lots = LotMemory()

    init(_ chart: LotChart) { rule = SavedChart.name(of: chart) }

    private static func name(of chart: LotChart) -> String { "\(chart.scale) \(chart.rule)" }

    mutating func take(
        _ chart: LotChart, priority: Priority, value: Double, lot: Double, at time: Int64
    ) -> LotVerdict? {
        if rule != SavedChart.name(of: chart) {
            rule = SavedChart.name(of: chart)
            lots.restart()
        }
        return lots.take(chart, priority: priority, value: value, lot: lot, at: time)
    }

    /// The verdict of the newest lot, once more.
    func standing(_ chart: LotChart, priority: Priority) -> Finding? { lots.standing(chart, priority: priority) }
}
