import Store

/// The events that say why there are no readings, or why scan numbers jump.
struct Explanations {
    /// Kinds that explain a jump in the numbers of a group's scans.
    static let ofJumps: Set<String> = [
        "overflow", "gap", "stopped", "started", "lost", "import", "storage", "restored", "salvaged",
    ]
    /// Kinds that explain a time without scans: a wall clock that was set forward as well.
    static let ofGaps = ofJumps.union(["clock-step"])

    /// Kinds that say that readings were there and are not any more.
    static let ofLosses: Set<String> = ["lost", "salvaged"]

    private struct Explanation {
        var start: Int64
        var end: Int64
        var kind: String
        var subject: String?
    }

    /// By their beginnings.
    private var all: [Explanation] = []
    /// The latest end among those up to here: how far back a search must go.
    private var latestEnd: [Int64] = []

    var count: Int { all.count }

    init(_ connection: PlainConnection) throws(StoreError) {
        let kinds = Explanations.ofGaps.sorted().map { "'\($0)'" }.joined(separator: ", ")
        let rows = try connection.statement(
            "SELECT t0, ifnull(t1, 9223372036854775807), kind, subject FROM event WHERE kind IN (\(kinds)) ORDER BY t0")
        var latest = Int64.min
        while try rows.step() {
            let explanation = Explanation(
                start: rows.integer(0), end: rows.integer(1), kind: rows.text(2) ?? "", subject: rows.text(3))
            latest = max(latest, explanation.end)
            all.append(explanation)
            latestEnd.append(latest)
        }
    }

    /// Whether an event of one of the kinds touches the time from `start` to `end`, both included, and is about the
    /// whole plant or one of the subjects.
    func cover(_ start: Int64, _ end: Int64, _ kinds: Set<String>, subjects: Set<String>) -> Bool {
        var index = firstBehind(end) - 1
        while index >= 0, latestEnd[index] >= start {
            let one = all[index]
            if one.end >= start, kinds.contains(one.kind), one.subject.map(subjects.contains) ?? true { return true }
            index -= 1
        }
        return false
    }

    /// The index of the first one that begins after `time`.
    private func firstBehind(_ time: Int64) -> Int {
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if all[middle].start > time { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
