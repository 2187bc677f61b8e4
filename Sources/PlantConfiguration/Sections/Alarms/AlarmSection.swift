import Plant

/// A rule as it is written: one alarm for each tag its pattern matches.
struct AlarmRule {
    let id: String
    let subject: Subject
    let detector: DetectorRule
    let qualification: QualificationRule
    let handling: Handling
    let activity: ActivityRule
    let rationale: Rationale
    let places: Places

    /// What there is one alarm for.
    enum Subject {
        case tag(TagReference)
        /// Each of these controllers, for logic.
        case unit(Value, NamePattern)
        /// The plant, for logic.
        case plant
    }

    /// Where advice is shown.
    struct Places {
        let alarm: Place
        let onDelay: Place?
        let respondWithin: Place?
        /// Of the alarm, when it has none.
        let deadband: Place
    }
}

extension AlarmRule {
    /// The rule of the communication alarms, which every controller has without any configuration.
    static let communication = "comms"
    /// The rule of the alarms on scan groups that cannot keep their period.
    static let lateScans = "late-scans"
    /// The rule of the alarms on phases that nobody knows.
    static let phaseUnknown = "phase-unknown"

    private static let taken = [
        communication: "every controller has a comms alarm already",
        lateScans: "every scan group has a late-scans alarm already",
        phaseUnknown: "every phase that limits depend on has a phase-unknown alarm already",
        Subsystem.sinkRule: "every sink has a sink alarm already",
        Subsystem.storageRule: "every plant has storage alarms already",
    ]

    static func list(_ value: Value?, tables: LimitTables) -> [AlarmRule] {
        guard let items = value?.list("a list of alarms such as {id: melt-high, tag: F-01.melt_temp, …}") else {
            return []
        }
        var seen: [String: Place] = [:]
        return items.compactMap { item in
            guard
                let section = item.section(AlarmKey.self, "an alarm such as {id: melt-high, tag: F-01.melt_temp, …}")
            else { return nil }
            return AlarmRule(section, item, ids: &seen, tables: tables)
        }
    }

    /// The table that it writes or names.
    var table: LimitTable? {
        guard case .levels(let rule) = detector, case .table(let table, _) = rule.limits else { return nil }
        return table
    }

    /// Reads every key, also when the outcome is `nil`, so that all faults show.
    private init?(
        _ section: Section<AlarmKey>, _ item: Value, ids: inout [String: Place], tables: LimitTables
    ) {
        let idValue = section.required(.id, "the alarm's id")
        let id = idValue?.uniqueName(among: &ids, what: "alarm")
        if let id, let reason = Self.taken[id] { idValue?.reject(expected: "another id: \(reason)") }
        let subject = Self.subject(section)
        let levels = LevelsDetector(section, tables: tables)
        let detector = DetectorRule.read(section, item) ?? levels.map { .levels($0) }
        let activity = ActivityRule(section)
        qualification = QualificationRule(section, onDelay: detector?.usualOnDelay ?? .zero)
        (handling, rationale) = (Handling(section), Rationale(section))
        places = Places(
            alarm: item.place, onDelay: section[.onDelay]?.place, respondWithin: section[.respondWithin]?.place,
            deadband: section[.deadband]?.place ?? item.place)
        guard let id, let subject, let detector, let activity else { return nil }
        (self.id, self.subject, self.detector, self.activity) = (id, subject, detector, activity)
    }

    private static func subject(_ section: Section<AlarmKey>) -> Subject? {
        guard section.contains(.logic) else {
            return section.required(.tag, TagReference.form).flatMap(TagReference.init).map { .tag($0) }
        }
        section.refuse([.tag], "logic names its tags itself; with unit there is one alarm for each controller")
        guard let unit = section[.unit] else { return .plant }
        return unit.text("a controller such as F-01 or a pattern such as \"F-*\"").map {
            .unit(unit, NamePattern($0))
        }
    }
}

extension DetectorRule {
    /// NAMUR NE 43: a live-zero signal must be out of its range so long before it counts as failed.
    static let failedLoopDelay: Duration = .seconds(4)

    fileprivate var usualOnDelay: Duration {
        guard case .test(.quality(let causes), _) = self, !causes.isEmpty,
            causes.allSatisfy({ $0 == .failLow || $0 == .failHigh })
        else { return .zero }
        return Self.failedLoopDelay
    }
}

extension Priority {
    static var words: String { allCases.map(\.rawValue).asChoice }
}
