import Detection
import Historian
import Journal
import Plant
import Replay

/// What history and journal tell of a stretch of time, and of the moment before it.
struct RecordedPast {
    /// UTC milliseconds from which scans must be fed.
    let start: Int64
    /// Of the alarms at `start`, by name.
    private(set) var states: [String: AlarmState] = [:]
    /// Commands, heats, starts and stops from `start` on.
    private(set) var moments: [RecordedMoment] = []
    /// What really happened in the range.
    private(set) var events: [ReplayEvent] = []

    init(journal path: String, _ plant: Plant, showing range: Range<Int64>) throws {
        let journal = try JournalReader(path: path)
        let starts = try journal.boots(from: range.lowerBound - ReplayStart.reach, to: range.upperBound).map(\.time)
        start = ReplayStart.time(from: range.lowerBound, starts: starts)
        let definitions = Dictionary(plant.alarms.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for notice in try journal.lastEvents(before: start) {
            guard let definition = definitions[notice.id], let past = try Resumption(notice, in: journal) else {
                continue
            }
            states[notice.id] = AlarmState(resuming: past, definition)
        }
        for heat in try journal.heats(from: start, to: range.upperBound) {
            moments.append(
                RecordedMoment(time: max(heat.began, start), .product(heat.product, controller: heat.controller)))
            if let ended = heat.ended {
                moments.append(RecordedMoment(time: ended, .product(nil, controller: heat.controller)))
            }
        }
        try journal.events(from: start, to: range.upperBound + HistorySource.afterwards, by: .effective) { notice in
            if let moment = RecordedMoment(notice) { moments.append(moment) }
            if range.contains(notice.effectiveTime), let event = ReplayEvent(notice) { events.append(event) }
        }
    }
}

extension ReplayEvent {
    /// `nil` for what the daemon tells of itself: no reading brings it back.
    fileprivate init?(_ notice: AlarmNotice) {
        guard notice.id != AlarmNotice.daemonID, Subsystem(alarmName: notice.id) == nil,
            let what = AlarmEvent.What(rawValue: notice.what)
        else { return nil }
        self.init(
            time: notice.effectiveTime, alarm: notice.id, tag: notice.tag, event: what, state: notice.state ?? "",
            level: notice.level.flatMap(AlarmLevel.init(rawValue:)), value: notice.value,
            quality: notice.quality.flatMap(Quality.init(name:)) ?? .neverRead, occurrence: notice.occ,
            revision: notice.rev, annunciated: notice.annunciated,
            priority: notice.priority.flatMap(Priority.init(rawValue:)) ?? .low)
    }
}

extension RecordedMoment {
    /// A start, a stop, or what an operator did: only what was obeyed is an event.
    fileprivate init?(_ notice: AlarmNotice) {
        let what: What
        if notice.id == AlarmNotice.daemonID {
            switch DaemonEvent(rawValue: notice.what) {
            case .started: what = .started
            case .stopped: what = .stopped
            default: return nil
            }
        } else {
            guard let who = notice.who, let asked = CommandAsked(notice) else { return nil }
            what = .command(alarm: notice.id, asked, by: Note(who: who, why: notice.why ?? ""))
        }
        self.init(time: notice.effectiveTime, what, after: notice.afterScan.flatMap(ScanMark.init))
    }
}

extension CommandAsked {
    fileprivate init?(_ notice: AlarmNotice) {
        switch AlarmEvent.What(rawValue: notice.what) {
        case .acknowledge: self = .acknowledgeWhatStands
        case .unacknowledge: self = .unacknowledgeWhatStands
        case .reset: self = .exactly(.reset)
        case .shelve:
            guard let until = notice.until else { return nil }
            self = .exactly(
                .shelve(for: .milliseconds(until - notice.effectiveTime), oneShot: notice.detail == "one-shot"))
        case .unshelve: self = .exactly(.unshelve)
        case .suppress: self = .exactly(.suppress)
        case .unsuppress: self = .exactly(.unsuppress)
        case .outOfService: self = .exactly(.takeOutOfService(permit: notice.detail, review: notice.until))
        case .returnToService: self = .exactly(.returnToService)
        case .test: self = .exactly(.test)
        default: return nil
        }
    }
}

extension Resumption {
    /// Events of one alarm looked at, the newest first, for what its newest does not say.
    private static let lookedBack = 1000

    /// How the journal left an alarm.
    fileprivate init?(_ newest: AlarmNotice, in journal: JournalReader) throws {
        guard AlarmEvent.What(rawValue: newest.what) != nil else { return nil }
        let known = newest.state.flatMap(AlarmCore.init(rawValue:))
        self.init(
            core: known ?? .norm, level: newest.level.flatMap(AlarmLevel.init(rawValue:)), limit: newest.limit,
            priority: newest.priority.flatMap(Priority.init(rawValue:)),
            topPriority: newest.topPriority.flatMap(Priority.init(rawValue:)), occurrence: newest.occ,
            revision: newest.rev, raisedAt: newest.effectiveTime)
        // Under an overlay the newest event shows only that: who hid it, and whether its condition holds, stands before.
        guard known == nil else { return }
        var (looked, isCoreKnown) = (0, false)
        try journal.events(of: newest.id, before: newest.effectiveTime + 1) { notice in
            looked += 1
            guard notice.seq <= newest.seq, let what = AlarmEvent.What(rawValue: notice.what) else { return true }
            let hides = notice.state == newest.state
            let note = notice.who.map { Note(who: $0, why: notice.why ?? "") }
            switch what {
            case .shelve where hides && shelf == nil:
                if let until = notice.until, let note {
                    shelf = AlarmState.Shelf(until: until, oneShot: notice.detail == "one-shot", note: note)
                }
            case .suppress where hides && suppression.isEmpty: suppression = note == nil ? .phase : .operator
            case .outOfService where hides && outOfService == nil:
                if let note {
                    outOfService = AlarmState.OutOfService(
                        since: notice.effectiveTime, permit: notice.detail, review: notice.until, note: note)
                }
            case .raise, .raiseSuppressed, .raiseExit, .clear, .clearSuppressed:
                if !isCoreKnown { core = what == .clear || what == .clearSuppressed ? .norm : .acked }
                isCoreKnown = true
            default: break
            }
            let isHidden = shelf != nil || !suppression.isEmpty || outOfService != nil
            return looked < Resumption.lookedBack && !(isHidden && isCoreKnown)
        }
    }
}
