/// Entries that are not on disk yet, never more than a limit. When there are more, the oldest events are given up; the
/// states of alarms, their definitions, what is retired, the heats, how far calls have come and who did what stay, folded
/// into one entry.
struct EntryBacklog {
    struct Waiting {
        var entry: JournalEntry
        /// The sinks have heard of it already, without a number.
        var told = false
    }

    private(set) var waiting: [Waiting] = []
    /// Events given up.
    private(set) var lost = 0
    /// Callers that must hear that their entry will not be written.
    private(set) var disappointed: [@Sendable ([Int64]?) -> Void] = []

    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var entries: [JournalEntry] { waiting.map(\.entry) }

    mutating func append(_ entry: JournalEntry) {
        waiting.append(Waiting(entry: entry))
        // A quarter at a time: folding moves the whole array.
        if waiting.count > limit { foldFirst(limit / 4 + 1) }
    }

    /// Takes over what another backlog holds.
    mutating func append(contentsOf other: EntryBacklog) {
        lost += other.lost
        disappointed += other.disappointed
        for item in other.waiting { append(item.entry) }
    }

    /// The notices nobody has heard of yet; from now on they count as told.
    mutating func tell() -> [AlarmNotice] {
        var notices: [AlarmNotice] = []
        for index in waiting.indices where !waiting[index].told {
            notices += waiting[index].entry.notices
            waiting[index].told = true
        }
        return notices
    }

    /// The callers to disappoint, once.
    mutating func takeDisappointed() -> [@Sendable ([Int64]?) -> Void] {
        defer { disappointed = [] }
        return disappointed
    }

    private mutating func foldFirst(_ count: Int) {
        var rest = JournalEntry()
        var calls: [[String]: EscalationRecord] = [:]
        for item in waiting[..<count] {
            let entry = item.entry
            lost += entry.notices.count
            rest.retired.removeAll { entry.states[$0] != nil }
            rest.states.merge(entry.states) { $1 }
            for alarm in entry.retired {
                rest.states[alarm] = nil
                if !rest.retired.contains(alarm) { rest.retired.append(alarm) }
            }
            rest.definitions.merge(entry.definitions) { $1 }
            rest.audit += entry.audit
            rest.heats += entry.heats
            for record in entry.escalations { calls[[record.alarm, record.policy]] = record }
            rest.time = entry.time
            if let completion = entry.completion { disappointed.append(completion) }
        }
        // One for each alarm and policy at most, so they need no limit of their own.
        rest.escalations = calls.values.sorted { ($0.alarm, $0.policy) < ($1.alarm, $1.policy) }
        rest.audit.removeFirst(max(0, rest.audit.count - limit))
        rest.heats.removeFirst(max(0, rest.heats.count - limit))
        waiting.replaceSubrange(..<count, with: [Waiting(entry: rest)])
    }
}
