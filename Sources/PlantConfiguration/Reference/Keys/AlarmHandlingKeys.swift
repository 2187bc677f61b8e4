import Plant

extension AlarmKey {
    /// What makes it count.
    var qualification: KeyReference {
        switch self {
        case .onDelay:
            .optional(
                .duration(Limits.delay),
                without: "0s; for quality of fail-low and fail-high "
                    + "\(DetectorRule.failedLoopDelay.configured) (NAMUR NE 43)",
                "How long it must be there before it counts. Too short and noise raises it; every second of it is taken "
                    + "from the time to respond.")
        case .offDelay:
            .optional(
                .duration(Limits.delay), usual: .written(.zero),
                "How long it must be gone before it counts as gone. Too short and it comes and goes.")
        case .maxGap:
            .optional(
                .duration(Limits.delay), without: "\(Limits.gapPeriods) scan periods",
                "A longer gap without a good value starts a running delay again. Not below the scan period: no delay would "
                    + "ever end.")
        case .count:
            .optional(
                .section(of: QualificationRule.CountKey.self), "So many short ones count too, however short each is.")
        default:
            .optional(
                .either([.choice(["freeze"]), .section(of: QualificationRule.OnBadKey.self)]), usual: "freeze",
                "What a bad value does. `freeze` leaves the alarm as it is: nothing clears by going bad, and nothing is "
                    + "raised by it either.")
        }
    }

    /// What operators do with it.
    var handling: KeyReference {
        let usual = Handling()
        return switch self {
        case .latching:
            .optional(
                .flag, usual: .flag(usual.latching),
                "`true` keeps it when its condition is gone, until somebody acknowledges and resets it.")
        case .acknowledge:
            .optional(
                .choice(of: Handling.Acknowledgement.self), usual: .word(usual.acknowledgement),
                "required waits for somebody; auto: going away does it; none: it is only told, and nobody is called when "
                    + "nobody acts.")
        case .group: .optional(.name, "Alarms of one group tell which of them was the first.")
        case .reAlarm:
            .optional(
                .duration(Limits.reAlarm), without: "never",
                "It is told again when it still stands after so long. Too short and it hides the others.")
        default:
            .optional(
                .either([.duration(Limits.shelve), .choice(["never"])]), usual: .written(Handling.shift),
                "The longest it may be shelved; `never` for an alarm that must not be.")
        }
    }

    /// When it is watched.
    var activity: KeyReference {
        switch self {
        case .when:
            .optional(
                .either([.statement, .section(of: ActivityRule.WhenKey.self)]), without: "always",
                "It is watched only while this holds; otherwise it is suppressed by design, not cleared. One that never "
                    + "holds is an alarm that never comes.")
        case .arm:
            .optional(
                .either([.duration(Limits.delay), .choice(["once_normal"])]), without: "at once",
                "It is watched so long after `when` begins to hold, or once it has been normal: a start is no alarm.")
        default:
            .optional(.statement, without: "never", "It is not watched while this holds: one trouble is one alarm.")
        }
    }

    /// Why it exists.
    var rationale: KeyReference {
        switch self {
        case .cause: .optional(.text("text"), "What is usually behind it, for operators.")
        case .consequence: .optional(.text("text"), "What follows when nobody acts, for operators.")
        case .guidance:
            .optional(
                .text("text"),
                "What the operator should do. `cupel check` asks for it where the priority is high or critical.")
        case .respondWithin:
            .optional(
                .duration(Limits.respondWithin),
                "How long there is to do it. `cupel check` compares it with the delays: a delay that uses it up is an "
                    + "alarm that comes too late.")
        default:
            .optional(.name, "The plant's own classification, such as safety, quality or equipment, for reports.")
        }
    }
}

extension QualificationRule.CountKey {
    static let about = SectionAbout("count", "So many runs within the time raise the alarm, however short each is.")

    var reference: KeyReference {
        switch self {
        case .runs: .required(.integer(Limits.runs), unit: "runs", "How often it must have been there.")
        case .within: .required(.window, "In so long.")
        }
    }
}

extension QualificationRule.OnBadKey {
    static let about = SectionAbout("on_bad", "A value that is bad for long raises the alarm.")

    var reference: KeyReference {
        switch self {
        case .activate:
            .required(
                .duration(Limits.delay), "Bad for longer than this is an alarm: nobody knows where the value is.")
        }
    }
}

extension ActivityRule.WhenKey {
    static let about = SectionAbout("when", "Another tag has one of these values.")
    static let rules: [KeyRule<ActivityRule.WhenKey>] = [.exactlyOne([.is, .in])]

    var reference: KeyReference {
        switch self {
        case .tag: .required(.tag, "The other tag, usually the phase.")
        case .is: .optional(.value, without: "required: one of `is` and `in`", "Its value.")
        case .in: .optional(.list(of: .value, least: 1), without: "required: one of `is` and `in`", "Its values.")
        }
    }
}
