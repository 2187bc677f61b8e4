import Plant

extension LevelsRule.Key {
    static let about = SectionAbout(
        "levels",
        "Limits on one side of the normal values, since an excursion is at one level at a time: low and high are two alarms. "
            + "They ascend in the order of these keys.")
    static let rules: [KeyRule<LevelsRule.Key>] =
        [.atLeastOne(allCases)]
        + [LevelsRule.Key.low, .lowLow].flatMap { low in [.atMostOne([low, .high]), .atMostOne([low, .highHigh])] }

    var reference: KeyReference {
        let form = KeyForm.section(of: LevelsRule.LevelKey.self)
        return switch self {
        case .lowLow: .optional(form, "The value is far too low.")
        case .low: .optional(form, "The value is too low.")
        case .high: .optional(form, "The value is too high.")
        case .highHigh: .optional(form, "The value is far too high.")
        }
    }
}

extension LevelsRule.LevelKey {
    static let about = SectionAbout("level", "One limit with its priority.")

    var reference: KeyReference {
        switch self {
        case .limit:
            .required(
                .number, unit: "that of the figure",
                "Where it begins. One that the tag's `range` cannot reach is refused: it would never come.")
        case .priority: .priority
        case .deadband:
            .optional(
                .number(.notNegative), without: "that of the alarm", unit: "that of the figure", AlarmKey.deadbandText)
        }
    }
}

extension LimitTable.Key {
    static let about = SectionAbout(
        "row",
        "Limits for some units, products and phases; what a row does not name it is for. The first row that applies counts."
    )

    var reference: KeyReference {
        switch self {
        case .name: .optional(.name, "For people and the journal.")
        case .unit:
            .optional(
                .oneOrMore(.text("a controller such as `F-01`, or a pattern such as `\"F-*\"`"), count: 1...Int.max),
                without: "every controller", "The controllers it is for.")
        case .product:
            .optional(
                .oneOrMore(.product, count: 1...Int.max), without: "every product",
                "The products it is for. While it is not known what is made, the strictest limits count.")
        case .phase:
            .optional(
                .oneOrMore(.value, count: 1...Int.max), without: "every phase",
                "The phases it is for, names of states or numbers of `phase_from`.")
        case .levels:
            .required(
                .either([.section(of: LevelsRule.Key.self), .choice(["none"])]),
                "The limits, or `none` where nothing is watched.")
        }
    }
}

extension FigureRule.DeviationKey {
    static let about = SectionAbout("deviation", "How far the value is from its setpoint.")

    var reference: KeyReference {
        switch self {
        case .setpoint: .required(.tag, "The tag of the setpoint.")
        case .form:
            .optional(
                .choice(of: Deviation.Form.self), usual: .word(Deviation.Form.distance),
                "distance has no sign, so only high levels; signed is the value less the setpoint; percent is that of the "
                    + "setpoint.")
        case .maxSkew:
            .optional(
                .window, without: "two periods of the slower tag",
                "How far apart the two may have been read; beyond it the figure is not known.")
        case .soakBand:
            .optional(
                .positive, without: "no such clock", unit: "that of the tag",
                "The time of the soak is counted only while the value is so near to its setpoint.")
        }
    }
}

extension FigureRule.RateKey {
    static let about = SectionAbout("rate", "How fast the value changes.")

    var reference: KeyReference {
        switch self {
        case .per: .required(.window, "The limits are for a change in so long.")
        case .over:
            .optional(
                .window, without: "`per`",
                "The time that is looked back over. Too short and it shows noise; too long and it is late.")
        case .method:
            .optional(
                .choice(of: RateOfChange.Method.self), usual: .word(RateOfChange.Method.endpoint),
                "endpoint compares the two ends; least_squares is the slope of a line through all, steadier against "
                    + "noise, of \(Limits.slopeSamples) samples at least.")
        }
    }
}

extension FigureRule.DifferenceKey {
    static let about = SectionAbout("difference", "The distance to another tag, without a sign.")

    var reference: KeyReference {
        switch self {
        case .from: .required(.tag, "The other tag, usually a second sensor of the same.")
        }
    }
}

extension KeyReference {
    /// Other sensors of the same measurement.
    fileprivate static let twins = KeyReference.required(
        .list(of: .tag, count: Limits.twins), "The other sensors of the same measurement.")
}

extension FigureRule.WithKey {
    static let about = SectionAbout("with", "Sensors that are compared.")

    var reference: KeyReference {
        switch self {
        case .with: .twins
        }
    }
}

extension FigureRule.VoteKey {
    static let about = SectionAbout("vote", "Sensors of which so many must agree.")

    var reference: KeyReference {
        switch self {
        case .with: .twins
        case .need:
            .required(
                .integer(1...Limits.twins.upperBound + 1), unit: "sensors",
                "How many must agree, at most all. 1 of 2 raises more false alarms, 2 of 2 misses more true ones.")
        case .bad:
            .optional(
                .choice(of: BadVote.self), usual: .word(BadVote.drop),
                "What a bad sensor does: drop leaves it out, 2 of 3 becomes 2 of 2; alarm counts it, 2 of 3 becomes 1 of "
                    + "2.")
        }
    }
}

extension TestRule.DegradedKey {
    static let about = SectionAbout("degraded", "The tag or one of these has no good value: redundancy is lost.")

    var reference: KeyReference {
        switch self {
        case .with: .twins
        case .priority: .priority
        }
    }
}
