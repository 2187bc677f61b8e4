import Plant

extension SyslogSettings {
    enum Key: String, SectionKey {
        case server, tls
        case caFile = "ca_file"
    }

    init?(_ value: Value, _ system: HostSystem) {
        guard let section = value.section(Key.self, "a section such as {server: 10.0.0.9:6514, tls: true}"),
            let server = section.required(.server, ServerAddress.configurationForm).flatMap({ ServerAddress($0) })
        else { return nil }
        self.init(
            server: server, tls: section.read(.tls, default: false) { $0.flag() },
            caFile: section[.caFile]?.filePath("the path of a file of certificates", system))
        if caFile != nil, section.says(.tls, "false") { section[.caFile]?.reject(expected: "tls: true beside it") }
    }
}

extension MQTTSettings {
    enum Key: String, SectionKey {
        case server, topic, user, tls
        case passwordFile = "password_file"
        case caFile = "ca_file"
    }

    init?(_ value: Value, _ system: HostSystem) {
        guard let section = value.section(Key.self, "a section such as {server: 10.0.0.9:1883, topic: plant}"),
            let server = section.required(.server, ServerAddress.configurationForm).flatMap({ ServerAddress($0) })
        else { return nil }
        let form = "a topic such as plant/alarms, without wildcards, control characters and slashes at its ends"
        let topic: String?? = section[.topic].map { value in
            value.text(form) { text throws(Expected) in
                // MQTT 5.0 section 1.5.4 lets a broker end the connection for the others.
                guard !text.unicodeScalars.contains(where: { "+#$".unicodeScalars.contains($0) || $0.isUnfit }),
                    !text.hasPrefix("/"), !text.hasSuffix("/"),
                    text.utf8.count <= Limits.topicBytes
                else { throw Expected(form) }
                return text
            }
        }
        self.init(
            server: server, topic: (topic ?? nil) ?? "cupel", user: section[.user].flatMap { $0.text("a user's name") },
            passwordFile: section[.passwordFile]?.filePath("the path of a file with the password", system),
            tls: section.read(.tls, default: false) { $0.flag() },
            caFile: section[.caFile]?.filePath("the path of a file of certificates", system))
        if passwordFile != nil, user == nil { section[.passwordFile]?.reject(expected: "a user beside it") }
        if caFile != nil, section.says(.tls, "false") { section[.caFile]?.reject(expected: "tls: true beside it") }
        if passwordFile != nil, section.says(.tls, "false") {
            section[.passwordFile]?.warnOfListeners(to: server, "tls: true")
        }
        // The usual topic in the place of a wrong one might be another sink's.
        if isFaulty(topic) { return nil }
    }
}

extension MailSettings {
    enum Key: String, SectionKey {
        case server, security, from, to, user
        case passwordFile = "password_file"
        case caFile = "ca_file"
    }

    init?(_ value: Value, _ system: HostSystem) {
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
            passwordFile: section[.passwordFile]?.filePath("the path of a file with the password", system),
            caFile: section[.caFile]?.filePath("the path of a file of certificates", system))
        if (user == nil) != (passwordFile == nil) {
            (section[.user] ?? section[.passwordFile])?.reject(expected: "user and password_file together")
        }
        guard section.says(.security, "none") else { return }
        section[.caFile]?.reject(expected: "security: starttls or tls beside it")
        if passwordFile != nil { section[.passwordFile]?.warnOfListeners(to: server, "security: starttls or tls") }
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

extension Section {
    /// Whether a key says so, or says nothing and this is what it says then; a wrong one must not be why others are wrong.
    fileprivate func says(_ key: Key, _ usual: String) -> Bool { (self[key]?.word ?? usual) == usual }
}

extension Value {
    /// The path of a file, which may come later than the configuration. Where a relative one leads only the daemon knows.
    func filePath(_ expected: String, _ system: HostSystem) -> String? {
        guard let path = text(expected) else { return nil }
        guard path.hasPrefix("/") else { return path }
        switch system.kind(path) {
        case .missing: warn("\(path) is not there")
        case .folder: warn("\(path) is a directory, not a file")
        case .program, .other, .unknown: break
        }
        return path
    }

    /// A password that goes over a network as it is.
    fileprivate func warnOfListeners(to server: ServerAddress, _ remedy: String) {
        guard !server.host.isThisMachine else { return }
        warn("the password can be read by others on its way to \(server); \(remedy) keeps it secret")
    }
}

extension Unicode.Scalar {
    /// A control character, or a number that Unicode gives to none.
    fileprivate var isUnfit: Bool { properties.generalCategory == .control || properties.isNoncharacterCodePoint }
}
