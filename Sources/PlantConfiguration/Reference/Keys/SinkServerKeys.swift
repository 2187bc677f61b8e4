import Plant

extension KeyForm {
    fileprivate static let server = KeyForm.text("HOST:PORT such as `mail.example:25` or `\"[fd00::9]:6514\"`")
    fileprivate static let mailAddress = KeyForm.text("a mail address", pattern: "^[^@]+@[^@]+$")
}

private let authorities =
    "A file with the certificates of the authorities to trust. A server whose certificate is of none of them is not told "
    + "anything."
private let password =
    "A file with the password; read again after a failed try. Without TLS others can read it on its way."

extension WebhookSettings.Key {
    static let about = SectionAbout("webhook", "An HTTP endpoint that takes events as a JSON array.")

    var reference: KeyReference {
        switch self {
        case .url:
            .required(SinkDefinition.Key.address, "Where to. A user and password in it are secret only with https.")
        case .batch:
            .optional(
                .integer(Limits.webhookBatch), usual: .count(WebhookSettings(url: "").batch), unit: "events",
                "Events in one request. A receiver that refuses large bodies needs fewer.")
        case .keyFile: .optional(.path, "A file with the key that signs each body.")
        case .caFile: .optional(.path, without: "those of the system", authorities)
        }
    }
}

extension SyslogSettings.Key {
    static let about = SectionAbout("syslog", "A host that collects logs, over TCP (RFC 6587) or TLS (RFC 5425).")
    var reference: KeyReference {
        switch self {
        case .server: .required(.server, "Where to. The name is looked up when it is used.")
        case .tls:
            .optional(
                .flag, usual: .flag(SyslogSettings(server: .none).tls),
                "Without it anybody on the way can read and change what is told.")
        case .caFile: .optional(.path, without: "those of the system", authorities)
        }
    }
}

extension MQTTSettings.Key {
    static let about = SectionAbout(
        "mqtt",
        "A broker of MQTT 5. Events go to `TOPIC/PLANT/events`; how each alarm stands is retained at "
            + "`TOPIC/PLANT/alarm/ALARM/state`.")
    static let rules: [KeyRule<MQTTSettings.Key>] = [.needs(.passwordFile, .user)]

    var reference: KeyReference {
        let usual = MQTTSettings(server: .none)
        return switch self {
        case .server: .required(.server, "Where to. The name is looked up when it is used.")
        case .topic:
            .optional(
                .text("text without wildcards and without slashes at its ends", pattern: "^[^/+#$]([^+#$]*[^/+#$])?$"),
                usual: .text(usual.topic), "What all topics begin with.")
        case .user: .optional(.text("text"), "Who the broker is told that this is.")
        case .tls:
            .optional(
                .flag, usual: .flag(usual.tls), "Without it anybody on the way can read and change what is told.")
        case .passwordFile: .optional(.path, password)
        case .caFile: .optional(.path, without: "those of the system", authorities)
        }
    }
}

extension MailSettings.Key {
    static let about = SectionAbout("mail", "A mail server that takes messages for people.")
    static let rules: [KeyRule<MailSettings.Key>] = [.needs(.user, .passwordFile), .needs(.passwordFile, .user)]

    var reference: KeyReference {
        let usual = MailSettings(server: .none, from: "", to: [])
        return switch self {
        case .server: .required(.server, "Where to. The name is looked up when it is used.")
        case .security:
            .optional(
                .choice(of: MailSettings.Security.self), usual: .word(usual.security),
                "starttls or tls; with none anybody on the way can read and change what is told.")
        case .from: .required(.mailAddress, "Who writes. Answers and complaints of servers go there.")
        case .to: .required(.oneOrMore(.mailAddress, count: 1...Limits.mailRecipients), "Who gets it.")
        case .user: .optional(.text("text"), "Who the server is told that this is.")
        case .passwordFile: .optional(.path, password)
        case .caFile: .optional(.path, without: "those of the system", authorities)
        }
    }
}

extension ServerAddress {
    /// No server: settings that are looked at for their defaults only.
    fileprivate static let none = ServerAddress(host: "", port: 0)
}
