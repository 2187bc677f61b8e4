import FoundationEssentials
public import Plant

/// One line for operators, made once and sent to everybody.
public struct AlarmLine: Sendable {
    public enum Kind: Sendable, Hashable {
        /// From the journal, or on its way there.
        case event
        /// An event that its sink shows as the newest state of an alarm, and tells nobody.
        case state
        /// All is well with the daemon.
        case heartbeat
        /// What stands, for a reader that joins.
        case snapshot
        /// How many lines a reader will never see.
        case gap
        /// Several lines in one.
        case digest
        /// Sent by hand to see whether a sink works.
        case test
    }

    public private(set) var kind: Kind
    /// The journal's sequence number; 0 for lines that are no events, and for events that are not journalled yet.
    public let sequence: Int64
    /// One JSON object with its newline, at most `limit` bytes (PIPE_BUF of Linux): a pipe takes it whole or not at all.
    public private(set) var json: String
    /// The same for people, with its newline.
    public var text: String
    /// syslog's numbers, 0 emergency ... 7 debug.
    public let severity: Int
    /// Rank of the alarm's priority, 0 low ... 3 critical.
    public let rank: Int
    /// The worst rank that its alarm had since it was raised, and when that was (UTC milliseconds): a sink that told the
    /// beginning of an alarm tells its end.
    public let topRank: Int
    public let raised: Int64?
    /// False for lines that record without telling: an acknowledgement does not ring the pager.
    public let announces: Bool
    /// What messages and texts are made of; what does not apply is absent.
    public private(set) var fields: [AlarmField: String]
    /// The sinks it is for alone; `nil` for all.
    public let only: Set<String>?
    /// A sink it is not for.
    public let not: String?
    /// UTC milliseconds when it took effect.
    public let time: Int64
    /// When it was on disk; `nil` while it is not, and for lines of an earlier run.
    public var committed: Moment?
    /// False for one that is told long after its time: what it says of the alarm's state may be over.
    var tellsState = true
    /// It may have been sent before.
    public var isRepeat: Bool { fields[.dup] != nil }
    /// The lines of a digest.
    public let members: [AlarmLine]

    public init(
        kind: Kind = .event, sequence: Int64, json: String, text: String, severity: Int, rank: Int, announces: Bool,
        fields: [AlarmField: String] = [:], only: Set<String>? = nil, time: Int64 = 0, committed: Moment? = nil,
        members: [AlarmLine] = [], topRank: Int? = nil, raised: Int64? = nil, not: String? = nil
    ) {
        self.kind = kind
        self.sequence = sequence
        self.json = json
        self.text = text
        self.severity = severity
        self.rank = rank
        self.announces = announces
        self.fields = fields
        self.only = only
        self.time = time
        self.committed = committed
        self.members = members
        self.topRank = max(topRank ?? rank, rank)
        self.raised = raised
        self.not = not
    }

    /// The same line, marked as one that may have been sent before.
    var again: AlarmLine {
        guard !isRepeat else { return self }
        var line = self
        line.fields[.dup] = "dup"
        // Between quotes that no text contains: those of a text are escaped.
        line.json = json.replacing("\"dup\":false", with: "\"dup\":true", maxReplacements: 1)
        return line
    }

    /// The same line in other words. The JSON keeps as many of them as there is room for.
    func saying(_ words: String) -> AlarmLine {
        var line = self
        line.text = words + "\n"
        line.fields[.text] = words
        guard let old = fields[.text].map(AlarmLine.member), json.contains(old) else { return line }
        let room = AlarmLine.limit - (json.utf8.count - old.utf8.count)
        var kept = words
        while AlarmLine.member(kept).utf8.count > room, !kept.isEmpty { kept.removeLast(max(1, kept.count / 8)) }
        line.json = json.replacing(old, with: AlarmLine.member(kept), maxReplacements: 1)
        return line
    }

    private static let limit = 4096

    /// The text as it stands in an object. No text contains that: its quotes are escaped there.
    private static func member(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A text always encodes.
        return "\"text\":" + ((try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\"")
    }

    /// The same line, for the state that it shows alone.
    var stateOnly: AlarmLine {
        var line = self
        line.kind = .state
        return line
    }
}
