/// A field of a line, by the name that templates use.
public enum AlarmField: String, Sendable, Hashable, CaseIterable {
    case plant, boot
    case sequence = "seq"
    case alarm, tag
    case occurrence = "occ"
    case revision = "rev"
    case what, state, priority, level, value, unit, limit, quality
    /// When it took effect, ISO 8601 UTC.
    case time
    /// The sentence, without the rest of the usual line.
    case text
    /// The usual line.
    case line
    case guidance
    /// Seconds there are to respond.
    case response = "response_s"
    case cause, consequence
    case alarmClass = "class"
    case who, why
    /// `dup` on a line that may have been sent before.
    case dup
}
