import Synchronization

/// When users were last turned away, so that one who tries all the time does not fill the audit trail, which is kept for
/// ever.
final class TurnedAway: Sendable {
    /// Each user is noted so often at most.
    static let every: Int64 = 60_000
    /// Users that are remembered; with more at once all begin anew.
    static let userLimit = 1000

    private struct Visit {
        var noted: Int64
        var unnoted = 0
    }

    private let visits = Mutex<[String: Visit]>([:])

    /// - Parameter time: milliseconds of any clock that does not step.
    /// - Returns: how often the user was turned away since the last note, this time too; nil when that is not to be noted.
    func note(_ who: String, at time: Int64) -> Int? {
        visits.withLock { visits in
            if let visit = visits[who], time - visit.noted < TurnedAway.every {
                visits[who]?.unnoted += 1
                return nil
            }
            let times = (visits[who]?.unnoted ?? 0) + 1
            if visits.count >= TurnedAway.userLimit { visits = [:] }
            visits[who] = Visit(noted: time)
            return times
        }
    }
}
