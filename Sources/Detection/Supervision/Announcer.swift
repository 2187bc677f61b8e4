public import Plant

/// Decides how an event is told. The journal always gets every event; this says who hears of it and when.
///
/// Time is data. What is due by itself takes effect at its own time, before the first event at or after that time, so
/// the answers do not depend on how often somebody calls `tick`, and a replay gives those of the day. For that, `tick`
/// must not run ahead of events that are still to come. An event that comes late counts at the latest time seen.
///
/// An annunciation, as the flood counts them, is one that operators get: an alarm told singly or summed up, or one
/// notice of a mass exit. What is only counted as chatter adds nothing to a flood.
public struct Announcer: Sendable {
    /// What bounds the memory, whatever the plant does. Per alarm there are at most `chatterChanges` + 1 times.
    public enum Limits {
        /// Alarms that one notice lists, and that one digest tells apart.
        public static let listed = 1000
        /// Names in a text.
        public static let spoken = 10
        /// Alarms of one area in a digest.
        public static let topOfArea = 3
        public static let floodStarts = 10_000
        public static let chatterChanges = 100
        public static let massExitSingles = 1000
    }

    private var floods: FloodSupervisor
    private var chatter: ChatterSupervisor
    private var exits: MassExitSupervisor
    /// The latest time seen.
    private var now = Int64.min

    public init(_ settings: Supervision) {
        floods = FloodSupervisor(settings.flood)
        chatter = ChatterSupervisor(settings.chatter)
        exits = MassExitSupervisor(settings.massExit)
    }

    /// One batch is all events of one moment of the plant: one input may end a phase and bring out many alarms.
    ///
    /// - Returns: how each is told, in their order, and the notices that are due with them.
    public mutating func tell(_ batch: [Occasion]) -> (tellings: [Telling], notices: [SupervisorNotice]) {
        var notices: [SupervisorNotice] = []
        let isMass = exits.isMass(batch)
        let tellings = batch.map { occasion in
            advance(to: occasion.effective, &notices)
            now = max(now, occasion.effective)
            return tell(occasion, isMass: isMass, &notices)
        }
        if isMass { endExits(now, &notices) }
        return (tellings, notices)
    }

    /// Digests and ends that are due by `time`.
    public mutating func tick(_ time: Int64) -> [SupervisorNotice] {
        var notices: [SupervisorNotice] = []
        advance(to: time, &notices)
        return notices
    }

    /// When `tick` has something to say, if no event comes before.
    public var nextDue: Int64? { [exits.nextDue, floods.nextDue, chatter.nextDue].compactMap(\.self).min() }

    /// `nil` when it does not chatter.
    public func isChattering(_ alarm: AlarmDefinition.ID) -> ChatterState? { chatter[alarm] }

    /// `nil` when there is none.
    public var flood: FloodState? { floods.state }

    /// After a reload: the alarms have other ids, or none any more, and perhaps other rules.
    public mutating func renumber(
        _ map: (AlarmDefinition.ID) -> AlarmDefinition.ID?, under settings: Supervision? = nil
    ) {
        if let settings {
            floods = floods.under(settings.flood)
            chatter = chatter.under(settings.chatter)
            exits = exits.under(settings.massExit)
        }
        floods.renumber(map)
        chatter.renumber(map)
        exits.renumber(map)
    }
}

extension Announcer {
    private mutating func tell(
        _ occasion: Occasion, isMass: Bool, _ notices: inout [SupervisorNotice]
    ) -> Telling {
        if occasion.isChange, let notice = chatter.change(occasion, at: now) { notices.append(notice) }
        guard occasion.annunciated else { return .none }
        let isOneOfMany = occasion.isExit && exits.exit(now, isMass: isMass)
        if occasion.priority < .critical {
            if chatter.swallows(occasion) {
                chatter.count(occasion.alarm)
                return .counted
            }
            if isOneOfMany {
                exits.gather(occasion, at: now)
                chatter.told(occasion)
                return .grouped
            }
        }
        chatter.told(occasion)
        if let notice = floods.count(now) { notices.append(notice) }
        guard floods.state != nil, occasion.priority <= .medium else { return .single }
        floods.sumUp(occasion, at: now)
        return .digest
    }

    /// Everything that is due by `time`, in order; at equal times mass exit, flood, chatter.
    private mutating func advance(to time: Int64, _ notices: inout [SupervisorNotice]) {
        while let due = nextDue, due <= time {
            now = max(now, due)
            if exits.nextDue == due {
                endExits(due, &notices)
            } else if floods.nextDue == due {
                notices += floods.run(due)
            } else {
                notices += chatter.run(due)
            }
        }
    }

    /// The notice of a mass exit is itself an annunciation.
    private mutating func endExits(_ time: Int64, _ notices: inout [SupervisorNotice]) {
        guard let notice = exits.run(time) else { return }
        notices.append(notice)
        if let begin = floods.count(time) { notices.append(begin) }
    }
}
