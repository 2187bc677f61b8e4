public import Plant

/// One change of an alarm that the journal must know.
public struct AlarmEvent: Hashable, Sendable {
    public enum What: String, Hashable, Sendable, CaseIterable, Codable {
        case raise
        case clear
        case levelUp = "level-up"
        case levelDown = "level-down"
        case acknowledge = "ack"
        case reset
        /// An occurrence that nobody acknowledged is closed because the next one begins.
        case superseded
        /// The state was taken over from before a restart.
        case restored
    }

    public let what: What
    /// When it came to be: for raise and clear the end of the delay, whenever somebody looked.
    public let effective: Int64
    /// The time of the input that brought it to light; never before `effective`.
    public let time: Int64
    /// The alarm's state just after it.
    public let core: AlarmCore
    /// The level it is about; for a clear the one that was left.
    public let level: AlarmLevel?
    public let priority: Priority
    /// The last good value in engineering units; `nil` for a communication alarm.
    public let value: Double?
    /// The limit of `level`; `nil` where there is none.
    public let limit: Double?
    /// Of the last sample; for a communication alarm why the controller was lost.
    public let quality: Quality
    public let occurrence: Int
    public let revision: Int
    /// An operator must be told now. Everything else is only recorded and shown.
    public let annunciated: Bool
    /// A clear whose condition ended while the daemon was not looking: the time is when it was found out.
    public let duringOutage: Bool
    /// The operator, for acknowledgements and resets.
    public let who: String?
}
