public import Plant

/// Everything that can happen to an alarm.
///
/// Times are milliseconds on a scale that runs at the pace of the monotonic clock, so that a step of the wall clock
/// neither ripens nor delays an alarm. An input older than one already seen counts as of that moment.
public enum AlarmInput: Sendable {
    /// A sample of the alarm's tag, in engineering units.
    ///
    /// - Parameters:
    ///   - enabled: whether the alarm's `when` holds; `nil` when that is not known, which freezes the alarm like a bad
    ///     sample does. True for an alarm without one.
    case sample(time: Int64, value: Double, quality: Quality, enabled: Bool?)
    /// The controller of a communication alarm was lost (`cause` says why) or answers again.
    case comms(time: Int64, down: Bool, cause: Quality)
    /// Nothing but the passing of time.
    case tick(time: Int64)
    /// An operator has seen what `occurrence` and `revision` name.
    case acknowledge(time: Int64, occurrence: Int, revision: Int, by: String)
    /// An operator lets go of a latched alarm.
    case reset(time: Int64, by: String)
    /// The daemon has loaded the state and begins, perhaps with a changed definition. Comes before any sample.
    case restart(time: Int64)
}

/// What an operator gets to hear.
public enum AlarmAnswer: String, Hashable, Sendable, Codable {
    case ok
    /// Nothing to acknowledge: somebody was faster, or it needs none.
    case already
    /// What was named is no longer what is there; the operator must look again.
    case stale
    /// A reset of an alarm that is not latched, not acknowledged, or whose condition still holds.
    case refused
}
