/// Which raise of one account is which of the other: the nearest two first, each once.
struct RaisePairs {
    /// Milliseconds by which the second account's are later.
    private(set) var shifts: [Int64] = []
    private(set) var onlyBefore: [Int64] = []
    private(set) var onlyAfter: [Int64] = []

    /// Raises on either side that are looked at: an alarm that chatters for a month must not cost the square of it.
    static let neighbours = 8

    /// - Parameters:
    ///   - before, after: times of raises in milliseconds, ascending.
    ///   - tolerance: milliseconds that two of one pair may be apart.
    init(_ before: [Int64], _ after: [Int64], tolerance: Int64) {
        var candidates: [(distance: Int64, before: Int, after: Int)] = []
        var next = 0
        for (number, time) in before.enumerated() {
            while next < after.count, after[next] < time { next += 1 }
            for other in max(0, next - RaisePairs.neighbours)..<min(after.count, next + RaisePairs.neighbours)
            where abs(after[other] - time) <= tolerance {
                candidates.append((abs(after[other] - time), number, other))
            }
        }
        var (restBefore, restAfter) = (Set(before.indices), Set(after.indices))
        for pair in candidates.sorted(by: { $0 < $1 })
        where restBefore.contains(pair.before) && restAfter.contains(pair.after) {
            restBefore.remove(pair.before)
            restAfter.remove(pair.after)
            shifts.append(after[pair.after] - before[pair.before])
        }
        onlyBefore = restBefore.sorted().map { before[$0] }
        onlyAfter = restAfter.sorted().map { after[$0] }
    }
}
