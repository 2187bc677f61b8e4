import Plant

/// An alarm that goes to and fro.
public struct ChatterState: Hashable, Sendable {
    /// The first of the changes that made it chatter.
    public let since: Int64
    /// Raises since then: the number in "chattering x17".
    public internal(set) var raises: Int
    /// Those that were only counted.
    public internal(set) var counted: Int
}

/// Which alarms go to and fro (the rule of C2MON): one begins to chatter when its last `changes` + 1 changes span
/// `window` or less, and ends when it has been quiet for `hold`. Slower changes keep it up.
struct ChatterSupervisor: Sendable {
    private struct Change: Sendable {
        let time: Int64
        let isRaise: Bool
        /// The worst that was told of this raise.
        var told: Announcer.Badness?
    }

    private struct Memory: Sendable {
        let name: String
        var changes: [Change] = []
        var state: ChatterState?
        /// The worst that was told since it began.
        var worst: Announcer.Badness?
    }

    let rules: Supervision.Chatter
    private var memories: [AlarmDefinition.ID: Memory] = [:]
    /// Those that chatter, and when each ends if nothing more comes.
    private var ends: [AlarmDefinition.ID: Int64] = [:]

    init(_ rules: Supervision.Chatter) { self.rules = rules }

    private var kept: Int { min(max(1, rules.changes), Announcer.Limits.chatterChanges) + 1 }

    subscript(_ alarm: AlarmDefinition.ID) -> ChatterState? { memories[alarm]?.state }
    var nextDue: Int64? { ends.values.min() }

    /// One more raise or clear.
    mutating func change(_ occasion: Announcer.Occasion, at time: Int64) -> SupervisorNotice? {
        let alarm = occasion.alarm
        var memory = memories.removeValue(forKey: alarm) ?? Memory(name: occasion.name)
        defer { memories[alarm] = memory }
        let worst = memory.changes.compactMap(\.told).max()
        memory.changes.append(Change(time: time, isRaise: occasion.isRaise))
        memory.changes.removeFirst(max(0, memory.changes.count - kept))
        if memory.state != nil {
            memory.state?.raises += occasion.isRaise ? 1 : 0
            ends[alarm] = time + rules.hold.milliseconds
            return nil
        }
        guard memory.changes.count == kept, let first = memory.changes.first,
            time - first.time <= rules.window.milliseconds
        else { return nil }
        let raises = memory.changes.count { $0.isRaise }
        memory.state = ChatterState(since: first.time, raises: raises, counted: 0)
        memory.worst = worst
        ends[alarm] = time + rules.hold.milliseconds
        return SupervisorNotice(
            kind: .chatterBegins, time: time, since: first.time, count: raises, alarms: [alarm],
            text: "\(memory.name) chatters: \(kept) changes in \(spoken(time - first.time)). "
                + "Further raises are only counted.")
    }

    /// Whether this raise or reminder says no more than what was told already. Something worse always does.
    func swallows(_ occasion: Announcer.Occasion) -> Bool {
        guard occasion.isRaise || occasion.what == .reAlarm, let memory = memories[occasion.alarm],
            memory.state != nil, let worst = memory.worst
        else { return false }
        return occasion.badness <= worst
    }

    mutating func count(_ alarm: AlarmDefinition.ID) { memories[alarm]?.state?.counted += 1 }

    /// What was told is not told again while it chatters.
    mutating func told(_ occasion: Announcer.Occasion) {
        guard var memory = memories.removeValue(forKey: occasion.alarm) else { return }
        let badness = occasion.badness
        if let last = memory.changes.lastIndex(where: \.isRaise) {
            memory.changes[last].told = max(memory.changes[last].told ?? badness, badness)
        }
        if memory.state != nil { memory.worst = max(memory.worst ?? badness, badness) }
        memories[occasion.alarm] = memory
    }

    /// What is due at `nextDue`.
    mutating func run(_ time: Int64) -> [SupervisorNotice] {
        let due = ends.filter { $0.value <= time }.keys.sorted()
        return due.compactMap { alarm in
            ends[alarm] = nil
            guard let memory = memories.removeValue(forKey: alarm), let state = memory.state else { return nil }
            return SupervisorNotice(
                kind: .chatterEnds, time: time, since: state.since, count: state.raises, alarms: [alarm],
                text: "\(memory.name) no longer chatters: raised \(state.raises) times in "
                    + "\(spoken(time - state.since)), \(state.counted) of them only counted.")
        }
    }

    mutating func renumber(_ map: (AlarmDefinition.ID) -> AlarmDefinition.ID?) {
        memories = .init(memories.compactMap { key, value in map(key).map { ($0, value) } }) { first, _ in first }
        ends = .init(ends.compactMap { key, value in map(key).map { ($0, value) } }) { first, _ in first }
    }

    /// The same alarms under other rules; what chatters ends by the new hold.
    func under(_ rules: Supervision.Chatter) -> Self {
        var copy = Self(rules)
        copy.memories = memories.mapValues { old in
            var memory = old
            memory.changes = Array(old.changes.suffix(copy.kept))
            return memory
        }
        let change = rules.hold.milliseconds - self.rules.hold.milliseconds
        copy.ends = ends.mapValues { $0 + change }
        return copy
    }
}
