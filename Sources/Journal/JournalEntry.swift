public import Detection

/// What goes into the journal together, in one transaction or not at all.
public struct JournalEntry: Sendable {
    /// The events, in order. The journal gives each a number and announces it after the commit.
    public var notices: [AlarmNotice]
    /// The alarms' states after the events, by alarm name.
    public var states: [String: AlarmState]
    /// Alarms whose state is forgotten, because the configuration no longer has them.
    public var retired: [String]
    public var audit: [AuditRecord]
    /// Called on the journal's thread after the commit with the numbers of the notices; with `nil` when the entry had to
    /// be given up.
    public var completion: (@Sendable ([Int64]?) -> Void)?

    public init(
        notices: [AlarmNotice] = [], states: [String: AlarmState] = [:], retired: [String] = [],
        audit: [AuditRecord] = [], completion: (@Sendable ([Int64]?) -> Void)? = nil
    ) {
        self.notices = notices
        self.states = states
        self.retired = retired
        self.audit = audit
        self.completion = completion
    }
}

/// Who did what to what, and why: every operator command, and nothing else, leaves one.
public struct AuditRecord: Codable, Hashable, Sendable {
    /// UTC milliseconds.
    public var time: Int64
    public var who: String
    /// The command, `ack`, `reset`, `reload`.
    public var what: String
    /// The alarm or file it was about.
    public var subject: String
    public var before: String?
    public var after: String?
    public var why: String?

    public init(
        time: Int64, who: String, what: String, subject: String, before: String? = nil, after: String? = nil,
        why: String? = nil
    ) {
        self.time = time
        self.who = who
        self.what = what
        self.subject = subject
        self.before = before
        self.after = after
        self.why = why
    }
}
