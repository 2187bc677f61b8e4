import Plant

extension Supervision.Key {
    static let about = SectionAbout(
        "alarm_system", "How much operators are told at once. What happens is always recorded.")

    var reference: KeyReference {
        switch self {
        case .flood:
            .optional(
                .section(of: Supervision.FloodKey.self), without: "the defaults of its keys",
                "More alarms than an operator can take in: meanwhile those of low and medium priority come as a sum.")
        case .chatter:
            .optional(
                .section(of: Supervision.ChatterKey.self), without: "the defaults of its keys",
                "One alarm that goes to and fro: it is only counted until it has been quiet.")
        case .massExit:
            .optional(
                .section(of: Supervision.MassExitKey.self), without: "the defaults of its keys",
                "Many alarms that come out of suppression together: they are told as one.")
        }
    }
}

extension Supervision.FloodKey {
    static let about = SectionAbout("flood", "When a flood begins and ends (EEMUA 191), and how it is told.")

    var reference: KeyReference {
        let usual = Supervision.Flood()
        return switch self {
        case .starts:
            .optional(
                .integer(Limits.floodCount), usual: .count(usual.starts), unit: "alarms",
                "A flood begins with so many alarms told within `within`. Too few and ordinary trouble is summed up; too "
                    + "many and operators drown.")
        case .ends:
            .optional(
                .integer(Limits.floodCount), usual: .count(usual.ends), unit: "alarms",
                "It ends with fewer than this. At most `starts`, which is also the default where it is less.")
        case .within:
            .optional(
                .duration(Limits.floodWindow), usual: .written(usual.window), "The time in which they are counted.")
        case .digest:
            .optional(
                .duration(Limits.digest), usual: .written(usual.digestEvery),
                "How often the sum is told: for so long an alarm of low or medium priority waits in a flood.")
        }
    }
}

extension Supervision.ChatterKey {
    static let about = SectionAbout("chatter", "When one alarm chatters.")

    var reference: KeyReference {
        let usual = Supervision.Chatter()
        return switch self {
        case .changes:
            .optional(
                .integer(Limits.chatterChanges), usual: .count(usual.changes), unit: "changes",
                "An alarm chatters when its last so many changes and one more lie within `within`. Too few and an alarm "
                    + "that comes twice is not told.")
        case .within: .optional(.duration(Limits.chatterWindow), usual: .written(usual.window), "How close they lie.")
        case .hold:
            .optional(
                .duration(Limits.chatterWindow), usual: .written(usual.hold),
                "It is told again once it has been quiet for so long.")
        }
    }
}

extension Supervision.MassExitKey {
    static let about = SectionAbout("mass_exit", "When alarms that come out of suppression are told as one.")

    var reference: KeyReference {
        let usual = Supervision.MassExit()
        return switch self {
        case .alarms:
            .optional(
                .integer(Limits.floodCount), usual: .count(usual.alarms), unit: "alarms", "More than so many are one.")
        case .within:
            .optional(.duration(Limits.massExitWindow), usual: .written(usual.window), "That come within so long.")
        }
    }
}
