import Plant

/// So many changes of value within the time: a contactor that chatters, a level switch in a wave.
///
/// Changes between one good sample and the next count, at the time of the second. Out is known only once the window
/// was watched as long as it is.
struct EdgeCounter: Sendable {
    /// More changes than this are not told apart; configuration should refuse a larger count.
    static let limit = Window.limit

    private let count: Int
    private let within: Int64
    private var continuity: Continuity
    /// Milliseconds of the last changes, `count` at most.
    private var edges = Ring<Int64>()
    private var since: Int64 = 0
    private var last = 0.0

    init(count: Int, within: Duration, maxGap: Int64) {
        self.count = min(max(count, 1), Self.limit)
        self.within = within.milliseconds
        continuity = Continuity(maxGap: maxGap)
    }

    mutating func find(_ sample: Sample) -> Finding {
        switch continuity.take(sample) {
        case .broken: return Finding(.unknown)
        case .begins:
            edges.removeAll()
            since = sample.time
        case .continues:
            if sample.value != last { edges.append(sample.time) }
        }
        last = sample.value
        while let first = edges.first, edges.count > count || sample.time - first > within { edges.removeFirst() }
        if edges.count >= count { return finding(.alarm(.fault)) }
        return finding(sample.time - since >= within ? .out : .unknown)
    }

    private func finding(_ verdict: Verdict) -> Finding {
        Finding(verdict, figure: Double(edges.count), limit: Double(count))
    }
}
