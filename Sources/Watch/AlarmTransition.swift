public import Detection
public import Plant

/// What one step of an alarm brought: the event for the journal, and the state to keep.
public struct AlarmTransition: Sendable {
    public let alarm: AlarmDefinition.ID
    public let event: AlarmEvent
    /// The state after all events of the step.
    public let state: AlarmState
    /// UTC milliseconds: when the controller's value was asked for, when its reply was here, when the event took effect.
    public let sourceTime: Int64
    public let receivedTime: Int64
    public let effectiveTime: Int64
}

/// What an operator asks of the watch. Alarms go by their names: numbers change when the configuration does.
public enum OperatorRequest: Sendable {
    case acknowledge(alarm: String, occurrence: Int, revision: Int, who: String)
    case reset(alarm: String, who: String)

    var alarm: String {
        switch self {
        case .acknowledge(let alarm, _, _, _), .reset(let alarm, _): alarm
        }
    }
}

/// Things of note that are neither a reading nor an alarm.
public enum WatchNotice: Sendable {
    /// A line's ring was full: blocks it could not hand over, since the last such notice.
    case lineOverflow(line: String, blocks: Int, cells: Int)
    /// The recorder's ring was full.
    case recorderOverflow(blocks: Int, cells: Int)
    /// UTC jumped against the monotonic clock.
    case clockStep(milliseconds: Int64)
}
