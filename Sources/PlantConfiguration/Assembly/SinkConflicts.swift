import Plant

/// Sinks that get in each other's way, or in the way of the daemon's own files.
struct SinkConflicts {
    private let system: HostSystem
    /// Whose each path is already, in a sentence's words.
    private var owners: [String: String] = [:]
    /// Where each file that is put aside is, and how many are kept of it.
    private var aside: [(sink: String, path: String, keep: Int)] = []
    private var topics: [String: String] = [:]
    private var speaker: String?

    init(history: HistorySettings, journal: JournalSettings, console: ConsoleSettings, on system: HostSystem) {
        self.system = system
        for (path, owner) in [(history.path, "the history"), (journal.path, "the journal")] {
            // SQLite's own names for what it writes first.
            for suffix in ["", "-wal", "-shm", "-journal"] { owners[system.canonical(path + suffix)] = owner }
        }
        let socket = console.socket ?? ConsoleSettings.serviceSocket(ofState: system.state) ?? "cupel.sock"
        let folder = socket.prefix(through: socket.lastIndex(of: "/") ?? socket.startIndex)
        let beside = folder.hasSuffix("/") ? folder + "alarms.sock" : "alarms.sock"
        // Both are in the state directory when the configured one is not there.
        for path in [socket, console.stream ?? String(beside), "cupel.sock", "alarms.sock"] {
            owners[system.canonical(path)] = "the console's sockets"
        }
        for path in ["learned.json", "frames"] { owners[system.canonical(path)] = "the daemon" }
    }

    mutating func report(_ sinks: [SinkRule]) {
        for sink in sinks {
            switch sink.definition.kind {
            case .fifo(let path): claim(path, for: sink)
            case .file(let settings): claim(settings.path, for: sink, keep: settings.keep)
            case .mqtt(let settings): connect(settings, for: sink)
            case .stdout:
                if let speaker {
                    sink.way.reject(
                        found: "the standard output of sink \(speaker)", expected: "one sink at most to have it")
                }
                speaker = sink.definition.name
            case .exec, .webhook, .journald, .syslog, .mail: break
            }
        }
    }

    /// - Parameter keep: the files that are put aside, as `PATH.1` and so on.
    private mutating func claim(_ configured: String, for sink: SinkRule, keep: Int = 0) {
        let path = system.canonical(configured)
        let name = sink.definition.name
        let expected = "each such sink to have its own path"
        if let owner = owners[path] {
            sink.way.reject(found: "\(configured.quoted), a path of \(owner)", expected: expected)
        } else if let other = aside.first(where: { Self.number(of: path, asideOf: $0.path, $0.keep) != nil }) {
            sink.way.reject(
                found: "\(configured.quoted), where sink \(other.sink) puts its full file", expected: expected)
        } else if let (other, owner) = owners.filter({ Self.number(of: $0.key, asideOf: path, keep) != nil })
            .min(by: { $0.key < $1.key })
        {
            sink.way.reject(
                found: "\(configured.quoted), whose full file would be put at \(other), a path of \(owner)",
                expected: expected)
        }
        owners[path] = "sink \(name)"
        if keep > 0 { aside.append((name, path, keep)) }
    }

    /// 3 for `alarms.log.3` and `alarms.log`.
    private static func number(of path: String, asideOf file: String, _ keep: Int) -> Int? {
        guard path.hasPrefix(file + "."), let number = Int(path.dropFirst(file.count + 1)), number > 0, number <= keep,
            path == "\(file).\(number)"
        else { return nil }
        return number
    }

    /// A broker ends the older of two connections of one client, and the client is named after its topic.
    private mutating func connect(_ settings: MQTTSettings, for sink: SinkRule) {
        let place = "\(settings.server.host.canonicalHost) \(settings.server.port) \(settings.topic)"
        if let other = topics.updateValue(sink.definition.name, forKey: place) {
            sink.way.reject(
                found: "the broker and topic of sink \(other)", expected: "each such sink to have its own topic")
        }
    }
}
