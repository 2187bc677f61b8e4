import Plant

extension TestRule.StateKey {
    static let about = SectionAbout("state", "The tag has one of these values.")
    static let rules: [KeyRule<TestRule.StateKey>] = [.exactlyOne([.is, .in])]

    var reference: KeyReference {
        switch self {
        case .is:
            .optional(
                .value, without: "required: one of `is` and `in`", "The value: `true`, `false`, a number or a state.")
        case .in: .optional(.list(of: .value, least: 1), without: "required: one of `is` and `in`", "The values.")
        case .priority: .priority
        }
    }
}

extension TestRule.BitsKey {
    static let about = SectionAbout("bits", "Bits of the raw value.")

    var reference: KeyReference {
        switch self {
        case .any: .required(.integer(Limits.bits), "A mask such as `0x0010`: one of these bits is enough.")
        case .set: .optional(.flag, usual: .flag(true), "`false`: they are in alarm when clear.")
        case .priority: .priority
        }
    }
}

extension TestRule.ChangeKey {
    static let about = SectionAbout("change", "The value is another than in the last good sample.")

    var reference: KeyReference {
        switch self {
        case .priority: .priority
        }
    }
}

extension TestRule.EdgesKey {
    static let about = SectionAbout("edges", "The value changes too often.")

    var reference: KeyReference {
        switch self {
        case .count: .required(.integer(Limits.runs), unit: "changes", "So many changes.")
        case .within: .required(.window, "In so long; changes between two scans are not seen.")
        case .priority: .priority
        }
    }
}

extension TestRule.MismatchKey {
    static let about = SectionAbout("mismatch", "A command and its feedback differ.")

    var reference: KeyReference {
        switch self {
        case .feedback: .required(.tag, "The tag that shows what the plant did.")
        case .transit: .required(.window, "The time it may take to move. Too short and every stroke is an alarm.")
        case .priority: .priority
        }
    }
}

extension TestRule.SpikeKey {
    static let about = SectionAbout("spike", "One sample stands out from its neighbours, known one sample late.")

    var reference: KeyReference {
        switch self {
        case .threshold:
            .required(.positive, unit: "that of the tag", "How far it stands out. Below the noise it never rests.")
        case .form:
            .optional(
                .choice(of: Spike.Form.self), usual: .word(Spike.Form.average),
                "average is the distance to the mean of the neighbours; differential the smaller of the two steps, when "
                    + "they go to and fro.")
        case .priority: .priority
        }
    }
}

extension TestRule.StuckKey {
    static let about = SectionAbout("stuck", "The value moves less than it must.")

    var reference: KeyReference {
        switch self {
        case .tolerance:
            .required(
                .positive, unit: "that of the tag",
                "Moving less than this is standing still. At least a step of the register: below it a flicker of the last "
                    + "digit would be movement. Above the noise, or a dead sensor that flickers is not found.")
        case .over: .required(.window, "For so long.")
        case .priority: .priority
        case .whileMoving:
            .optional(.statement, without: "always", "Only while something should move it: a soak is not stuck.")
        }
    }
}

extension TestRule.StaleKey {
    static let about = SectionAbout(
        "stale", "No good value. Silent while the controller is lost, which `comms` tells once.")

    var reference: KeyReference {
        switch self {
        case .after:
            .optional(.window, without: "\(Limits.gapPeriods) scan periods", "For so long; more than a scan period.")
        case .priority: .priority
        }
    }
}

extension TestRule.QualityKey {
    static let about = SectionAbout(
        "quality", "The value is bad. Silent while the controller is lost, which `comms` tells once.")

    var reference: KeyReference {
        switch self {
        case .causes:
            .required(
                .either([.choice(["all"]), .list(of: .either([.choice(Self.named), Self.exception]), least: 1)]),
                "The causes, or `all`.")
        case .priority: .priority
        }
    }

    /// By the second half of their names, or the whole.
    private static var named: [JSON] {
        let names = Quality.all.filter { !$0.isGood && $0.exceptionCode == nil }.map(\.name)
        return names.map { .text(String($0.drop { $0 != ":" }.dropFirst())) } + names.map { .text($0) }
    }

    private static let exception = KeyForm.text(
        "`exception-1` to `exception-31`", pattern: "^(bad:)?exception-([1-9]|[12][0-9]|3[01])$")
}

extension TestRule.PhantomKey {
    static let about = SectionAbout(
        "phantom", "The thermocouple shows the room for long, perhaps although the furnace is heated.")
    static let rules: [KeyRule<TestRule.PhantomKey>] = [
        .atMostOne([.ambient, .coldJunction]), .needs(.output, .outputAbove), .needs(.outputAbove, .output),
    ]

    var reference: KeyReference {
        let usual = TestRule.PhantomRule.usual
        return switch self {
        case .ambient:
            .optional(
                .number, usual: .number(usual.ambient), unit: "that of the tag",
                "What the transmitter shows with no thermocouple.")
        case .within:
            .optional(
                .positive, usual: .number(usual.within), unit: "that of the tag",
                "Nearer than this to it is suspect. Too wide and a cold furnace is an alarm.")
        case .after: .required(.window, "For so long.")
        case .output: .optional(.tag, "The tag of the heater's output.")
        case .priority: .priority
        case .coldJunction: .optional(.tag, without: "`ambient`", "The tag of the cold junction's temperature.")
        case .outputAbove:
            .optional(
                .number, without: "required with `output`", unit: "that of `output`",
                "Only while the output is above this.")
        }
    }
}

extension TestRule.TrendKey {
    static let about = SectionAbout("time_to_limit", "The trend reaches a limit soon.")

    var reference: KeyReference {
        switch self {
        case .limit: .required(.number, unit: "that of the tag", "The limit.")
        case .side: .required(.choice(of: TestRule.Side.self), "Whether it is reached from below or from above.")
        case .over:
            .required(
                .window,
                "The time that the trend is made from, of \(Limits.trendSamples) samples at least. Too short and "
                    + "noise is a trend.")
        case .horizon:
            .optional(
                .window, without: "`respond_within` of the alarm, which is then required",
                "Soon is within so long. Too long and every slow rise is an alarm.")
        case .priority: .priority
        }
    }
}
