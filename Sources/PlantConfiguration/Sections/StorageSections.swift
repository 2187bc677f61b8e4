import Plant

extension HistorySettings {
    enum Key: String, SectionKey {
        case path
        case commitEvery = "commit_every"
        case commitReadings = "commit_readings"
        case keepRaw = "keep_raw"
        case keepRollups = "keep_rollups"
    }

    init(_ value: Value?) {
        self.init()
        guard let section = value?.section(Key.self, "a section such as {path: history.db}") else { return }
        path = section.read(.path, default: path) { $0.text("a path") }
        commitEvery = section.read(.commitEvery, default: commitEvery) { $0.duration(in: Limits.commitEvery) }
        commitReadings = section.read(.commitReadings, default: commitReadings) {
            $0.integer(in: Limits.commitReadings)
        }
        keepRaw = section[.keepRaw].flatMap(Self.retention)
        keepRollups = section[.keepRollups].flatMap(Self.retention)
    }

    private static func retention(_ value: Value) -> Duration? {
        value.word == "forever" ? nil : value.duration(in: Limits.keep, or: "forever")
    }
}

extension JournalSettings {
    enum Key: String, SectionKey { case path }

    init(_ value: Value?) {
        self.init()
        guard let section = value?.section(Key.self, "a section such as {path: journal.db}") else { return }
        path = section.read(.path, default: path) { $0.text("a path") }
    }
}

extension ConsoleSettings {
    enum Key: String, SectionKey { case socket, stream, operators, listen }

    init(_ value: Value?, system: HostSystem) {
        self.init()
        guard let section = value?.section(Key.self, "a section such as {socket: /run/cupel/cupel.sock}") else {
            return
        }
        socket = section[.socket].flatMap(ConsoleSettings.socketPath)
        stream = section[.stream].flatMap(ConsoleSettings.socketPath)
        operators = section[.operators].flatMap { value in
            guard let name = value.text("the name of a group") else { return nil }
            if !system.hasGroup(name) {
                value.warn("this machine has no group \(name.quoted): nobody but root may acknowledge")
            }
            return name
        }
        listen = section[.listen].flatMap { value in
            guard value.word != "none" else { return nil }
            return value.text("\(Endpoint.configurationForm), or none") { text throws(Expected) in
                // Port 0 lets the system choose, which is of use to a listener only.
                try Endpoint(configured: text, ports: 0...65_535, resolve: system.resolve)
            }
        }
    }
}

extension ConsoleSettings {
    private static func socketPath(_ value: Value) -> String? {
        value.text("a path") { text throws(Expected) in
            guard text.utf8.count <= Limits.socketPathBytes else {
                throw Expected("at most \(Limits.socketPathBytes) bytes", found: "\(text.utf8.count) bytes")
            }
            return text
        }
    }
}

/// How often the figures of the acquisition itself are made.
struct DiagnosticsSettings {
    var every = Diagnostics.period

    enum Key: String, SectionKey { case every }

    init(_ value: Value?) {
        guard let section = value?.section(Key.self, "a section such as {every: 10s}") else { return }
        every = section.read(.every, default: every) { $0.duration(in: Limits.diagnostics) }
    }
}
