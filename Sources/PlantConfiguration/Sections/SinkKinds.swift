import Plant

extension SinkDefinition {
    /// How long a program may take that nobody gave a time.
    private static let defaultTimeout: Duration = .seconds(10)

    /// The one key that says what kind of sink it is, and what stands behind it.
    static func kind(_ section: Section<Key>, _ item: Value) -> Kind? {
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
        return switch way {
        case .fifo: value.text("a path").map { .fifo(path: $0) }
        case .exec: argv(value).map { .exec(argv: $0, timeout: timeout) }
        case .journald: value.isSet ? .journald : nil
        case .stdout: value.choice(LineFormat.self).map { .stdout($0) }
        case .webhook: WebhookSettings(value).map { .webhook($0) }
        case .syslog: SyslogSettings(value).map { .syslog($0) }
        case .mqtt: MQTTSettings(value).map { .mqtt($0) }
        case .mail: MailSettings(value).map { .mail($0) }
        case .file: FileSettings(value).map { .file($0) }
        case .name, .timeout, .minPriority, .events, .match, .except, .schedule, .text, .rateLimit, .giveUpAfter,
            .alarmAfter:
            nil
        }
    }

    /// A list, never a line for a shell: alarm texts must not become commands.
    private static func argv(_ value: Value) -> [String]? {
        let expected = "a program and its arguments such as [/usr/local/bin/page-operator, --urgent]"
        guard let items = value.list(expected) else { return nil }
        let words = items.compactMap { $0.text("a word") }
        guard words.count == items.count else { return nil }
        guard let program = words.first, program.hasPrefix("/") else {
            value.reject(
                found: words.first?.quoted ?? "an empty list", expected: "the absolute path of a program first")
            return nil
        }
        return words
    }
}

extension WebhookSettings {
    private enum Key: String, SectionKey {
        case url, batch
        case keyFile = "key_file"
        case caFile = "ca_file"
    }

    fileprivate init?(_ value: Value) {
        let form = "an address such as https://ops.example/alarms"
        func url(_ value: Value) -> String? {
            value.text(form) { text throws(Expected) in
                let rest = text.drop { $0 != "/" }
                guard ["http:", "https:"].contains(where: { text.hasPrefix($0) }), rest.hasPrefix("//"),
                    rest.count > 2, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
                else { throw Expected(form) }
                return text
            }
        }
        if value.isScalar {
            guard let url = url(value) else { return nil }
            self.init(url: url)
            return
        }
        guard
            let section = value.section(Key.self, "an address, or a section such as {url: https://ops.example/alarms}"),
            let url = section.required(.url, form).flatMap(url)
        else { return nil }
        self.init(
            url: url, keyFile: section[.keyFile].flatMap { $0.text("the path of a file with the key") },
            caFile: section[.caFile].flatMap { $0.text("the path of a file of certificates") },
            batch: section.read(.batch, default: 100) { $0.integer(in: Limits.webhookBatch) })
    }
}

extension SyslogSettings {
    private enum Key: String, SectionKey {
        case server, tls
        case caFile = "ca_file"
    }

    fileprivate init?(_ value: Value) {
        guard let section = value.section(Key.self, "a section such as {server: 10.0.0.9:6514, tls: true}"),
            let server = section.required(.server, ServerAddress.configurationForm).flatMap({ ServerAddress($0) })
        else { return nil }
        self.init(
            server: server, tls: section.read(.tls, default: false) { $0.flag() },
            caFile: section[.caFile].flatMap { $0.text("the path of a file of certificates") })
    }
}

extension MQTTSettings {
    private enum Key: String, SectionKey {
        case server, topic, user, tls
        case passwordFile = "password_file"
        case caFile = "ca_file"
    }

    fileprivate init?(_ value: Value) {
        guard let section = value.section(Key.self, "a section such as {server: 10.0.0.9:1883, topic: plant}"),
            let server = section.required(.server, ServerAddress.configurationForm).flatMap({ ServerAddress($0) })
        else { return nil }
        let form = "a topic such as plant/alarms, without wildcards and slashes at its ends"
        let topic = section.read(.topic, default: "cupel") { value in
            value.text(form) { text throws(Expected) in
                guard !text.contains(where: { "+#$\0".contains($0) }), !text.hasPrefix("/"), !text.hasSuffix("/"),
                    text.utf8.count <= Limits.topicBytes
                else { throw Expected(form) }
                return text
            }
        }
        self.init(
            server: server, topic: topic, user: section[.user].flatMap { $0.text("a user's name") },
            passwordFile: section[.passwordFile].flatMap { $0.text("the path of a file with the password") },
            tls: section.read(.tls, default: false) { $0.flag() },
            caFile: section[.caFile].flatMap { $0.text("the path of a file of certificates") })
        if passwordFile != nil, user == nil { section[.passwordFile]?.reject(expected: "a user beside it") }
    }
}

extension MailSettings {
    private enum Key: String, SectionKey {
        case server, security, from, to, user
        case passwordFile = "password_file"
        case caFile = "ca_file"
    }

    fileprivate init?(_ value: Value) {
        let example =
            "a section such as {server: mail.example:25, from: cupel@plant.example, to: [shift@plant.example]}"
        guard let section = value.section(Key.self, example) else { return nil }
        let server = section.required(.server, ServerAddress.configurationForm).flatMap { ServerAddress($0) }
        let from = section.required(.from, Self.addressForm).flatMap(Self.address)
        let to = section.required(.to, "who gets it").flatMap(Self.recipients)
        let security = section.read(.security, default: .none) { $0.choice(Security.self) }
        guard let server, let from, let to else { return nil }
        self.init(
            server: server, security: security, from: from, to: to,
            user: section[.user].flatMap { $0.text("a user's name") },
            passwordFile: section[.passwordFile].flatMap { $0.text("the path of a file with the password") },
            caFile: section[.caFile].flatMap { $0.text("the path of a file of certificates") })
        if (user == nil) != (passwordFile == nil) {
            (section[.user] ?? section[.passwordFile])?.reject(expected: "user and password_file together")
        }
    }

    private static func recipients(_ value: Value) -> [String]? {
        let items = value.oneOrMore("\(addressForm), or a list of them")
        guard (1...Limits.mailRecipients).contains(items.count) else {
            if value.isList {
                value.reject(found: "\(items.count) addresses", expected: "1 to \(Limits.mailRecipients)")
            }
            return nil
        }
        let addresses = items.compactMap(address)
        return addresses.count == items.count ? addresses : nil
    }

    private static let addressForm = "a mail address such as shift@plant.example"

    private static func address(_ value: Value) -> String? {
        value.text(addressForm) { text throws(Expected) in
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            // What has no place in an SMTP command or a header must not get there.
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), text.utf8.count <= 254,
                text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                !text.contains(where: { "<>()[],;:\\\"".contains($0) })
            else { throw Expected(addressForm) }
            return text
        }
    }
}

extension FileSettings {
    private enum Key: String, SectionKey {
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
