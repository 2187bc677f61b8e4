import Plant

extension Handling {
    /// A week on the shelf is the longest; `never` for an alarm that must not be shelved.
    init(_ section: Section<AlarmKey>) {
        self.init(
            latching: section.read(.latching, default: false) { $0.flag() },
            acknowledgement: section.read(.acknowledge, default: .required) { $0.choice(Acknowledgement.self) },
            reAlarm: section[.reAlarm].flatMap { $0.duration(in: Limits.reAlarm) },
            maxShelve: section.read(.maxShelve, default: Handling.shift) { value in
                value.plain == .text && value.word == "never"
                    ? .some(nil) : value.duration(in: Limits.shelve, or: "never").map { .some($0) }
            },
            group: section[.group].flatMap { $0.name() })
        if latching, acknowledgement == .none {
            section[.acknowledge]?.reject(expected: "required or auto: a latched alarm waits for its acknowledgement")
        }
    }
}

extension Rationale {
    init(_ section: Section<AlarmKey>) {
        self.init(
            cause: section[.cause].flatMap { $0.text() }, consequence: section[.consequence].flatMap { $0.text() },
            guidance: section[.guidance].flatMap { $0.text() },
            respondWithin: section[.respondWithin].flatMap { $0.duration(in: Limits.respondWithin) },
            alarmClass: section[.alarmClass].flatMap { $0.name() })
    }
}

/// When an alarm is watched, its statements not yet looked up.
struct ActivityRule {
    let when: When?
    let suppressedBy: LogicRule?
    let arming: Activity.Arming?

    enum When {
        /// Another tag and its values, as `{tag: …, in: […]}`.
        case values(TagReference, [Value])
        case logic(LogicRule)
    }

    enum WhenKey: String, SectionKey { case tag, `is`, `in` }

    /// `nil` when a statement is not understood.
    init?(_ section: Section<AlarmKey>) {
        let when = section[.when].map(Self.when)
        let suppressedBy = section[.suppressedBy].map(LogicRule.init)
        arming = section[.arm].flatMap { value in
            if value.plain == .text, value.word == "once_normal" { return .onceNormal }
            return value.duration(in: Limits.delay, or: "once_normal").map { .after($0) }
        }
        if !section.contains(.when) {
            section.refuse([.arm], "it counts from when the alarm begins to be watched, and there is no when")
        }
        guard !isFaulty(when), !isFaulty(suppressedBy) else { return nil }
        (self.when, self.suppressedBy) = (when ?? nil, suppressedBy ?? nil)
    }

    private static func when(_ value: Value) -> When? {
        if value.isScalar { return LogicRule(value).map { .logic($0) } }
        guard let section = value.section(WhenKey.self, "a condition such as {tag: F-01.phase, in: [70, 80]}") else {
            return nil
        }
        let tag = section.required(.tag, TagReference.form).flatMap(TagReference.init)
        let values = value.values(is: section[.is], in: section[.in])
        guard let tag, let values else { return nil }
        return .values(tag, values)
    }
}
