import Plant

/// When more came than an operator can take in. The same rule as the announcer's: it begins at the annunciation that
/// makes `floodStarts` within the window, and ends when fewer than `floodEnds` are left in it.
struct FloodMeter: Sendable {
    private let starts: Int
    private let ends: Int
    private var window: WindowCounter
    /// The newest times, as many as keep a flood up.
    private var newest: [Int64] = []
    private(set) var floods: [PerformanceReport.Flood] = []
    private var current: PerformanceReport.Flood?

    init(_ rules: PerformanceRules) {
        starts = max(1, rules.floodStarts)
        ends = min(max(1, rules.floodEnds), starts)
        window = WindowCounter(rules.floodWindow)
    }

    mutating func add(_ time: Int64) {
        advance(to: time)
        window.add(time)
        newest.append(time)
        if newest.count > ends { newest.removeFirst() }
        let count = window.count
        if var flood = current {
            flood.count += 1
            flood.peak = max(flood.peak, count)
            current = flood
        } else if count >= starts {
            current = PerformanceReport.Flood(begin: time, end: time, count: count, peak: count, ongoing: true)
        }
    }

    mutating func advance(to time: Int64) {
        guard var flood = current, let oldest = newest.first, oldest + window.length <= time else { return }
        flood.end = oldest + window.length
        flood.ongoing = false
        floods.append(flood)
        current = nil
    }

    /// All floods, one that goes on cut off at the end of the report.
    func finish(_ to: Int64) -> [PerformanceReport.Flood] {
        var copy = self
        copy.advance(to: to)
        guard var flood = copy.current else { return copy.floods }
        flood.end = to
        return copy.floods + [flood]
    }
}
