import Annunciation
import Journal
import Plant

/// Hears what happens to alarms, and says who is called about those that nobody acts upon. The escalator's thread owns
/// one; without threads and clocks of its own it can be tested.
struct CallDesk {
    /// A smaller difference between the clocks is the time that passes between reading the one and the other, or a
    /// correction that moves no call by more than people notice.
    static let stepThreshold: Int64 = 1_000_000_000
    /// So long after a start nobody is called about an alarm from before it that no reading has confirmed: its condition
    /// may be long gone. A scan takes seconds, also on the second address of a controller and with a delay before the
    /// alarm clears. An alarm that cannot be looked at must be called about all the same, and steps wait for minutes.
    static let grace: Duration = .seconds(30)
    /// How often to ask meanwhile which alarms were looked at.
    static let lookEvery: Duration = .milliseconds(500)

    private var book: EscalationBook
    /// What people are told of each alarm that has somebody to call, by its name.
    private var subjects: [String: Subject] = [:]
    /// From CLOCK_MONOTONIC to the book's scale, in nanoseconds.
    private var offset: Int64
    /// On the book's scale: a call that was due before fell into a time without a daemon.
    private var started: Int64
    private(set) var calls = 0

    private struct Subject {
        /// What operators were told, in the state the alarm is in now.
        var notice: AlarmNotice
        /// On the book's scale: since when nobody has acknowledged.
        let since: Int64
    }

    /// - Parameters:
    ///   - saved: what the journal kept.
    ///   - standing: a notice of each alarm that waits for an acknowledgement and is not hidden, with its state, its
    ///     sentence, and its raise as the effective time.
    ///   - monotonic: CLOCK_MONOTONIC nanoseconds.
    ///   - wall: UTC nanoseconds.
    init(
        _ policies: [EscalationPolicy], saved: [EscalationRecord], standing: [AlarmNotice], monotonic: Int64,
        wall: Int64
    ) {
        offset = wall - monotonic
        let now = wall / 1_000_000
        started = now
        let events = standing.compactMap(EscalationEvent.init)
        book = EscalationBook(
            policies: policies, saved: saved.compactMap(EscalationState.init), standing: events, at: now)
        // What was gone already needs no reading.
        book.hold(events.lazy.filter { $0.what == .raised }.map(\.alarm))
        meet(standing, at: now)
    }

    /// The alarms that stood before the start and of which it is not known whether they still do.
    var unconfirmed: Set<String> { book.held }

    /// Calls about alarms that a reading has confirmed, from now on.
    ///
    /// - Parameters:
    ///   - seen: alarms that were looked at since the start.
    ///   - standing: as at the start, taken after `seen`. What was looked at and does not stand there any more has cleared:
    ///     its news comes.
    mutating func confirm(_ seen: Set<String>, standing: [AlarmNotice], monotonic: Int64) {
        let now = scale(monotonic)
        let confirmed = standing.filter {
            seen.contains($0.id) && book.held.contains($0.id) && EscalationEvent($0)?.what == .raised
        }
        book.release(Set(confirmed.lazy.map(\.id)))
        // With the value of now.
        for notice in confirmed { meet(notice, at: now) }
    }

    /// Goes over to other policies, or finds the alarms anew after their events were not heard.
    mutating func change(to policies: [EscalationPolicy], standing: [AlarmNotice], monotonic: Int64) {
        let now = scale(monotonic)
        book.change(to: policies, standing: standing.compactMap(EscalationEvent.init), at: now)
        meet(standing, at: now)
    }

    var policies: [EscalationPolicy] { book.policies }

    /// Hears notices in their order. One that comes again because it is on disk now was heard before.
    mutating func take(_ notices: [AlarmNotice], monotonic: Int64) {
        let now = scale(monotonic)
        for notice in notices where !notice.dup {
            guard let event = EscalationEvent(notice) else { continue }
            book.take(event, at: now)
            guard book.contains(notice.id) else {
                subjects[notice.id] = nil
                continue
            }
            // A word about a reading of this run; what comes back from before the start is none.
            if event.what == .raised || event.what == .cleared { book.release([notice.id]) }
            switch event.what {
            case .raised, .unacknowledged: meet(notice, at: now)
            // It waits on, and the words stay those of the news.
            case .acknowledged, .cleared, .hidden, .retired:
                if subjects[notice.id] == nil { meet(notice, at: now) }
                subjects[notice.id]?.notice.state = notice.state
            }
        }
    }

