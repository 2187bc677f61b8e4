/// Somewhere alarms are told.
public struct SinkDefinition: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// A named pipe that any program may read.
        case fifo(path: String)
        /// A program that gets each line on its standard input.
        case exec(argv: [String], timeout: Duration)
        case webhook(WebhookSettings)
        /// journald's own socket.
        case journald
        case syslog(SyslogSettings)
        case mqtt(MQTTSettings)
        case mail(MailSettings)
        case file(FileSettings)
        /// The daemon's own standard output.
        case stdout(LineFormat)
    }

    public enum LineFormat: String, Sendable, Hashable, CaseIterable {
        /// One JSON object a line.
        case json
        /// One sentence a line, for people.
        case text
    }

    public let name: String
    public let kind: Kind
    public let selection: SinkSelection
    /// What people read there, as a Mustache template over the fields of a line; `nil` for the usual sentence.
    public let text: String?
    public let rateLimit: RateLimit?
    /// How long lines of low and medium priority are tried; those of high and critical are tried for ever.
    public let giveUpAfter: Duration
    /// How long it may fail before that is an alarm itself, `sink:NAME`.
    public let alarmAfter: Duration

    public init(
        name: String, kind: Kind, selection: SinkSelection = .init(), text: String? = nil,
        rateLimit: RateLimit? = nil, giveUpAfter: Duration = .seconds(86_400), alarmAfter: Duration = .seconds(60)
    ) {
        self.name = name
        self.kind = kind
        self.selection = selection
        self.text = text
        self.rateLimit = rateLimit
        self.giveUpAfter = giveUpAfter
        self.alarmAfter = alarmAfter
    }
}

/// Which lines are for a sink.
public struct SinkSelection: Sendable, Hashable {
    public enum Events: String, Sendable, Hashable, CaseIterable {
        /// What calls an operator.
        case announcements
        /// That, and what ends it or is done about it: clear, acknowledge, shelve...
        case all
        /// Nothing but what an escalation sends there.
        case escalations
    }

    public var minPriority: Priority
    /// `nil`: as is usual for its kind.
    public var events: Events?
    /// Names of alarms or tags; none stands for all.
    public var match: [NamePattern]
    public var except: [NamePattern]
    /// Times of the week in the plant's clock; none stands for always.
    public var schedule: [WeekTime]

    public init(
        minPriority: Priority = .low, events: Events? = nil, match: [NamePattern] = [], except: [NamePattern] = [],
        schedule: [WeekTime] = []
    ) {
        self.minPriority = minPriority
        self.events = events
        self.match = match
        self.except = except
        self.schedule = schedule
    }
}

/// A time of the day on some days of the week. One that ends before it begins goes on into the next morning.
public struct WeekTime: Sendable, Hashable {
    /// ISO 8601 numbers, 1 Monday ... 7 Sunday: the days on which it begins.
    public let days: Set<Int>
    /// Minutes of the day, 0...1439.
    public let from: Int
    /// Minutes of the day, 1...1440; not in it any more.
    public let to: Int

    public init(days: Set<Int>, from: Int, to: Int) { (self.days, self.from, self.to) = (days, from, to) }

    /// Whether it contains a minute of a day of the week.
    public func contains(day: Int, minute: Int) -> Bool {
        if from < to { return days.contains(day) && (from..<to).contains(minute) }
        let yesterday = day == 1 ? 7 : day - 1
        return days.contains(day) && minute >= from || days.contains(yesterday) && minute < to
    }
}

/// At most so many lines in so long; what is more waits, and comes as one digest. Critical alarms never wait.
public struct RateLimit: Sendable, Hashable {
    public let lines: Int
    public let every: Duration

    public init(lines: Int, every: Duration) { (self.lines, self.every) = (lines, every) }
}
