import Plant

extension SinkDefinition.Key {
    static let about = SectionAbout(
        "sink",
        "Where alarms are told. Exactly one key says what kind it is. Each goes on by itself: one that is slow, blocked or "
            + "dead delays nobody. exec, webhook, mqtt, mail and file know what arrived: they lose nothing and go on where "
            + "they were after a restart. The others do their best and tell how many events they lost.")
    static let rules: [KeyRule<SinkDefinition.Key>] = [.exactlyOne(ways), .needs(.timeout, .exec)]

    var reference: KeyReference {
        let usual = SinkDefinition(name: "", kind: .journald)
        return switch self {
        case .name: .required(.name, "Unique: what `cupel sinks` shows, and what its own alarm `sink:NAME` is called.")
        case .fifo, .exec, .webhook, .journald, .syslog, .mqtt, .mail, .file, .stdout: way
        case .timeout:
            .optional(
                .duration(Limits.sinkTimeout), usual: .written(SinkDefinition.defaultTimeout),
                "How long the program of `exec` may run before it is stopped and tried again; the next alarm waits behind "
                    + "it.")
        case .minPriority:
            .optional(
                .priority, usual: .word(SinkSelection().minPriority), "Alarms of lower priority are not told there.")
        case .events:
            .optional(
                .choice(of: SinkSelection.Events.self), without: "announcements for exec and mail, all for the rest",
                "announcements are what calls an operator; all is also what ends it or is done about it; escalations is "
                    + "nothing but the calls of `escalation`.")
        case .match:
            .optional(
                .oneOrMore(Self.pattern), without: "every alarm",
                "The alarms or tags it is for, with `*`. One that meets no alarm is an error.")
        case .except: .optional(.oneOrMore(Self.pattern), "The alarms or tags it is not for, with `*`.")
        case .schedule:
            .optional(
                .oneOrMore(.text("a time of the week such as `\"mon-fri 06:00-22:00\"` or `\"22:00-06:00\"`")),
                without: "always",
                "When it tells, on the plant's clock. Outside nothing is told there but the end of what was told: no other "
                    + "sink takes over by itself.")
        case .text:
            .optional(
                .text("a Mustache template such as `\"{{priority}} {{alarm}}: {{text}}\"`"),
                without: "the usual sentence",
                "What people read there; it takes the place of `text` in JSON and of CUPEL_TEXT.")
        case .rateLimit:
            .optional(
                .section(of: RateLimit.Key.self),
                without: "none; for mail "
                    + "`{lines: \(RateLimit.ofMail.lines), every: \(RateLimit.ofMail.every.configured)}`",
                "What is more comes as one digest when there is room. Critical alarms never wait.")
        case .giveUpAfter:
            .optional(
                .duration(Limits.giveUpAfter), usual: .written(usual.giveUpAfter),
                "Events of low and medium priority that could not be told for so long become dead letters (`cupel sinks "
                    + "letters`). High and critical ones are tried for ever.")
        case .alarmAfter:
            .optional(
                .duration(Limits.alarmAfter), usual: .written(usual.alarmAfter),
                "A sink that fails so long is the alarm `sink:NAME`, told by the others.")
        }
    }

    private static let pattern = KeyForm.text("a pattern of alarms or tags such as `F-*.melt_temp`")

    /// What kind of sink it is.
    private var way: KeyReference {
        let without = "required: one kind"
        return switch self {
        case .fifo:
            .optional(
                .path, without: without,
                "A named pipe that gets one JSON line an event. A reader that does not read loses lines, and is told how "
                    + "many.")
        case .exec:
            .optional(
                .list(of: .text("a word"), least: 1), without: without,
                "A program by its absolute path, and its arguments; never a line for a shell. The event is on its standard "
                    + "input and in CUPEL_ALARM, CUPEL_PRIORITY and so on. Exit 0: told. 75: try again.")
        case .webhook:
            .optional(
                .either([Self.address, .section(of: WebhookSettings.Key.self)]), without: without,
                "An address that gets JSON arrays by POST.")
        case .journald: .optional(.choice([.flag(true)]), without: without, "The journal of this machine.")
        case .syslog:
            .optional(
                .section(of: SyslogSettings.Key.self), without: without, "A host that collects logs: RFC 5424 over TCP."
            )
        case .mqtt: .optional(.section(of: MQTTSettings.Key.self), without: without, "A broker of MQTT 5.")
        case .mail: .optional(.section(of: MailSettings.Key.self), without: without, "A mail server.")
        case .file:
            .optional(
                .either([.path, .section(of: FileSettings.Key.self)]), without: without,
                "A file that grows, and is put aside when it is full.")
        default:
            .optional(
                .choice(of: SinkDefinition.LineFormat.self), without: without,
                "The daemon's own standard output, as sentences or as JSON lines.")
        }
    }

    static let address = KeyForm.text("an address such as `https://ops.example/alarms`", pattern: "^https?://")
}

extension RateLimit.Key {
    static let about = SectionAbout("rate_limit", "At most so many lines in so long.")

    var reference: KeyReference {
        switch self {
        case .lines:
            .required(
                .integer(Limits.rateLines), unit: "lines", "Lines that are told as they come; the rest is summed up.")
        case .every: .required(.duration(Limits.rateEvery), "In so long.")
        }
    }
}

extension FileSettings.Key {
    static let about = SectionAbout("file", "A file that grows, and is put aside as `PATH.1` when it is full.")

    var reference: KeyReference {
        let usual = FileSettings(path: "")
        return switch self {
        case .path: .required(.path, "Relative paths are below the state directory. No two sinks write to one file.")
        case .format:
            .optional(
                .choice(of: SinkDefinition.LineFormat.self), usual: .word(usual.format), "Sentences, or JSON lines.")
        case .maxSize:
            .optional(
                .text("a size such as `500kB`, `10MB` or `1GB`", pattern: "^[0-9]+(kB|MB|GB)$"),
                usual: .text("\(usual.maxSize / 1_000_000)MB"), unit: "kB, MB, GB",
                "When it is put aside, from \(Limits.sinkFileBytes.lowerBound / 1000)kB to "
                    + "\(Limits.sinkFileBytes.upperBound / 1_000_000_000)GB.")
        case .keep:
            .optional(
                .integer(Limits.sinkFiles), usual: .count(usual.keep), unit: "files",
                "Files kept besides the present one; older ones are deleted.")
        }
    }
}
