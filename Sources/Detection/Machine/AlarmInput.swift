public import Plant

/// Everything that can happen to an alarm.
///
/// Times are milliseconds on a scale that runs at the pace of the monotonic clock, so that a step of the wall clock
/// neither ripens nor delays an alarm. An input older than one already seen counts as of that moment.
public enum AlarmInput: Sendable {
    /// A sample, judged by the alarm's detector.
    ///
    /// - Parameters:
    ///   - value: of the tag, in engineering units; `nil` where there is none.
    ///   - quality: of the sample. A sample that is not good freezes the alarm, whatever the finding says, unless the
    ///     quality is what the detector looks at.
    case sample(time: Int64, Finding, value: Double?, quality: Quality)
    /// Nothing but the passing of time.
    case tick(time: Int64)
    /// The plant's design keeps it silent for these reasons; all others end, but an operator's.
    case suppress(time: Int64, Suppression)
    /// An operator's command.
    case command(time: Int64, AlarmCommand, by: Note)
    /// The daemon has loaded the state and begins, or the definition has changed; it never changes without this. Comes
    /// before any sample. A delay that ended before it and was not looked at begins again: tick first where it counts.
    case restart(time: Int64)
}

/// What operators do to an alarm.
public enum AlarmCommand: Hashable, Sendable {
    /// Has seen what `occurrence` and `revision` name.
    case acknowledge(occurrence: Int, revision: Int)
    /// Takes it back.
    case unacknowledge(occurrence: Int, revision: Int)
    /// Lets go of a latched alarm.
    case reset
    case shelve(for: Duration, oneShot: Bool)
    case unshelve
    case suppress
    case unsuppress
    /// - Parameter review: UTC milliseconds when somebody must look again.
    case takeOutOfService(permit: String?, review: Int64?)
    case returnToService
    /// Tells an alarm that is none, marked as a test, through the whole chain.
    case test
}

/// What an operator gets to hear.
public enum AlarmAnswer: Hashable, Sendable {
    case ok
    /// It is so already: somebody was faster, or it needs none.
    case already
    /// What was named is no longer what is there; the operator must look again.
    case stale
    case refused(Refusal)
}

/// Why a command is not obeyed.
public enum Refusal: String, Hashable, Sendable, CaseIterable {
    case notLatched = "it is not latched"
    case conditionHolds = "its condition still holds"
    case notAcknowledged = "it is not acknowledged"
    case hidden = "it is shelved, suppressed or out of service"
    case noReason = "a reason is needed"
    case notShelvable = "it may not be shelved"
    case notPositive = "the time must be more than nothing"
    case tooLong = "the time is longer than it may be shelved"
    case nothingStands = "nothing stands that could be unacknowledged"
    case needsNobody = "it is never acknowledged by anybody"
}

extension AlarmAnswer {
    /// The first word of an answer: `ok`, `already`, `stale`, `refused`.
    public var word: String {
        switch self {
        case .ok: "ok"
        case .already: "already"
        case .stale: "stale"
        case .refused: "refused"
        }
    }
}
