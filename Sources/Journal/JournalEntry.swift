public import Detection

/// What goes into the journal together, in one transaction or not at all.
public struct JournalEntry: Sendable {
    /// The events, in order. The journal gives each a number and announces it after the commit.
    public var notices: [AlarmNotice]
    /// The alarms' states after the events, by alarm name.
    public var states: [String: AlarmState]
    /// Alarms whose state is forgotten, because the configuration no longer has them.
    public var retired: [String]
    /// What the alarms are from now on, by alarm name, as `AlarmDefinition.text`. Those that are stored already cost a
    /// look and change nothing.
    public var definitions: [String: String]
    public var audit: [AuditRecord]
    public var heats: [HeatRecord]
    /// How far calls have come; of one alarm and policy the last counts.
    public var escalations: [EscalationRecord]
    /// UTC milliseconds when it was appended: since then its definitions are in force.
    var time: Int64 = 0
    /// Called on the journal's thread after the commit with the numbers of the notices; with `nil` when the entry had to
    /// be given up.
    public var completion: (@Sendable ([Int64]?) -> Void)?

    public init(
        notices: [AlarmNotice] = [], states: [String: AlarmState] = [:], retired: [String] = [],
        definitions: [String: String] = [:], audit: [AuditRecord] = [], heats: [HeatRecord] = [],
        escalations: [EscalationRecord] = [], completion: (@Sendable ([Int64]?) -> Void)? = nil
    ) {
        self.notices = notices
        self.states = states
        self.retired = retired
        self.definitions = definitions
        self.audit = audit
        self.heats = heats
        self.escalations = escalations
        self.completion = completion
    }
}
