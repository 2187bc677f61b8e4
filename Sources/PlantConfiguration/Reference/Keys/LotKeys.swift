import Plant

extension LotsRule.Key {
    static let about = SectionAbout(
        "lots",
        "One value for each lot, judged by exactly one rule. Never on a signal that is read every second: its samples depend "
            + "on each other, and every rule here assumes that they do not.")
    static let rules: [KeyRule<LotsRule.Key>] = [.exactlyOne(LotsRule.Key.alternatives)]

    var reference: KeyReference {
        let without = "required: one rule"
        return switch self {
        case .lot:
            .required(.tag, "The tag that changes with each lot: a good value under a new lot is a point of the chart.")
        case .scale:
            .optional(
                .choice(of: LotChart.Scale.self), usual: .word(LotChart.Scale.linear),
                "log10 for impurities, which are bounded below and skewed. Mean and sigma of a centre are on this scale."
            )
        case .priority: .priority
        case .conformity:
            .optional(.section(of: LotsRule.ConformityKey.self), without: without, "The value against a specification.")
        case .runRules: .optional(.section(of: LotsRule.RunKey.self), without: without, "Nelson's rules.")
        case .ewma:
            .optional(
                .section(of: LotsRule.EWMAKey.self), without: without, "A moving average: finds small lasting shifts.")
        case .cusum:
            .optional(
                .section(of: LotsRule.CusumKey.self), without: without, "Cumulative sums: find small lasting shifts.")
        case .capability:
            .optional(.section(of: LotsRule.CapabilityKey.self), without: without, "Whether the process is capable.")
        }
    }
}

extension LotsRule.ConformityKey {
    static let about = SectionAbout("conformity", "The specification; a value at the limit conforms.")
    static let rules: [KeyRule<LotsRule.ConformityKey>] = [.atLeastOne([.lower, .upper])]

    var reference: KeyReference {
        switch self {
        case .lower: .optional(.number, unit: "that of the tag", "The lower limit.")
        case .upper: .optional(.number, unit: "that of the tag", "The upper limit.")
        case .guard:
            .optional(
                .number(.notNegative), usual: .number(0), unit: "that of the tag",
                "The uncertainty of the assay: a value that conforms by less is indeterminate. Without it lots at the limit "
                    + "are passed by chance.")
        case .decimals:
            .optional(
                .integer(Limits.decimals), without: "not rounded", unit: "decimals",
                "The value is rounded to so many before it is compared, a half to the even digit (ASTM E29).")
        }
    }
}

extension LotsRule.RunKey {
    static let about = SectionAbout("run_rules", "Nelson's eight rules, by their numbers.")

    var reference: KeyReference {
        let usual = RunRules.usual
        return switch self {
        case .rules:
            .optional(
                .list(of: .integer(Limits.nelsonRules), least: 1), usual: .list(usual.rules.map { .count($0) }),
                "The rules, each once. Each one more finds more, and raises more false alarms.")
        case .side:
            .optional(
                .choice(RunRules.sides.map { .count($0) }), usual: .count(usual.side), unit: "lots",
                "Points on one side of the centre for rule 2.")
        case .trend:
            .optional(
                .choice(RunRules.trends.map { .count($0) }), usual: .count(usual.trend), unit: "lots",
                "Points of a trend for rule 3.")
        case .centre: .centre
        }
    }
}

extension LotsRule.EWMAKey {
    static let about = SectionAbout("ewma", "An exponentially weighted moving average.")

    var reference: KeyReference {
        switch self {
        case .lambda:
            .optional(
                .number(.above(0, upTo: 1)), usual: .number(LotsRule.usualLambda),
                "The weight of the newest lot. Smaller finds smaller shifts, and later.")
        case .width:
            .optional(
                .positive, usual: .number(LotsRule.usualWidth), unit: "sigma",
                "The limits of the average. Narrower raises more false alarms.")
        case .centre: .centre
        }
    }
}

extension LotsRule.CusumKey {
    static let about = SectionAbout("cusum", "Tabular cumulative sums.")

    var reference: KeyReference {
        switch self {
        case .k:
            .optional(
                .positive, usual: .number(LotsRule.usualK), unit: "sigma",
                "The allowance: half the shift that is to be found.")
        case .h:
            .optional(
                .positive, usual: .number(LotsRule.usualH), unit: "sigma",
                "The decision interval. Smaller finds shifts sooner, and raises more false alarms.")
        case .restarts:
            .optional(.flag, usual: .flag(false), "`true`: the sums begin again at 0 after a signal.")
        case .centre: .centre
        }
    }
}

extension LotsRule.CapabilityKey {
    static let about = SectionAbout("capability", "The lower confidence bound of the capability Cpk.")
    static let rules: [KeyRule<LotsRule.CapabilityKey>] = [.atLeastOne([.lower, .upper])]

    var reference: KeyReference {
        let usual = Capability(lower: nil, upper: nil)
        return switch self {
        case .lower: .optional(.number, unit: "that of the tag", "The lower limit of the specification.")
        case .upper: .optional(.number, unit: "that of the tag", "The upper limit of the specification.")
        case .least: .optional(.positive, usual: .number(usual.least), "In alarm below this.")
        case .lots:
            .optional(
                .integer(Capability.windows), usual: .count(usual.lots), unit: "lots",
                "The last so many lots. Fewer say little; more are slow to show a change.")
        }
    }
}

extension LotsRule.CentreKey {
    static let about = SectionAbout(
        "centre", "What the process did when it was known to be in control. The chart never moves it.")

    var reference: KeyReference {
        switch self {
        case .mean: .required(.number, unit: "that of the chart", "On the scale of the chart.")
        case .sigma:
            .required(
                .positive, unit: "that of the chart",
                "On the scale of the chart. Too small raises false alarms; too large finds nothing.")
        case .points: .optional(.integer(Limits.centrePoints), unit: "lots", "From how many lots, for the record.")
        case .date:
            .optional(
                .text("a day such as `2025-09-30`", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), "When, for the record.")
        case .by: .optional(.text("text"), "By whom, for the record.")
        }
    }
}

extension KeyReference {
    fileprivate static let centre = KeyReference.required(
        .section(of: LotsRule.CentreKey.self), "What was found in control.")
}
