import Detection
public import Plant

/// How a stretch of events would have felt to operators: measured with one yardstick, whoever made the events.
public struct Tally: Codable, Hashable, Sendable {
    /// Events that asked for an operator.
    public var annunciations = 0
    /// Raises, also of revisions that came back from an overlay.
    public var raises = 0
    public var floods = 0
    /// Milliseconds with a flood, as `Announcer` counts them.
    public var floodMilliseconds: Int64 = 0
    /// Alarms that chattered at least once.
    public var chattering: [String] = []
    /// Alarms that stand at the end.
    public var standing: [String] = []

    /// - Parameters:
    ///   - events: in any order.
    ///   - end: UTC milliseconds; a flood that goes on ends here.
    public init(_ events: [ReplayEvent], in plant: Plant, until end: Int64) {
        var announcer = Announcer(plant.supervision)
        let areas = Dictionary(
            plant.alarms.map { ($0.name, $0.controller(in: plant)?.name ?? "") },
            uniquingKeysWith: { first, _ in first })
        var numbers: [String: Int] = [:]
        var names: [String] = []
        var notices: [SupervisorNotice] = []
        var last: [String: ReplayEvent] = [:]
        for event in events.sorted(by: ReplayEvent.isBefore) {
            annunciations += event.annunciated ? 1 : 0
            raises += event.isRaise ? 1 : 0
            last[event.alarm] = event
            // The alarms of the day may not be those of this plant.
            let number = numbers[event.alarm] ?? names.count
            if number == names.count {
                numbers[event.alarm] = number
                names.append(event.alarm)
            }
            let occasion = Announcer.Occasion(
                alarm: number, effective: event.time, what: event.event, priority: event.priority, level: event.level,
                annunciated: event.annunciated, area: areas[event.alarm] ?? "", name: event.alarm)
            notices += announcer.tell([occasion]).notices
        }
        notices += announcer.tick(end)
        let begun = notices.filter { $0.kind == .floodBegins }
        let ended = notices.filter { $0.kind == .floodEnds }
        floods = begun.count
        floodMilliseconds = ended.reduce(0) { $0 + $1.time - $1.since }
        if let open = announcer.flood { floodMilliseconds += max(0, end - open.since) }
        chattering = Set(notices.filter { $0.kind == .chatterBegins }.flatMap { $0.alarms.map { names[$0] } }).sorted()
        standing = last.values.filter { ["UNACK", "ACKED", "LATUN", "LATAK"].contains($0.state) }.map(\.alarm).sorted()
    }
}

extension ReplayEvent {
    /// People see that a condition begins, or that it held all the while.
    var isRaise: Bool { event == .raise || event == .raiseExit }
}
