import Plant

/// What was not told singly since the last digest.
struct Digest: Sendable {
    private struct Entry: Sendable {
        let name: String
        let area: String
        var count: Int
    }

    private let since: Int64
    private(set) var latest: Int64
    private var total = 0
    private var entries: [AlarmDefinition.ID: Entry] = [:]
    private var firstOut: [String] = []

    init(since: Int64) { (self.since, latest) = (since, since) }

    var isEmpty: Bool { total == 0 }

    mutating func add(_ occasion: Announcer.Occasion, at time: Int64) {
        total += 1
        latest = time
        if occasion.isFirstOut, firstOut.count < Announcer.Limits.spoken, !firstOut.contains(occasion.name) {
            firstOut.append(occasion.name)
        }
        guard entries[occasion.alarm] != nil || entries.count < Announcer.Limits.listed else { return }
        entries[occasion.alarm, default: Entry(name: occasion.name, area: occasion.area, count: 0)].count += 1
    }

    func notice(at time: Int64) -> SupervisorNotice {
        var text = "\(total) \(total == 1 ? "alarm" : "alarms") in \(spoken(time - since)): "
        text += areas.map { "\($0.name) \($0.count) (\($0.top.joined(separator: ", ")))" }.joined(separator: "; ")
        let rest = total - entries.values.reduce(0) { $0 + $1.count }
        if rest > 0 { text += "; others \(rest)" }
        if !firstOut.isEmpty { text += "; first out: " + firstOut.joined(separator: ", ") }
        return SupervisorNotice(
            kind: .digest, time: time, since: since, count: total, alarms: entries.keys.sorted(), text: text + ".")
    }

    /// The busiest area first, each with its three busiest alarms; equal ones by name.
    private var areas: [(name: String, count: Int, top: [String])] {
        Dictionary(grouping: entries.values, by: \.area).map { area, entries in
            let busiest = entries.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
            let top = busiest.prefix(Announcer.Limits.topOfArea).map {
                $0.count > 1 ? "\($0.name) x\($0.count)" : $0.name
            }
            let rest = busiest.count - top.count
            return (area, entries.reduce(0) { $0 + $1.count }, top + (rest > 0 ? ["\(rest) more"] : []))
        }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }

    mutating func renumber(_ map: (AlarmDefinition.ID) -> AlarmDefinition.ID?) {
        entries = .init(entries.compactMap { key, entry in map(key).map { ($0, entry) } }) { first, _ in first }
    }
}
