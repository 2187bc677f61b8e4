import FoundationEssentials
import Plant

/// What a follower needs of a line, whatever kind it is.
struct LineHead: Decodable {
    var seq: Int64?
    var what: String?
    var id: String?
    var tag: String?
    var priority: String?
    /// The worst that its alarm had since it was raised, where that is not its present one.
    var top_priority: String?
    var state: String?
    var annunciated: Bool?
    var told: String?
    /// The sinks it is for.
    var only_to: [String]?
    /// The newest number there is.
    var last: Int64?
    /// What a gap lacks, both included.
    var from: Int64?
    var to: Int64?
    var boot: String?
    var text: String?
    /// A gap's: the connection ends, and the lines come again from the journal.
    var cut: Bool?

    init?(_ line: String) {
        guard let head = try? JSONDecoder().decode(LineHead.self, from: Data(line.utf8)) else { return nil }
        self = head
    }

    /// It calls an operator by itself, and everywhere: the same that a sink takes for its announcements.
    var announces: Bool { annunciated == true && (told ?? "single") == "single" && only_to == nil }
}

/// Which events a follower wants.
struct LineFilter {
    var minPriority: Priority?
    var patterns: [NamePattern] = []
    /// Only what calls an operator; of what stands, all.
    var announcementsOnly = false

    /// Events of the daemon itself have neither a priority nor a tag: a filter on either leaves them out.
    func wants(_ head: LineHead) -> Bool {
        if announcementsOnly, head.what != "snapshot", !head.announces { return false }
        if let minPriority {
            // By the worst it was: who was told that an alarm came is told that it went.
            let worst = head.top_priority ?? head.priority
            guard let priority = worst.flatMap(Priority.init(rawValue:)), priority >= minPriority else {
                return false
            }
        }
        // A flood's sum and its like stand for alarms that nobody tells singly, maybe for these.
        let isAboutAll = head.announces && head.tag == nil && head.state == nil && head.what != "undelivered"
        if patterns.isEmpty || isAboutAll { return true }
        // An alarm's name is `name:TAG`; people know one or the other.
        let names = [head.tag, head.id, head.id?.split(separator: ":", maxSplits: 1).first.map(String.init)]
        return names.contains { name in patterns.contains { $0.matches(name ?? "") } }
    }
}
