import Plant

/// Turns each rule into one alarm for each tag it matches, and adds the alarms that nobody has to write.
///
/// All names are made first, because a statement may name any alarm.
struct AlarmExpansion {
    let assembly: PlantAssembly
    private let sinks: [SinkDefinition]
    private let tagsByName: [String: Tag]
    private(set) var drafts: [AlarmDraft] = []
    /// Every alarm that a statement may name.
    private(set) var ids: [String: AlarmDefinition.ID] = [:]
    /// The alarms of each rule.
    private(set) var members: [String: [AlarmDefinition.ID]] = [:]
    private(set) var alarms: [AlarmDefinition] = []
    /// What each row of the limits does for the tags it is asked for, by its place.
    var rows: [Place: RowUse] = [:]
    /// A fault of a rule is shown for the first of its tags only: for the others it is the same fault.
    private var rejected: Set<Place> = []

    init(_ rules: [AlarmRule], of assembly: PlantAssembly, sinks: [SinkDefinition]) {
        self.assembly = assembly
        self.sinks = sinks
        tagsByName = Dictionary(assembly.tags.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for rule in rules { draft(rule) }
        let builtIn = builtInAlarms()
        for (id, name) in (drafts.map(\.name) + builtIn.map(\.name)).enumerated() { ids[name] = id }
        members = Dictionary(grouping: drafts.indices) { drafts[$0].rule.id }
        let detectors = drafts.map { detector(of: $0) }
        let activities = drafts.map { activity(of: $0) }
        let gaps = drafts.indices.map { maxGap(of: $0, detectors) }
        for use in rows.values { use.report() }
        for (id, draft) in drafts.enumerated() {
            // A rule that became nothing has been reported; without it the numbers would be those of other alarms.
            guard let detector = detectors[id], let activity = activities[id] else {
                alarms = []
                return
            }
            alarms.append(draft.definition(id: id, detector, activity, maxGap: gaps[id]))
        }
        alarms += builtIn
        reportCircles()
    }

    /// Every alarm of a rule, by name.
    private mutating func draft(_ rule: AlarmRule) {
        switch rule.subject {
        case .plant: drafts.append(AlarmDraft(rule: rule, name: rule.id))
        case .unit(let value, let pattern):
            var isMatched = false
            for controller in assembly.controllers {
                guard let captures = pattern.captures(controller.name) else { continue }
                isMatched = true
                drafts.append(AlarmDraft(rule: rule, name: "\(rule.id):\(controller.name)", captures: captures))
            }
            if !isMatched, !assembly.directory.isIncomplete {
                reject(value, expected: "a controller, or a pattern that matches one")
            }
        case .tag(let reference):
            var isMatched = false
            for tag in assembly.tags {
                guard let captures = reference.pattern.captures(tag.name) else { continue }
                isMatched = true
                var draft = AlarmDraft(rule: rule, name: "\(rule.id):\(tag.name)", tag: tag, captures: captures)
                draft.phase = phase(of: draft)
                drafts.append(draft)
            }
            if !isMatched, !mayExist(reference.pattern) {
                reject(reference.value, expected: expectation(for: reference.pattern, at: reference.value))
            }
        }
    }

    private func builtInAlarms() -> [AlarmDefinition] {
        var alarms: [AlarmDefinition] = []
        var id: AlarmDefinition.ID { drafts.count + alarms.count }
        for controller in assembly.controllers { alarms.append(.communication(controller, id: id)) }
        for group in assembly.groups {
            if let alarm = AlarmDefinition.lateScans(group, of: assembly, id: id) { alarms.append(alarm) }
        }
        var controllers: Set<Controller.ID> = []
        for phase in Set(drafts.compactMap(\.phase)).sorted() {
            let tag = assembly.tags[phase]
            let isFirst = controllers.insert(tag.controller).inserted
            alarms.append(.phaseUnknown(tag, isFirst: isFirst, of: assembly, id: id))
        }
        for subsystem in Subsystem.storage { alarms.append(.health(subsystem, id: id)) }
        for sink in sinks { alarms.append(.health(.sink(sink.name), onDelay: sink.alarmAfter, id: id)) }
        return alarms
    }

    /// Three periods of what drives it: the tag, or the slowest of what a statement needs.
    private mutating func maxGap(of id: AlarmDefinition.ID, _ detectors: [Detector?]) -> Duration {
        let draft = drafts[id]
        let period = slowest(id, detectors)
        guard let gap = draft.rule.qualification.maxGap else { return period * Limits.gapPeriods }
        if gap < period, let value = draft.rule.qualification.maxGapValue {
            reject(
                value, found: "\(gap.configured) for \(draft.subject), read every \(period.configured)",
                expected: "at least that")
        }
        return gap
    }

    private func slowest(_ id: AlarmDefinition.ID, _ detectors: [Detector?]) -> Duration {
        if let tag = drafts[id].tag { return period(of: tag) }
        var (longest, pending, seen) = (Duration.zero, [id], Set([id]))
        while let next = pending.popLast() {
            guard detectors.indices.contains(next) else { continue }
            if let tag = drafts[next].tag { longest = max(longest, period(of: tag)) }
            guard case .test(.logic(let logic), _)? = detectors[next] else { continue }
            longest = logic.tags.map { period(of: assembly.tags[$0]) }.reduce(longest, max)
            pending += logic.alarms.filter { seen.insert($0).inserted }
        }
        return longest
    }

    func period(of tag: Tag) -> Duration { assembly.groups[tag.group].period }

    /// A tag that an alarm names, its `*` filled in.
    mutating func tag(_ reference: TagReference, for draft: AlarmDraft) -> Tag? {
        guard let name = reference.pattern.filled(with: draft.captures) else {
            reject(reference.value, expected: "no more * than the alarm's own tag has")
            return nil
        }
        guard let tag = tag(named: name) else {
            if !isRejected(reference.value), !mayExist(NamePattern(name)) {
                reject(
                    reference.value,
                    found: reference.pattern.isWild ? "\(name.quoted) for \(draft.subject)" : nil,
                    expected: expectation(for: NamePattern(name), at: reference.value))
            }
            return nil
        }
        return tag
    }

    func tag(named name: String) -> Tag? { tagsByName[name] }

    /// The engineering values that a configured state of a tag stands for: several when states share a name.
    mutating func numbers(_ value: Value, for tag: Tag) -> [Double]? {
        guard !tag.type.isString else {
            reject(value, found: "a state of \(tag.name), a string", expected: "a tag with a number")
            return nil
        }
        let plain = value.plain ?? .nothing
        switch plain {
        case .flag(let flag) where tag.type == .bool: return [flag ? 1 : 0]
        case .integer(let number) where tag.type != .bool || (0...1).contains(number): return [Double(number)]
        case .number(let number) where tag.type != .bool: return [number]
        case .text:
            let numbers = tag.numbers(ofState: value.word ?? "")
            if !numbers.isEmpty { return numbers }
        case .nothing, .flag, .integer, .number, .doubtfulNumber: break
        }
        reject(value, found: "\(value.found) for \(tag.name)", expected: tag.stateWords.asChoice)
        return nil
    }

    /// All values, or `nil` when one is not understood.
    mutating func numbers(_ values: [Value], for tag: Tag) -> [Double]? {
        let numbers = values.map { self.numbers($0, for: tag) }
        return numbers.allSatisfy { $0 != nil } ? numbers.flatMap { $0 ?? [] } : nil
    }

    mutating func reject(_ value: Value, found: String? = nil, expected: String) {
        if rejected.insert(value.place).inserted { value.reject(found: found, expected: expected) }
    }

    func isRejected(_ value: Value) -> Bool { rejected.contains(value.place) }

    /// A tag that is not found may be one that could not be understood; then only that is reported.
    func mayExist(_ pattern: NamePattern) -> Bool {
        assembly.directory.isIncomplete || assembly.directory.brokenNames.contains { pattern.matches($0) }
    }

    func expectation(for pattern: NamePattern, at value: Value) -> String {
        guard !pattern.isWild else { return "a pattern that matches a tag" }
        let near = value.document.findings.nearest(to: pattern.text, of: assembly.tags.map(\.name))
        return "the full name of a tag" + (near.map { " such as \($0.quoted)" } ?? "")
    }
}

/// One alarm of a rule, before what it names is looked up.
struct AlarmDraft {
    let rule: AlarmRule
    let name: String
    var tag: Tag?
    var captures: [String] = []
    /// The phase tag that its limits depend on.
    var phase: Tag.ID?

    /// What a message calls it.
    var subject: String { tag?.name ?? name }

    func definition(
        id: AlarmDefinition.ID, _ detector: Detector, _ activity: Activity, maxGap: Duration
    ) -> AlarmDefinition {
        AlarmDefinition(
            id: id, name: name, rule: rule.id, tag: tag?.id, detector: detector,
            qualification: Qualification(
                onDelay: rule.qualification.onDelay, offDelay: rule.qualification.offDelay, maxGap: maxGap,
                count: rule.qualification.count, onBad: rule.qualification.onBad),
            handling: rule.handling, activity: activity, rationale: rule.rationale)
    }
}

extension Tag {
    /// Every value whose state has this name.
    func numbers(ofState name: String) -> [Double] {
        states.filter { $0.value == name }.keys.sorted().map(Double.init)
    }

    /// What a person may write for a value of it.
    var stateWords: [String] {
        let names = states.sorted { $0.key < $1.key }.map(\.value)
        return names.reduce(into: type == .bool ? ["true", "false"] : ["a number"]) {
            if !$0.contains($1) { $0.append($1) }
        }
    }

    var measures: Bool { type != .bool && !type.isString }
}
