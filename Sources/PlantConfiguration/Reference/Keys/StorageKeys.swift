import Plant

extension HistorySettings.Key {
    static let about = SectionAbout(
        "history", "The readings. Relative paths are below the state directory, `\(usualState)` or `--state DIR`.")

    var reference: KeyReference {
        let usual = HistorySettings()
        return switch self {
        case .path:
            .optional(
                .path, usual: .text(usual.path),
                "The database of readings. On a local disk: SQLite's locks do not work on a network file system, and a "
                    + "database that two machines write is lost.")
        case .commitEvery:
            .optional(
                .duration(Limits.commitEvery), usual: .written(usual.commitEvery),
                "How often readings are committed: what a power cut may lose at most. Shorter wears the disk; longer "
                    + "shows readings later to commands.")
        case .commitReadings:
            .optional(
                .integer(Limits.commitReadings), usual: .count(usual.commitReadings), unit: "readings",
                "Commits sooner when so many readings wait. Small numbers cost a write to the disk each.")
        case .keepRaw:
            .optional(
                .either([.duration(Limits.keep), .choice(["forever"])]), usual: "forever",
                "How long readings are kept. Older ones are deleted once their hours and days are kept; that cannot be "
                    + "undone. `forever` fills the disk in the end, which is an alarm.")
        case .keepRollups:
            .optional(
                .either([.duration(Limits.keep), .choice(["forever"])]), usual: "forever",
                "The same for the figures of hours and days, which are a small part of the room.")
        }
    }
}

extension JournalSettings.Key {
    static let about = SectionAbout(
        "journal", "Alarms, acknowledgements and who did what: small, and kept for ever.")

    var reference: KeyReference {
        switch self {
        case .path:
            .optional(
                .path, usual: .text(JournalSettings().path),
                "The database of the journal, on a local disk, and never the same file as the history. With another "
                    + "path the daemon begins a new one, which knows of no acknowledgement and no shelf.")
        }
    }
}

extension ConsoleSettings.Key {
    static let about = SectionAbout("console", "Where other programs reach the daemon.")

    private static let socketForm = KeyForm.text("a path of at most \(Limits.socketPathBytes) bytes")

    var reference: KeyReference {
        switch self {
        case .socket:
            .optional(
                Self.socketForm, without: "`/run/NAME/cupel.sock` of a state directory `/var/lib/NAME`",
                "The socket for `cupel` and `curl`. Its group may connect; whoever may connect sees everything, and may "
                    + "acknowledge where `operators` does not say who may.")
        case .stream:
            .optional(
                Self.socketForm, without: "`alarms.sock` beside `socket`",
                "The socket for programs that read alarms, a JSON line each.")
        case .operators:
            .optional(
                .text("the name of a group"), without: "whoever may connect",
                "The group whose members may acknowledge, shelve and change. With one that the machine does not have, "
                    + "nobody but root may.")
        case .listen:
            .optional(
                .either([.choice(["none"]), .text("HOST:PORT such as `127.0.0.1:8502`")]), usual: "none",
                "Where a web page is to be served. It is checked, but this version has no web page yet.")
        }
    }
}

extension DiagnosticsSettings.Key {
    static let about = SectionAbout(
        "diagnostics",
        "Cupel's own figures: ordinary tags such as `@line/F-01.rtt_p99_ms`, `@unit/F-01.timeouts` and "
            + "`@group/F-01/fast.overload_pct`, which can be queried and alarmed.")

    var reference: KeyReference {
        switch self {
        case .every:
            .optional(
                .duration(Limits.diagnostics), usual: .written(Diagnostics.period),
                "How often they are made. Rates and times are those of such a period: a longer one hides short troubles, "
                    + "a shorter one takes more room in the history.")
        }
    }
}
