import Plant

/// Which lines are for a sink.
struct SinkFilter: Sendable {
    private let name: String
    private let selection: SinkSelection
    private let events: SinkSelection.Events
    private let minRank: Int
    private let takesHeartbeats: Bool
    /// Local time minus UTC at an instant; both in milliseconds.
    private let offset: @Sendable (Int64) -> Int64

    init(
        _ definition: SinkDefinition, takesHeartbeats: Bool, offset: @escaping @Sendable (Int64) -> Int64
    ) {
        name = definition.name
        selection = definition.selection
        events = definition.selection.events ?? definition.kind.usualEvents
        minRank = Priority.allCases.firstIndex(of: definition.selection.minPriority) ?? 0
        self.takesHeartbeats = takesHeartbeats
        self.offset = offset
    }

    func wants(_ line: AlarmLine) -> Bool {
        switch line.kind {
        case .heartbeat: return takesHeartbeats
        case .gap, .digest, .snapshot, .test: return true
        case .event: break
        }
        // Whoever names a sink has chosen already.
        if let only = line.only { return only.contains(name) }
        switch events {
        case .escalations: return false
        case .announcements: guard line.announces else { return false }
        case .all: break
        }
        return line.rank >= minRank && isNamed(line) && isOnDuty(at: line.time)
    }

    private func isNamed(_ line: AlarmLine) -> Bool {
        func matches(_ pattern: NamePattern) -> Bool {
            line.fields[.alarm].map(pattern.matches) == true || line.fields[.tag].map(pattern.matches) == true
        }
        if selection.except.contains(where: matches) { return false }
        return selection.match.isEmpty || selection.match.contains(where: matches)
    }

    private func isOnDuty(at time: Int64) -> Bool {
        guard !selection.schedule.isEmpty else { return true }
        let minute = (time + offset(time)).floorDivided(by: 60_000)
        let day = minute.floorDivided(by: 1440)
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

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
