/// The whole plant as one value: what is read, watched, kept and told. Made by `PlantConfiguration`, never changed.
public struct Plant: Sendable {
    public let name: String
    public let site: String
    /// An IANA name, `Asia/Seoul`: for people's clocks. Everything is stored in UTC.
    public let timeZone: String
    public let controllers: [Controller]
    public let groups: [ScanGroup]
    public let tags: [Tag]
    public let alarms: [AlarmDefinition]
    public let supervision: Supervision
    /// What the units make: every product that a unit or a limit set names, each once, ascending.
    public let products: [String]
    public let sinks: [SinkDefinition]
    public let escalations: [EscalationPolicy]
    public let history: HistorySettings
    public let journal: JournalSettings
    public let console: ConsoleSettings

    private let tagsByName: [String: Tag.ID]

    public init(
        name: String, site: String, timeZone: String, controllers: [Controller], groups: [ScanGroup], tags: [Tag],
        alarms: [AlarmDefinition] = [], supervision: Supervision = Supervision(), products: [String] = [],
        sinks: [SinkDefinition] = [], escalations: [EscalationPolicy] = [], history: HistorySettings = .init(),
        journal: JournalSettings = .init(), console: ConsoleSettings = .init()
    ) {
        self.name = name
        self.site = site
        self.timeZone = timeZone
        self.controllers = controllers
        self.groups = groups
        self.tags = tags
        self.alarms = alarms
        self.supervision = supervision
        self.products = products
        self.sinks = sinks
        self.escalations = escalations
        self.history = history
        self.journal = journal
        self.console = console
        tagsByName = Dictionary(tags.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    /// The same plant with other places to tell alarms, and nobody who is called when they do not help.
    public func replacing(sinks: [SinkDefinition]) -> Plant {
        Plant(
            name: name, site: site, timeZone: timeZone, controllers: controllers, groups: groups, tags: tags,
            alarms: alarms, supervision: supervision, products: products, sinks: sinks, history: history,
            journal: journal, console: console)
    }

    /// The tags of the plant itself, without Cupel's own figures.
    public var tagCount: Int { tags.count { $0.diagnostic == nil } }

    public func tag(named name: String) -> Tag? { tagsByName[name].map { tags[$0] } }
}

public struct HistorySettings: Sendable, Hashable {
    /// Relative paths are below the state directory.
    public var path: String
    public var commitEvery: Duration
    public var commitReadings: Int
    /// `nil` keeps for ever.
    public var keepRaw: Duration?
    public var keepRollups: Duration?

    public init(
        path: String = "history.db", commitEvery: Duration = .seconds(1), commitReadings: Int = 10_000,
        keepRaw: Duration? = nil, keepRollups: Duration? = nil
    ) {
        self.path = path
        self.commitEvery = commitEvery
        self.commitReadings = commitReadings
        self.keepRaw = keepRaw
        self.keepRollups = keepRollups
    }
}

public struct JournalSettings: Sendable, Hashable {
    public var path: String
    public init(path: String = "journal.db") { self.path = path }
}

public struct ConsoleSettings: Sendable, Hashable {
    /// The daemon's API; `nil` is `/run/NAME/cupel.sock` of a state directory `/var/lib/NAME`.
    public var socket: String?
    /// The alarm stream's socket; `nil` is `alarms.sock` beside the other.
    public var stream: String?
    /// The group whose members may acknowledge, shelve and change; `nil` is everybody who may connect.
    public var operators: String?
    /// Where `cupel console` serves the web page; `nil` is "none".
    public var listen: Endpoint?

    public init(
        socket: String? = nil, stream: String? = nil, operators: String? = nil, listen: Endpoint? = nil
    ) {
        (self.socket, self.stream, self.operators, self.listen) = (socket, stream, operators, listen)
    }
}

extension ConsoleSettings {
    /// The socket in the run directory that systemd makes for the service of a state directory:
    /// `/run/cupel-north/cupel.sock` of `/var/lib/cupel-north`; `nil` of a state directory elsewhere.
    public static func serviceSocket(ofState state: String) -> String? {
        let services = "/var/lib/"
        guard state.hasPrefix(services) else { return nil }
        let name = state.dropFirst(services.count)
        return name.isEmpty || name.contains("/") ? nil : "/run/\(name)/cupel.sock"
    }
}
