public import Detection

/// Something that happened beside the scans, at its UTC milliseconds.
public struct RecordedMoment: Sendable {
    public enum What: Sendable {
        /// An operator's command to an alarm. Those that name no alarm of the plant that is replayed change nothing.
        case command(alarm: String, CommandAsked, by: Note)
        /// The daemon ended orderly: until here its timers ran.
        case stopped
        /// A daemon began, with the states that the one before had left.
        case started
        /// What a controller's unit is making from now on; `nil` for nothing.
        case product(String?, controller: String)
    }

    public var time: Int64
    public var what: What
    /// The scan it came right after; `nil` when nobody knows, and the times must tell.
    public var after: ScanMark?

    /// A scan by its group's name and its number there.
    public struct ScanMark: Hashable, Sendable {
        public var group: String
        public var sequence: UInt64

        /// `F-01/fast#1234`.
        public init?(_ text: String) {
            guard let end = text.lastIndex(of: "#"), let sequence = UInt64(text[text.index(after: end)...]) else {
                return nil
            }
            (group, self.sequence) = (String(text[..<end]), sequence)
        }
    }

    public init(time: Int64, _ what: What, after: ScanMark? = nil) {
        (self.time, self.what, self.after) = (time, what, after)
    }
}

/// A command as it was recorded.
public enum CommandAsked: Hashable, Sendable {
    case exactly(AlarmCommand)
    /// Whatever stands then, because nobody wrote down which occurrence he had seen.
    case acknowledgeWhatStands
    case unacknowledgeWhatStands

    /// For an alarm in this state.
    func command(_ state: AlarmState) -> AlarmCommand {
        switch self {
        case .exactly(let command): command
        case .acknowledgeWhatStands: .acknowledge(occurrence: state.occurrence, revision: state.revision)
        case .unacknowledgeWhatStands: .unacknowledge(occurrence: state.occurrence, revision: state.revision)
        }
    }
}
