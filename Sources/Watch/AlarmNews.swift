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
    /// How people hear of it.
    public let told: Telling
    /// Of an operator's doing: the last scan that was complete before it, `F-01/fast#1234`.
    public let afterScan: String?
}

/// What an operator asked, and what became of it; also when nothing did.
public struct OperatorAction: Sendable {
    public let alarm: AlarmDefinition.ID
    public let command: AlarmCommand
    public let note: Note
    public let answer: AlarmAnswer
    public let before: AlarmState
    public let after: AlarmState
    /// UTC milliseconds.
    public let time: Int64
}

/// What the alarms brought in one go: it belongs together in the journal.
public struct AlarmNews: Sendable {
    /// Whose numbers everything here uses.
    public let plant: Plant
    /// What makes the times in states UTC, in milliseconds.
    public let clockSteps: Int64
    public var transitions: [AlarmTransition] = []
    public var actions: [OperatorAction] = []
    /// States to keep although nothing happened: a point was added to a chart.
    public var charted: [AlarmDefinition.ID: AlarmState] = [:]
    /// Digests, the beginning and the end of floods, and whatever else is told of many alarms at once.
    public var supervision: [SupervisorNotice] = []

    var isEmpty: Bool { transitions.isEmpty && actions.isEmpty && charted.isEmpty && supervision.isEmpty }
}

/// One consistent look at all alarms.
public struct AlarmTable: Sendable {
    public let plant: Plant
    /// By alarm.
    public let states: [AlarmState]
    /// `nil` outside a flood.
    public let flood: FloodState?
    /// How often each alarm that chatters has been raised since it began to.
    public let chattering: [AlarmDefinition.ID: Int]
}

/// What an operator asks of the watch. Alarms go by their names: numbers change when the configuration does.
public struct OperatorRequest: Sendable {
    public let alarm: String
    public let command: AlarmCommand
    public let note: Note

    public init(alarm: String, command: AlarmCommand, note: Note) {
        (self.alarm, self.command, self.note) = (alarm, command, note)
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
