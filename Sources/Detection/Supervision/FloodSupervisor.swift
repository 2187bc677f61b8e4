import Plant

/// A flood that goes on.
public struct FloodState: Hashable, Sendable {
    /// When it was found: at the annunciation that made it one.
    public let since: Int64
    /// Annunciations so far, those that began it included.
    public internal(set) var count: Int
    /// Those that went into a digest.
    public internal(set) var summedUp = 0
}

/// More annunciations than an operator can take in.
///
/// A flood begins when `starts` of them lie within the last `window` and ends when fewer than `ends` do; one exactly
/// `window` ago lies outside. Only the newest `starts` times are kept: the `ends`-th newest says when it ends.
struct FloodSupervisor: Sendable {
    let rules: Supervision.Flood
    private var recent: [Int64] = []
    private(set) var state: FloodState?
    private var digest = Digest(since: 0)
    private var digestDue: Int64 = 0

    init(_ rules: Supervision.Flood) { self.rules = rules }

    private var window: Int64 { rules.window.milliseconds }
    private var starts: Int { min(max(1, rules.starts), Announcer.Limits.floodStarts) }
    private var ends: Int { min(max(1, rules.ends), starts) }
    private var digestEvery: Int64 { max(1, rules.digestEvery.milliseconds) }

    /// When it ends if nothing more comes.
    private var end: Int64? {
        guard state != nil else { return nil }
        return recent.count < ends ? recent.last : recent[recent.count - ends] + window
    }

    var nextDue: Int64? { end.map { digest.isEmpty ? $0 : min($0, nextDigest(after: digest.latest)) } }

    /// Digests lie on a grid from the flood's begin; one without anything to say is left out.
    private func nextDigest(after time: Int64) -> Int64 {
        time < digestDue ? digestDue : digestDue + ((time - digestDue) / digestEvery + 1) * digestEvery
    }

    /// One more annunciation.
    mutating func count(_ time: Int64) -> SupervisorNotice? {
        recent.append(time)
        recent.removeFirst(max(0, recent.count - starts))
        if state != nil {
            state?.count += 1
            return nil
        }
        guard recent.count == starts, let first = recent.first, time - first < window else { return nil }
        state = FloodState(since: time, count: starts)
        (digest, digestDue) = (Digest(since: time), time + digestEvery)
        return SupervisorNotice(
            kind: .floodBegins, time: time, since: time, count: starts, alarms: [],
            text: "Alarm flood: \(starts) alarms within \(spoken(window)). Low and medium priority is summed up every "
                + "\(spoken(digestEvery)); high and critical alarms are still told one by one.")
    }

    mutating func sumUp(_ occasion: Announcer.Occasion, at time: Int64) {
        digest.add(occasion, at: time)
        state?.summedUp += 1
    }

    /// What is due at `nextDue`.
    mutating func run(_ time: Int64) -> [SupervisorNotice] {
        guard let state, let end else { return [] }
        var notices: [SupervisorNotice] = []
        if !digest.isEmpty { notices.append(digest.notice(at: time)) }
        digest = Digest(since: time)
        guard end <= time else { return notices }
        self.state = nil
        let text =
            "Alarm flood over after \(spoken(time - state.since)): \(state.count) alarms, "
            + "\(state.summedUp) of them summed up."
        return notices + [
            SupervisorNotice(
                kind: .floodEnds, time: time, since: state.since, count: state.count, alarms: [], text: text)
        ]
    }

    mutating func renumber(_ map: (AlarmDefinition.ID) -> AlarmDefinition.ID?) { digest.renumber(map) }

    /// The same flood under other rules.
    func under(_ rules: Supervision.Flood) -> Self {
        var copy = Self(rules)
        copy.recent = Array(recent.suffix(copy.starts))
        (copy.state, copy.digest, copy.digestDue) = (state, digest, digestDue)
        return copy
    }
}
