public import Plant

/// Which lines are for a sink.
public struct SinkFilter: Sendable {
    private let name: String
    private let selection: SinkSelection
    private let events: SinkSelection.Events
    private let minRank: Int
    private let takesHeartbeats: Bool
    /// It shows the newest state of each alarm, besides what it tells.
    private let showsStates: Bool
    /// Local time minus UTC at an instant; both in milliseconds.
    private let offset: @Sendable (Int64) -> Int64

    /// - Parameter offset: local time minus UTC at an instant, both in milliseconds: for schedules.
    public init(
        _ definition: SinkDefinition, takesHeartbeats: Bool = false, offset: @escaping @Sendable (Int64) -> Int64
    ) {
        name = definition.name
        selection = definition.selection
        events = definition.selection.events ?? definition.kind.usualEvents
        minRank = Priority.allCases.firstIndex(of: definition.selection.minPriority) ?? 0
        if case .mqtt = definition.kind { showsStates = true } else { showsStates = false }
        self.takesHeartbeats = takesHeartbeats
        self.offset = offset
    }

    /// The line as the sink is to have it; `nil` when it is not for it.
    func take(_ line: AlarmLine) -> AlarmLine? {
        switch line.kind {
        case .heartbeat: return takesHeartbeats ? line : nil
        case .gap, .digest, .snapshot, .state, .test: return line
        case .event: break
        }
        if wants(line) { return line }
        // A state that is shown must not stay when it is over, whoever is on duty then.
        guard showsStates, line.only == nil, shows(line) || line.fields[.what] == SinkFilter.retired else { return nil }
        return line.stateOnly
    }

    /// Whether the alarm of a line is one that the sink tells of: for those that stand when a reader joins.
    public func shows(_ line: AlarmLine) -> Bool { line.topRank >= minRank && isNamed(line) }

    /// What the journal calls the end of an alarm that is no longer configured. It has no priority any more, nor a tag.
    private static let retired = "retired"

    private func wants(_ line: AlarmLine) -> Bool {
        // Whoever names a sink has chosen already.
        if let only = line.only { return only.contains(name) }
        guard line.not != name else { return false }
        switch events {
        case .escalations: return false
        case .announcements: guard line.announces else { return false }
        case .all: break
        }
        guard shows(line) else { return false }
        if isOnDuty(at: line.time) { return true }
        // By its beginning: who was told that an alarm came is told that it went. Nothing calls him outside his hours.
        return !line.announces && line.raised.map(isOnDuty(at:)) == true
    }

    private func isNamed(_ line: AlarmLine) -> Bool {
        func matches(_ pattern: NamePattern) -> Bool {
            line.fields[.alarm].map(pattern.matches) == true || line.fields[.tag].map(pattern.matches) == true
        }
        if selection.except.contains(where: matches) { return false }
        return selection.match.isEmpty || isAboutAll(line) || selection.match.contains(where: matches)
    }

    /// A flood's digest, a mass exit, lost events: they stand for alarms that nobody tells singly, maybe for these. What
    /// another sink gave up stands for itself, as that sink's alarm does.
    private func isAboutAll(_ line: AlarmLine) -> Bool {
        line.announces && line.fields[.tag] == nil && line.fields[.occurrence] == nil
            && line.fields[.what] != SinkLoop.undelivered
    }

    private func isOnDuty(at time: Int64) -> Bool {
        guard !selection.schedule.isEmpty else { return true }
        let minute = (time + offset(time)).flooredQuotient(dividingBy: 60_000)
        let day = minute.flooredQuotient(dividingBy: 1440)
        // 1 January 1970 was a Thursday, the fourth day of ISO's week.
        let weekday = Int(((day + 3) % 7 + 7) % 7) + 1
        return selection.schedule.contains { $0.contains(day: weekday, minute: Int(minute - day * 1440)) }
    }
}

extension SinkDefinition.Kind {
    /// Streams record everything; what rings or is read by a person hears of what calls him.
    var usualEvents: SinkSelection.Events {
        switch self {
        case .exec, .mail: .announcements
        case .fifo, .webhook, .journald, .syslog, .mqtt, .file, .stdout: .all
        }
    }
}
