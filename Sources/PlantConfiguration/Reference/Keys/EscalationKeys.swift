import Plant

extension EscalationRule.Key {
    static let about = SectionAbout(
        "policy",
        "Who is called when nobody acts upon an alarm. It begins when operators are told of the alarm and the alarm waits "
            + "for an acknowledgement; it ends when somebody acknowledges, shelves or suppresses the alarm, or takes it "
            + "out of service. Each policy runs by itself, for each alarm that it is for.")

    var reference: KeyReference {
        switch self {
        case .name:
            .required(
                .name,
                "Unique. What runs follows its policy by this name through a reload: a renamed policy begins anew with "
                    + "what stands.")
        case .priority:
            .required(.oneOrMore(.priority, count: 1...Int.max), "The priorities it is for, counted when it begins.")
        case .match:
            .optional(
                .oneOrMore(
                    .text("an alarm or a tag, or a pattern such as `\"F-*\"`"), count: 1...Limits.escalationPatterns),
                without: "every alarm",
                "The alarms or tags it is for, `*` for any run of characters. One that meets no alarm is an error.")
        case .steps:
            .required(
                .list(of: .section(of: EscalationRule.StepKey.self), count: Limits.escalationSteps),
                "Who is called when, one step after the other.")
        case .endsWithClear:
            .optional(
                .flag, usual: .flag(EscalationRule.endsWithClear),
                "The end of the condition calls off the next calls. With `false` it goes on until somebody acknowledges: "
                    + "right for what must not go unseen, and for alarms that come and go faster than the first step waits."
            )
        }
    }
}

extension EscalationRule.StepKey {
    static let about = SectionAbout("step", "One call, or several to the same sinks.")

    var reference: KeyReference {
        let usual = EscalationPolicy.Step(wait: .zero, sinks: [])
        return switch self {
        case .wait:
            .required(
                .duration(Limits.escalationWait),
                "How long after the alarm was told, or after the last call of the step before. `0s` tells these sinks at "
                    + "once. Shorter than operators need to look at an alarm, it calls people for nothing.")
        case .sinks:
            .required(
                .list(of: .text("the name of a sink"), count: 1...Limits.escalationSinks),
                "All are told at the same time, whatever priorities and events they take otherwise.")
        case .times:
            .optional(
                .integer(Limits.escalationTimes), usual: .count(usual.times), unit: "calls",
                "Calls of this step in all.")
        case .every:
            .optional(
                .duration(Limits.escalationEvery), usual: .written(usual.every),
                "Between its calls; only with `times` above 1.")
        }
    }
}
