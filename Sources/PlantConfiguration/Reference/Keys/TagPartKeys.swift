import Plant

extension TwoPoints.Key {
    static let about = SectionAbout("linear", "Two raw values, and the engineering values they stand for.")

    var reference: KeyReference {
        switch self {
        case .raw: .required(.pair, "Two raw values that differ.")
        case .value: .required(.pair, unit: "that of the tag", "The values they stand for.")
        }
    }
}

extension LoopDraft.Key {
    static let about = SectionAbout("loop", "A 4-20 mA signal, with the bands of NAMUR NE 43.")

    var reference: KeyReference {
        switch self {
        case .raw:
            .required(
                .pair,
                "The raw values at 4 and at 20 mA, the lower first. With 0 at 4 mA in an unsigned register a broken wire "
                    + "cannot be told.")
        case .value:
            .optional(
                .pair, without: "`scale` and `offset` of the tag", unit: "that of the tag",
                "The values at 4 and at 20 mA.")
        case .measures:
            .optional(
                .pair,
                usual: [.number(CurrentLoop.measures.lowerBound), .number(CurrentLoop.measures.upperBound)], unit: "mA",
                "What counts as a measurement, with 4 and 20 in it; outside, up to the failure limits, it is uncertain "
                    + "(clamped).")
        case .failLow:
            .optional(
                .number(.notNegative), usual: .number(CurrentLoop.failLow), unit: "mA",
                "Below it the value is bad (fail-low): a broken wire. At most where it measures from.")
        case .failHigh:
            .optional(
                .number, usual: .number(CurrentLoop.failHigh), unit: "mA",
                "Above it the value is bad (fail-high): a short circuit. At least up to where it measures.")
        }
    }
}

extension QualityFrom.Key {
    static let about = SectionAbout(
        "quality_from",
        "What a status tag says of a value, tested in the order bad, bad_bits, bad_bits_clear, uncertain, uncertain_bits, "
            + "good; the first that holds counts.")
    static let rules: [KeyRule<QualityFrom.Key>] = [
        .atLeastOne([.bad, .badBits, .badBitsClear, .uncertain, .uncertainBits, .good])
    ]

    var reference: KeyReference {
        switch self {
        case .tag:
            .required(
                .localTag,
                "The status, of the same controller. While it is not read well, the value is bad "
                    + "(status-unknown).")
        case .bad: .optional(Self.values, "With one of these the value is bad.")
        case .uncertain: .optional(Self.values, "With one of these it is uncertain: it has a number, and is in doubt.")
        case .good: .optional(Self.values, "With every other status the value is bad.")
        case .badBits: .optional(Self.bits, "With one of these bits set the value is bad.")
        case .badBitsClear: .optional(Self.bits, "With one of these bits clear the value is bad.")
        case .uncertainBits: .optional(Self.bits, "With one of these bits set it is uncertain.")
        case .badAs:
            .optional(
                .choice(of: QualityFrom.Bad.self), usual: .word(QualityFrom.Bad.sensorFault),
                "The cause that operators are told when it is bad.")
        case .uncertainAs:
            .optional(
                .choice(of: QualityFrom.Uncertain.self), usual: .word(QualityFrom.Uncertain.doubtful),
                "The cause when it is uncertain.")
        }
    }

    private static let values = KeyForm.list(of: .value, least: 1)
    private static let bits = KeyForm.list(of: .integer(0...63), least: 1)
}