    /// What the journal is to write now: the calls that are due, and how far everything has come.
    mutating func turn(monotonic: Int64, wall: Int64) -> JournalEntry? {
        follow(monotonic: monotonic, wall: wall)
        let now = scale(monotonic)
        if now >= started + CallDesk.grace.milliseconds { book.release(book.held) }
        let due = book.due(at: now)
        calls += due.count
        let records = book.changes().map(EscalationRecord.init)
        guard !records.isEmpty else { return nil }
        return JournalEntry(notices: due.map { notice(of: $0, at: now) }, escalations: records)
    }

    /// CLOCK_MONOTONIC nanoseconds of the next call; `nil` when nobody is to be called.
    var nextDue: Int64? {
        let held = book.held.isEmpty ? nil : started + CallDesk.grace.milliseconds
        return [book.nextDue, held].compactMap(\.self).min().map { $0 * 1_000_000 - offset }
    }

    /// Everything that runs, with the policy's steps for whoever shows it.
    var states: [EscalationState] { book.states }

    /// Waits are not touched by a step of UTC, but what is saved must be on the new one.
    private mutating func follow(monotonic: Int64, wall: Int64) {
        let step = wall - monotonic - offset
        guard abs(step) >= CallDesk.stepThreshold else { return }
        let milliseconds = step / 1_000_000
        offset += milliseconds * 1_000_000
        started += milliseconds
        book.move(by: milliseconds)
        subjects = subjects.mapValues { Subject(notice: $0.notice, since: $0.since + milliseconds) }
    }

    private func scale(_ monotonic: Int64) -> Int64 { (monotonic + offset) / 1_000_000 }

    private mutating func meet(_ standing: [AlarmNotice], at now: Int64) {
        subjects = subjects.filter { book.contains($0.key) }
        for notice in standing where book.contains(notice.id) { meet(notice, at: now) }
    }

    private mutating func meet(_ notice: AlarmNotice, at now: Int64) {
        let since = subjects[notice.id]?.since ?? min(notice.effectiveTime, now)
        subjects[notice.id] = Subject(notice: notice, since: since)
    }

    private func notice(of call: EscalationCall, at now: Int64) -> AlarmNotice {
        let subject = subjects[call.alarm]
        // Every alarm that has an entry in the book was met; should one not have been, its name is what there is.
        var notice =
            subject?.notice
            ?? AlarmNotice(
                id: call.alarm, occ: call.occurrence, what: "", sourceTime: now, receivedTime: now, effectiveTime: now,
                text: call.alarm)
        // Nobody has acknowledged for so long; but nobody could have.
        if call.due < started { notice.text += ", the daemon was down when this call was due" }
        return .call(
            AlarmNotice.Call(
                policy: call.policy, step: call.step, number: call.number, times: call.times, sinks: call.sinks,
                waited: .milliseconds(max(0, now - (subject?.since ?? now)))), about: notice, at: now)
    }
}

extension EscalationState {
    /// `nil` for a record of an end.
    fileprivate init?(_ record: EscalationRecord) {
        guard let progress = record.progress else { return nil }
        self.init(
            alarm: record.alarm, policy: record.policy, occurrence: progress.occurrence, step: progress.step,
            called: progress.called, due: progress.due)
    }
}

extension EscalationRecord {
    fileprivate init(_ change: EscalationChange) {
        switch change {
        case .ended(let alarm, let policy): self.init(alarm: alarm, policy: policy)
        case .stands(let state):
            self.init(
                alarm: state.alarm, policy: state.policy,
                progress: Progress(
                    occurrence: state.occurrence, step: state.step, called: state.called, due: state.due))
        }
    }
}
