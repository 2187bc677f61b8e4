public import Plant

/// What the supervisors say of many alarms at once.
public struct SupervisorNotice: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable, Codable {
        case floodBegins = "flood-begins"
        case floodEnds = "flood-ends"
        /// What was not told singly since the last one.
        case digest
        case chatterBegins = "chatter-begins"
        case chatterEnds = "chatter-ends"
        case massExit = "mass-exit"
    }

    public let kind: Kind
    /// UTC milliseconds when it was due, whenever somebody looked.
    public let time: Int64
    /// When what it speaks of began.
    public let since: Int64
    /// How many annunciations it stands for.
    public let count: Int
    /// The alarms it names, at most `Announcer.Limits.listed`.
    public let alarms: [AlarmDefinition.ID]
    /// For people.
    public let text: String
}
