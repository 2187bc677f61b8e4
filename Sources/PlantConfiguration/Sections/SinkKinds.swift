import Plant

extension SinkDefinition {
    /// How long a program may take that nobody gave a time.
    static let defaultTimeout: Duration = .seconds(10)

    /// What kind of sink it is, and what stands behind the one key that says so.
    static func kind(_ section: Section<Key>, _ item: Value, _ system: HostSystem) -> (Kind, Value)? {
        let ways = Key.ways.filter(section.contains)
        guard ways.count == 1, let way = ways.first, let value = section[way] else {
            let found = ways.isEmpty ? "none" : ways.map(\.rawValue).joined(separator: " and ")
            item.reject(found: found, expected: "exactly one of \(Key.ways.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        let timeout = section.read(.timeout, default: defaultTimeout) { $0.duration(in: Limits.sinkTimeout) }
        if let value = section[.timeout], way != .exec {
            value.reject(expected: "none: only a sink with exec has a timeout")
        }
        let kind: Kind? =
            switch way {
            case .fifo: value.text("a path").map { .fifo(path: $0) }
            case .exec: argv(value, system).map { .exec(argv: $0, timeout: timeout) }
            case .journald: value.isSet ? .journald : nil
            case .stdout: value.choice(LineFormat.self).map { .stdout($0) }
            case .webhook: WebhookSettings(value, system).map { .webhook($0) }
            case .syslog: SyslogSettings(value, system).map { .syslog($0) }
            case .mqtt: MQTTSettings(value, system).map { .mqtt($0) }
            case .mail: MailSettings(value, system).map { .mail($0) }
            case .file: FileSettings(value).map { .file($0) }
            case .name, .timeout, .minPriority, .events, .match, .except, .schedule, .text, .rateLimit, .giveUpAfter,
                .alarmAfter:
                nil
            }
        return kind.map { ($0, value) }
    }

    /// A list, never a line for a shell: alarm texts must not become commands.
    private static func argv(_ value: Value, _ system: HostSystem) -> [String]? {
        let expected = "a program and its arguments such as [/usr/local/bin/page-operator, --urgent]"
        guard let items = value.list(expected) else { return nil }
        let words = items.compactMap { $0.text("a word") }
        guard words.count == items.count else { return nil }
        guard let program = words.first, program.hasPrefix("/") else {
            value.reject(
                found: words.first?.quoted ?? "an empty list", expected: "the absolute path of a program first")
            return nil
        }
        // It may come later than the daemon, or with the next update of the hook.
        switch system.kind(program) {
        case .missing: items.first?.warn("\(program) is not there")
        case .folder: items.first?.warn("\(program) is a directory, not a program")
        case .other: items.first?.warn("\(program) is not executable")
        case .program, .unknown: break
        }
        return words
    }
}

extension WebhookSettings {
    enum Key: String, SectionKey {
        case url, batch
        case keyFile = "key_file"
        case caFile = "ca_file"
    }

    fileprivate init?(_ value: Value, _ system: HostSystem) {
        let form = WebAddress.configurationForm
        func url(_ value: Value) -> String? {
            guard let address = value.text(form, as: WebAddress.init(configured:)) else { return nil }
            if address.hasUser, !address.isSecure, !address.host.isThisMachine {
                value.warn("its user and password can be read by others on their way; https keeps them secret")
            }
            return address.url
        }
        if value.isScalar {
            guard let url = url(value) else { return nil }
            self.init(url: url)
            return
        }
        guard
            let section = value.section(Key.self, "an address, or a section such as {url: https://ops.example/alarms}")
        else { return nil }
        let address = section.required(.url, form).flatMap(url)
        let keyFile = section[.keyFile]?.filePath("the path of a file with the key", system)
        let caFile = section[.caFile]?.filePath("the path of a file of certificates", system)
        let batch = section.read(.batch, default: WebhookSettings(url: "").batch) {
            $0.integer(in: Limits.webhookBatch)
        }
        guard let address else { return nil }
        self.init(url: address, keyFile: keyFile, caFile: caFile, batch: batch)
        if caFile != nil, !address.hasPrefix("https:") {
            section[.caFile]?.reject(expected: "none: the address has no TLS")
        }
    }
}

extension FileSettings {
    enum Key: String, SectionKey {
        case path, format, keep
        case maxSize = "max_size"
    }

    fileprivate init?(_ value: Value) {
        if value.isScalar {
            guard let path = value.text("a path") else { return nil }
            self.init(path: path)
            return
        }
        guard let section = value.section(Key.self, "a path, or a section such as {path: alarms.log, max_size: 10MB}"),
            let path = section.required(.path, "the file's path")?.text("a path")
        else { return nil }
        let usual = FileSettings(path: path)
        self.init(
            path: path,
            format: section.read(.format, default: usual.format) { $0.choice(SinkDefinition.LineFormat.self) },
            maxSize: section.read(.maxSize, default: usual.maxSize) { value in
                value.text(byteCountForm) { text throws(Expected) in try byteCount(text, in: Limits.sinkFileBytes) }
            }, keep: section.read(.keep, default: usual.keep) { $0.integer(in: Limits.sinkFiles) })
    }
}

extension Value {
    /// `true`: a sink that has nothing else to say.
    fileprivate var isSet: Bool {
        guard let flag = flag() else { return false }
        if !flag { reject(expected: "true, or no such sink") }
        return flag
    }
}
