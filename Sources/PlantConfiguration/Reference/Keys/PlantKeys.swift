import Plant

extension RootKey {
    static let about = SectionAbout(
        "cupel", "The main file, `cupel.yaml`. Profiles, `profiles/NAME.yaml`, and `tags.csv` are found beside it.")

    var reference: KeyReference {
        switch self {
        case .plant: .required(.section(of: PlantIdentity.Key.self), "Who the plant is.")
        case .history:
            .optional(
                .section(of: HistorySettings.Key.self), without: "the defaults of its keys",
                "Where and how long readings are kept.")
        case .journal:
            .optional(
                .section(of: JournalSettings.Key.self), without: "the defaults of its keys",
                "Where alarms and what people did are kept.")
        case .console:
            .optional(
                .section(of: ConsoleSettings.Key.self), without: "the defaults of its keys",
                "Where programs reach the daemon.")
        case .diagnostics:
            .optional(
                .section(of: DiagnosticsSettings.Key.self), without: "the default of its key",
                "How often Cupel's own figures are made.")
        case .scan:
            .optional(
                .named(of: .duration(Limits.period)), usual: Self.usualScan,
                "The scan classes: how often tags are read. A file that has the key names all classes there are. A tag "
                    + "that names none is in `\(ScanClasses.unnamed)`. A scan that is not done when the next one is due is "
                    + "skipped and counted: too short a period and its alarm `late-scans` comes; too long and events "
                    + "between two readings are not seen.")
        case .controllers:
            .required(
                .list(of: .section(of: WithDeviceKeys<ControllerList.Key>.self), least: 1),
                "What is read. Two controllers may share an address, as units behind a gateway do.")
        case .alarms: .optional(.list(of: .section(of: AlarmKey.self)), "What is watched, besides what always is.")
        case .sinks:
            .optional(
                .list(of: .section(of: SinkDefinition.Key.self)),
                "Where alarms are told. Without one they are only in the journal and in `cupel alarms`.")
        case .escalation:
            .optional(
                .list(of: .section(of: EscalationRule.Key.self), count: 0...Limits.escalationPolicies),
                "Who is called when nobody acts upon an alarm. Without a policy nobody is.")
        case .alarmSystem:
            .optional(
                .section(of: Supervision.Key.self), without: "the defaults of its keys",
                "How much operators are told at once.")
        case .limitSets:
            .optional(
                .named(of: .list(of: .section(of: LimitTable.Key.self), count: 1...Limits.limitRows)),
                "Tables of limits by unit, product and phase, by name: `limits` of an alarm may name one. The first row "
                    + "that applies counts, so the most specific come first.")
        }
    }

    private static var usualScan: JSON {
        let classes = ScanClasses.standard
        return .object(classes.periods.mapValues { .written($0) })
    }
}

extension PlantIdentity.Key {
    static let about = SectionAbout("plant", "Who the plant is.")

    var reference: KeyReference {
        switch self {
        case .name: .required(.text("text"), "The plant's name: in every journal entry, message and report.")
        case .site: .optional(.text("text"), without: "the name", "A short name, for messages.")
        case .timeZone:
            .optional(
                .text("an IANA time zone such as `Asia/Seoul`"), usual: .text(PlantIdentity.usualTimeZone),
                "For people's clocks: `schedule` of sinks and times on the command line. Everything is stored in UTC, so "
                    + "a wrong one moves no reading, but calls people at the wrong hours.")
        }
    }
}
