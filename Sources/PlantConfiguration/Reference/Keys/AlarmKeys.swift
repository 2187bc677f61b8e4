import Plant

extension AlarmKey {
    static let about = SectionAbout(
        "alarm",
        "A rule: one alarm for each tag that its pattern matches, `ID:CONTROLLER.TAG`. It has exactly one key that says "
            + "what it detects. Every controller also has an alarm `comms:CONTROLLER`, every scan group "
            + "`late-scans:CONTROLLER/CLASS`, every phase that limits depend on `phase-unknown:CONTROLLER`, and Cupel's own "
            + "parts have `storage:` and `sink:` alarms, without any entry here.")
    static let rules: [KeyRule<AlarmKey>] = [
        .exactlyOne(detectors), .exactlyOne([.tag, .logic]), .atMostOne(figures), .needs(.unit, .logic),
        .needs(.priority, .logic), .needs(.logic, .priority), .needs(.phaseFrom, .limits), .needs(.arm, .when),
    ]

    var reference: KeyReference {
        switch self {
        case .id:
            .required(
                .name,
                "Unique; with the tag it is the alarm's name. With another one operators' acknowledgements and shelves no "
                    + "longer belong to it.")
        case .tag:
            .optional(
                .tag, without: "required, but not with `logic`",
                "The tag it is on; a pattern makes an alarm for each tag it matches. Another tag is named in the same way, "
                    + "where `*` is what the alarm's own `*` stood for.")
        case .unit:
            .optional(
                .text("a controller such as `F-01`, or a pattern such as `\"F-*\"`"),
                without: "one alarm for the plant",
                "With `logic`: one alarm for each such controller.")
        case .levels, .limits, .state, .bits, .change, .edges, .mismatch, .spike, .stuck, .stale, .quality, .degraded,
            .phantom, .timeToLimit, .logic, .lots:
            detector
        case .deviation, .rate, .difference, .disagreement, .median, .vote: figure
        case .deadband, .inclusive, .priority, .phaseFrom: limit
        case .onDelay, .offDelay, .maxGap, .count, .onBad: qualification
        case .latching, .acknowledge, .group, .reAlarm, .maxShelve: handling
        case .when, .arm, .suppressedBy: activity
        case .cause, .consequence, .guidance, .respondWithin, .alarmClass: rationale
        }
    }

    /// What it detects.
    private var detector: KeyReference {
        let without = "required: one detector"
        func section<Key: SectionKey>(_ keys: Key.Type, _ text: String) -> KeyReference {
            .optional(.section(of: keys), without: without, text)
        }
        return switch self {
        case .levels: section(LevelsRule.Key.self, "Limits of the value, or of a figure made of it.")
        case .limits:
            .optional(
                .either([
                    .list(of: .section(of: LimitTable.Key.self), count: 1...Limits.limitRows),
                    .text("the name of a table in `limit_sets`"),
                ]), without: without, "Limits by unit, product and phase.")
        case .state: section(TestRule.StateKey.self, "The tag has a value.")
        case .bits: section(TestRule.BitsKey.self, "Bits of a word are set, or clear.")
        case .change: section(TestRule.ChangeKey.self, "The value is another than before.")
        case .edges: section(TestRule.EdgesKey.self, "The value changes too often.")
        case .mismatch: section(TestRule.MismatchKey.self, "A command and its feedback differ.")
        case .spike: section(TestRule.SpikeKey.self, "One sample stands out from its neighbours.")
        case .stuck: section(TestRule.StuckKey.self, "The value moves less than it must.")
        case .stale: section(TestRule.StaleKey.self, "There is no good value.")
        case .quality: section(TestRule.QualityKey.self, "The value is bad.")
        case .degraded: section(TestRule.DegradedKey.self, "One of several sensors has no good value.")
        case .phantom:
            section(TestRule.PhantomKey.self, "No thermocouple is fitted, and the transmitter shows the room.")
        case .timeToLimit: section(TestRule.TrendKey.self, "The trend reaches a limit before anybody could act.")
        case .lots: section(LotsRule.Key.self, "One value for each lot, by the rules of statistical process control.")
        default:
            .optional(
                .statement, without: without,
                "A statement over tags and other alarms; it joins comparisons by and, or, not and ( ). `priority` stands "
                    + "beside it.")
        }
    }

    /// What levels and limits are compared with.
    private var figure: KeyReference {
        func section<Key: SectionKey>(_ keys: Key.Type, _ text: String) -> KeyReference {
            .optional(.section(of: keys), without: "the value itself", text)
        }
        return switch self {
        case .deviation: section(FigureRule.DeviationKey.self, "The limits are for how far it is from its setpoint.")
        case .rate:
            section(FigureRule.RateKey.self, "The limits are for how fast it changes; negative ones are for a fall.")
        case .difference: section(FigureRule.DifferenceKey.self, "The limits are for the distance to another tag.")
        case .disagreement:
            section(FigureRule.WithKey.self, "The limits are for the largest distance from the median of all.")
        case .median: section(FigureRule.WithKey.self, "The limits are for the median of all.")
        default: section(FigureRule.VoteKey.self, "So many of several sensors must be beyond the limits.")
        }
    }

    private var limit: KeyReference {
        switch self {
        case .deadband:
            .optional(.number(.notNegative), usual: .number(0), unit: "that of the figure", Self.deadbandText)
        case .inclusive:
            .optional(
                .flag, usual: .flag(true),
                "The limit itself is in alarm. `false` where the limit itself conforms, as in specifications.")
        case .priority: .optional(.priority, without: "required with `logic`", Self.priorityText)
        default:
            .optional(
                .tag,
                "The tag that says the phase, for `limits` whose rows have one. While it is not known, the strictest "
                    + "limits count.")
        }
    }

    static let deadbandText =
        "How far the value must come back before a level is left. Too small and noise makes the alarm chatter; too large "
        + "and it stands long after the trouble; it is less than the distance of two levels."
    static let priorityText =
        "How soon operators must act. It decides who is told, and what waits in a flood; when everything is critical, "
        + "nothing is."
}

extension KeyReference {
    /// The priority of a level or a test.
    static let priority = KeyReference.required(.priority, AlarmKey.priorityText)
}
