import FoundationEssentials
import Plant

/// What a follower needs of a line, whatever kind it is.
struct LineHead: Decodable {
    var seq: Int64?
    var what: String?
    var id: String?
    var tag: String?
    var priority: String?
    /// The newest number there is.
    var last: Int64?
    var boot: String?
    var text: String?
    /// A gap's: the connection ends, and the lines come again from the journal.
    var cut: Bool?

    init?(_ line: String) {
        guard let head = try? JSONDecoder().decode(LineHead.self, from: Data(line.utf8)) else { return nil }
        self = head
    }
}

/// Which events a follower wants.
struct LineFilter {
    var minPriority: Priority?
    var patterns: [NamePattern] = []

    /// Events of the daemon itself have neither a priority nor a tag: a filter on either leaves them out.
    func wants(_ head: LineHead) -> Bool {
        if let minPriority {
            guard let priority = head.priority.flatMap(Priority.init(rawValue:)), priority >= minPriority else {
                return false
            }
        }
        guard !patterns.isEmpty else { return true }
        // An alarm's name is `name:TAG`; people know one or the other.
        let names = [head.tag, head.id, head.id?.split(separator: ":", maxSplits: 1).first.map(String.init)]
        return names.contains { name in patterns.contains { $0.matches(name ?? "") } }
    }
}
