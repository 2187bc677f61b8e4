import Plant

extension TagDraft.Key {
    static let about = SectionAbout(
        "tag",
        "One value of a controller: where it is, and what it means. The same keys are the columns of `tags.csv`.")
    static let rules: [KeyRule<TagDraft.Key>] = [
        .exactlyOne([.register, .expr]), .atLeastOne([.type, .expr]), .atMostOne([.linear, .scale]),
        .atMostOne([.linear, .offset]),
    ]

    var reference: KeyReference {
        switch self {
        case .name: .required(.name, "Its full name is `CONTROLLER.NAME`: what alarms, queries and formulas call it.")
        case .description: .optional(.text("text"), "For people.")
        case .register:
            .optional(
                .text("text such as `\"holding:10\"`, `\"4x00011\"`, `\"holding:7.3\"` or `\"holding:506.9-10\"`"),
                without: "required, but not with `expr`",
                "The table and its first register, and for a bit or a field of bits a point and their numbers, 0 the lowest "
                    + "and 15 the highest. Tables: coil, discrete (single bits), input, holding; in short c, di, ir, hr. "
                    + "Numbers count as `notation` says, but `0x` is a wire address and `4x00011` a Modicon number in any. "
                    + "In quotes, or 10.10 would be 10.1. A wrong one gives plausible numbers of something else.")
        case .expr:
            .optional(
                .text("a formula such as `\"(cell_voltage - 1.6) / cell_current\"`"),
                "Instead of `register` and `type`: calculated with each scan, over tags of this controller or full names "
                    + "that are read. It is as bad as the worst of them. A minus behind a name has a space before it, and "
                    + "names that begin otherwise than with a letter stand in `[ ]`.")
        case .type:
            .optional(
                .choice(of: TagDraft.TypeName.self), without: "required, but not with `expr`",
                "What the registers hold. bcd is decimal digits, signmag a sign and a magnitude. With a wrong one the "
                    + "numbers are wrong and may look right.")
        case .length:
            .optional(
                .integer(Limits.registers), without: "required with type string", unit: "registers",
                "The registers of a string; no other type has it.")
        case .packing:
            .optional(
                .choice(of: TextPacking.self), usual: .word(TextPacking.highLow),
                "The characters of a string: the first in the high byte or in the low one, or one a register in that "
                    + "byte. In a wrong one the letters come in pairs turned round, or with gaps.")
        case .order: .optional(Self.orders, usual: .word(WordOrder.abcd), Self.ordersText)
        case .unit: .optional(.text("text such as `degC`"), "The engineering unit, for people and files.")
        case .scan:
            .optional(
                .name, usual: .text(ScanClasses.unnamed),
                "The scan class. A slower one sees less; a faster one costs requests and room.")
        case .step:
            .optional(
                .flag, usual: .flag(false),
                "`true` for a value that stands still between two readings, as a setpoint does. Otherwise it is taken to "
                    + "move in a straight line, which decides means over time and values in between.")
        case .resolution:
            .optional(
                .number(.within(Limits.resolution)), without: "every bit is kept", unit: "that of the tag",
                "Of a float: the history keeps its multiples only, in a tenth of the room, since digits of noise are not "
                    + "history. Too large and small changes are lost from it for ever; alarms see every bit.")
        case .scale, .offset, .linear, .loop: scaling
        case .range, .clamp, .invalid, .states, .expect, .counter, .stuckAfter, .qualityFrom: trust
        }
    }

    private static let orders = KeyForm.choice(
        WordOrder.allCases.map { .word($0) } + WordOrder.short.map { .text($0.longName) })
    private static let ordersText =
        "The bytes of a value of several registers: `abcd` high word first, `cdab` low word first, `badc` and `dcba` with "
        + "the bytes of each word swapped; eight letters for 64 bits only. In a wrong one numbers are wildly wrong or, "
        + "near zero, nearly right."

    /// From the raw value to the measurement.
    private var scaling: KeyReference {
        switch self {
        case .scale:
            .optional(
                .number, usual: .number(1),
                "Measurement = raw x scale + offset. Not 0. A wrong one is a wrong measurement, and alarms on it are wrong."
            )
        case .offset: .optional(.number, usual: .number(0), unit: "that of the tag", "Added to the scaled value.")
        case .linear:
            .optional(.section(of: TwoPoints.Key.self), "Instead of `scale` and `offset`: the line through two points.")
        default:
            .optional(
                .section(of: LoopDraft.Key.self),
                "For a 4-20 mA signal: it scales, and a broken wire or a failed transmitter makes the value bad.")
        }
    }

    /// When a number is less than good.
    private var trust: KeyReference {
        switch self {
        case .range:
            .optional(
                .pair, without: "everything is believed", unit: "that of the tag",
                "What the sensor can report, the lower end first. A value outside is bad (out-of-range) and raises no "
                    + "level alarm: too narrow, and an excursion is not alarmed but missing.")
        case .clamp:
            .optional(
                .flag, usual: .flag(false),
                "`true`: outside `range` the value is the nearer end and uncertain, instead of bad, so that alarms see it."
            )
        case .invalid:
            .optional(
                .list(of: .either([.number, .flag])),
                "Raw values that mean \"no measurement\": they are bad. A value that the type cannot hold is refused.")
        case .states:
            .optional(
                .named(
                    "a whole number", pattern: "^[-+]?(0x[0-9A-Fa-f]+|0|[1-9][0-9]*)$", of: .text("the name of a state")
                ),
                "Names of raw values. Alarms and people may use them; a value without a name shows its number.")
        case .expect:
            .optional(
                .either([.number, .flag]),
                "The only raw value that shows this map to fit. Any other makes every tag of the controller bad.")
        case .counter:
            .optional(
                .flag, usual: .flag(false),
                "`true` for a count that only grows: a smaller value is a wrap or a reset, and says so once.")
        case .stuckAfter:
            .optional(
                .duration(Limits.standstill), without: "never",
                "A value that stays the same for so long is uncertain (frozen). Longer than the scan period; too short, and "
                    + "a steady value is called frozen.")
        default:
            .optional(
                .section(of: QualityFrom.Key.self), "Another tag of the controller says what the value is worth.")
        }
    }
}
