import Plant

/// Who must look at what, when: the plant's alarms arranged by the event that concerns them. Made once, never changed.
final class BoardTables: Sendable {
    let plant: Plant
    /// Each in a box: an element of an array is copied with all its texts and lists when it is handed over, and that
    /// took longer than all that is done with it (measured).
    let definitions: [Boxed]

    final class Boxed: Sendable {
        let whole: AlarmDefinition
        init(_ whole: AlarmDefinition) { self.whole = whole }
    }

    /// Alarms that need nothing but a sample of one tag, one tag after the other. They look at once, block by block.
    let immediate: [AlarmDefinition.ID]
    /// By tag: where its own lie in `immediate`.
    let immediateOf: [Range<Int>]
    /// By tag: whether some alarm needs to know it.
    let isWatched: [Bool]
    /// By tag: whether alarms need it that look at complete scans; and by group, those tags.
    let isSettled: [Bool]
    let settledTags: [[Tag.ID]]
    /// Tags that a spike alarm looks at: everybody else gets their samples screened, one sample late.
    let screened: [Tag.ID: SpikeScreen]
    /// By group: alarms that look when its scan is complete, those that others use before the others.
    let atCompletion: [[AlarmDefinition.ID]]
    /// By group: immediate alarms whose condition other alarms use.
    let consulted: [[AlarmDefinition.ID]]
    /// By alarm: the alarms that use its condition.
    let dependents: [[AlarmDefinition.ID]]
    /// By alarm: its detector has allowed for inputs that are bad, so its own tag's quality decides nothing.
    let weighsInputs: [Bool]
    /// By alarm: the group of its own tag.
    let group: [ScanGroup.ID?]
    /// By controller.
    let comms: [AlarmDefinition.ID?]
    /// The alarms on parts of Cupel itself, and these parts in the order of their numbers.
    let health: [Subsystem: AlarmDefinition.ID]
    let subsystems: [Subsystem]
    /// By controller: alarms that say nothing new while it is lost.
    let silencedByLoss: [[AlarmDefinition.ID]]
    /// By alarm: the controller whose loss silences it.
    let silencer: [Controller.ID?]
    /// By alarm: 0 for one that uses no other, else more than those it uses. Who is used looks first.
    let rank: [Int]
    /// By alarm: the design may keep it silent.
    let mayBeSilent: [Bool]
    /// By alarm: how long after its timer is due an older sample may still arrive, in milliseconds.
    let grace: [Int64]
    let longestTimeout: Int64
    let longestPeriod: Int64
    /// By alarm: for how long an unknown `when` stays what it was.
    let patience: [Int64]
    /// By alarm: the controllers whose loss makes its `when` unknown.
    let authorities: [[Controller.ID]]
    /// The alarms of each first-out group, and by alarm the number of its group.
    let families: [[AlarmDefinition.ID]]
    let family: [Int?]
    let byName: [String: AlarmDefinition.ID]

    /// Beyond a timeout of its controller; a scan that is published late has this much.
    static let graceMilliseconds: Int64 = 1000
    /// A scan takes its period at most, or the next ones are left out; one of a slow class is not waited for as long.
    static let longestScan: Int64 = 10_000
    /// A `when` that is not known stays what it was for so many periods.
    static let patiencePeriods = 3

    init(_ plant: Plant) {
        self.plant = plant
        let alarms = plant.alarms
        definitions = alarms.map(Boxed.init)
        byName = Dictionary(alarms.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })

        var families: [[AlarmDefinition.ID]] = []
        var numbers: [String: Int] = [:]
        family = alarms.map { alarm in
            guard let name = alarm.handling.group else { return nil }
            let number = numbers[name] ?? families.count
            if number == families.count { families.append([]) }
            numbers[name] = number
            families[number].append(alarm.id)
            return number
        }
        self.families = families

        var dependents: [[AlarmDefinition.ID]] = Array(repeating: [], count: alarms.count)
        for alarm in alarms {
            for used in alarm.usedAlarms where !dependents[used].contains(alarm.id) {
                dependents[used].append(alarm.id)
            }
        }
        self.dependents = dependents
        weighsInputs = alarms.map(\.detector.weighsInputs)
        group = alarms.map { $0.tag.map { plant.tags[$0].group } }

        var immediate: [[AlarmDefinition.ID]] = Array(repeating: [], count: plant.tags.count)
        var isWatched = Array(repeating: false, count: plant.tags.count)
        var isSettled = isWatched
        var screened: [Tag.ID: SpikeScreen] = [:]
        var atCompletion: [[AlarmDefinition.ID]] = Array(repeating: [], count: plant.groups.count)
        var consulted = atCompletion
        for alarm in alarms {
            if case .comms = alarm.detector { continue }
            if case .test(.spike(let spike), _) = alarm.detector, let tag = alarm.tag {
                screened[tag] = SpikeScreen(spike, maxGap: alarm.qualification.maxGap.milliseconds)
            }
            for tag in alarm.usedTags { isWatched[tag] = true }
            if let tag = alarm.tag { isWatched[tag] = true }
            if let tag = alarm.tag, alarm.isAlone {
                immediate[tag].append(alarm.id)
                if !dependents[alarm.id].isEmpty { consulted[plant.tags[tag].group].append(alarm.id) }
                continue
            }
            var tags = (alarm.tag.map { [$0] } ?? []) + alarm.usedTags
            // One on other alarms alone looks when they do.
            if tags.isEmpty { tags = BoardTables.tags(behind: alarm, in: plant) }
            for tag in tags { isSettled[tag] = true }
            for group in Set(tags.map { plant.tags[$0].group }) { atCompletion[group].append(alarm.id) }
        }
        var from = 0
        immediateOf = immediate.map { alarms in
            defer { from += alarms.count }
            return from..<(from + alarms.count)
        }
        self.immediate = immediate.flatMap(\.self)
        self.isWatched = isWatched
        self.isSettled = isSettled
        settledTags = plant.groups.map { $0.tags.filter { isSettled[$0] } }
        self.screened = screened
        let rank = BoardTables.ranks(alarms)
        self.rank = rank
        self.atCompletion = atCompletion.map { $0.sorted { (rank[$0], $0) < (rank[$1], $1) } }
        self.consulted = consulted

        var comms: [AlarmDefinition.ID?] = Array(repeating: nil, count: plant.controllers.count)
        var silencedByLoss: [[AlarmDefinition.ID]] = Array(repeating: [], count: plant.controllers.count)
        silencer = alarms.map { alarm in
            if case .comms(let controller, _) = alarm.detector { comms[controller] = alarm.id }
            guard alarm.isSilencedByLoss, let tag = alarm.tag else { return nil }
            silencedByLoss[plant.tags[tag].controller].append(alarm.id)
            return plant.tags[tag].controller
        }
        self.comms = comms
        let told = alarms.compactMap { alarm -> (Subsystem, AlarmDefinition.ID)? in
            guard case .health(let subsystem, _) = alarm.detector else { return nil }
            return (subsystem, alarm.id)
        }
        health = Dictionary(told, uniquingKeysWith: { first, _ in first })
        subsystems = told.map(\.0)
        self.silencedByLoss = silencedByLoss
        mayBeSilent = zip(alarms, silencer).map { $1 != nil || $0.activity != Activity() || $0.detector.hasRows }

        longestTimeout = plant.controllers.map(\.timeout.milliseconds).max() ?? 0
        grace = alarms.map { alarm in
            // What is told of Cupel is stamped by the watch itself: nothing older can come.
            if alarm.detector.isTold { return 0 }
            let controllers = Set(alarm.allTags.map { plant.tags[$0].controller } + alarm.commsController)
            let slowest = controllers.map { plant.controllers[$0].timeout.milliseconds }.max() ?? 0
            let periods = alarm.allTags.map { plant.groups[plant.tags[$0].group].period.milliseconds }
            return slowest + BoardTables.graceMilliseconds + min(periods.max() ?? 0, BoardTables.longestScan)
        }
        longestPeriod = min(plant.groups.map(\.period.milliseconds).max() ?? 0, BoardTables.longestScan)
        patience = alarms.map { alarm in
            let tags = alarm.activity.when?.tags ?? []
            let period = tags.map { plant.groups[plant.tags[$0].group].period.milliseconds }.max() ?? 0
            return period * Int64(BoardTables.patiencePeriods)
        }
        authorities = alarms.map { alarm in
            Array(Set((alarm.activity.when?.tags ?? []).map { plant.tags[$0].controller })).sorted()
        }
    }
}

extension BoardTables {
    /// The tags that decide about the alarms which an alarm uses, however far down; of a controller's alarm one of each
    /// of its groups.
    private static func tags(behind alarm: AlarmDefinition, in plant: Plant) -> [Tag.ID] {
        var tags: [Tag.ID] = []
        var waiting = alarm.usedAlarms
        var seen = Set(waiting)
        while let id = waiting.popLast() {
            let used = plant.alarms[id]
            tags += used.allTags
            for controller in used.commsController {
                tags += plant.groups.filter { $0.controller == controller && $0.diagnoses == nil }.compactMap(
                    \.tags.first)
            }
            for next in used.usedAlarms where seen.insert(next).inserted { waiting.append(next) }
        }
        return tags
    }

    /// Circles are refused with the configuration; should there be one, it ends here.
    fileprivate static func ranks(_ alarms: [AlarmDefinition]) -> [Int] {
        var ranks = Array(repeating: 0, count: alarms.count)
        for _ in alarms.indices {
            var isSettled = true
            for alarm in alarms {
                let needed = (alarm.usedAlarms.map { ranks[$0] }.max() ?? -1) + 1
                if needed > ranks[alarm.id], needed <= alarms.count { (ranks[alarm.id], isSettled) = (needed, false) }
            }
            if isSettled { break }
        }
        return ranks
    }
}

extension AlarmDefinition {
    /// Nothing but its own tag's sample decides: it need not wait for the rest of the scan.
    var isAlone: Bool {
        guard activity == Activity(), handling.group == nil, usedTags.isEmpty, usedAlarms.isEmpty else { return false }
        if isSilencedByLoss { return false }
        switch detector {
        case .levels(let levels): return levels.product == nil && levels.phase == nil
        case .test: return true
        case .lots, .comms, .health: return false
        }
    }

    /// What a lost controller explains already (one root cause, one alarm).
    var isSilencedByLoss: Bool {
        switch detector {
        case .test(.quality, _), .test(.stale, _): true
        case .levels, .test, .lots, .comms, .health: false
        }
    }

    var commsController: [Controller.ID] {
        if case .comms(let controller, _) = detector { [controller] } else { [] }
    }

    /// The tags it needs beside its own.
    var usedTags: [Tag.ID] {
        detector.tags + (activity.when?.tags ?? []) + (activity.suppressedBy?.tags ?? [])
    }

    var allTags: [Tag.ID] { (tag.map { [$0] } ?? []) + usedTags }

    /// The alarms whose conditions it needs.
    var usedAlarms: [ID] {
        detector.alarms + (activity.when?.alarms ?? []) + (activity.suppressedBy?.alarms ?? [])
    }
}

extension Detector {
    /// Cupel says of itself how it is: no scan decides.
    var isTold: Bool { if case .health = self { true } else { false } }

    /// Its limits depend on product or phase, and may be none.
    var hasRows: Bool {
        guard case .levels(let levels) = self else { return false }
        return levels.sets.count > 1
            || levels.sets.contains { $0.product != nil || $0.phases != nil || $0.limits.isEmpty }
    }

    /// It judges several inputs together, and a bad one is part of the judgement.
    var weighsInputs: Bool {
        switch self {
        case .test(.degraded, _): true
        case .levels(let levels):
            switch levels.figure {
            case .median, .disagreement, .vote: true
            case .value, .deviation, .rate, .difference: false
            }
        case .test, .lots, .comms, .health: false
        }
    }

    /// The tags it compares with.
    var tags: [Tag.ID] {
        switch self {
        case .levels(let levels): levels.tags
        case .lots(let chart, _): [chart.lot]
        case .comms, .health: []
        case .test(let test, _):
            switch test {
            case .mismatch(let feedback, _): [feedback]
            case .stuck(let stuck): stuck.whenMoving?.tags ?? []
            case .degraded(let others): others
            case .phantom(let phantom): [phantom.coldJunction, phantom.output].compactMap { $0 }
            case .logic(let logic): logic.tags
            case .state, .bits, .change, .edges, .spike, .stale, .quality, .timeToLimit: []
            }
        }
    }

    var alarms: [AlarmDefinition.ID] {
        switch self {
        case .test(.logic(let logic), _): logic.alarms
        case .test(.stuck(let stuck), _): stuck.whenMoving?.alarms ?? []
        case .levels, .test, .lots, .comms, .health: []
        }
    }
}

extension Levels {
    fileprivate var tags: [Tag.ID] {
        var tags: [Tag.ID] =
            switch figure {
            case .value, .rate: []
            case .deviation(let deviation): [deviation.setpoint]
            case .difference(let twin): [twin]
            case .disagreement(let others), .median(let others), .vote(let others, _, _): others
            }
        if let phase { tags.append(phase) }
        if case .tag(let tag)? = product { tags.append(tag) }
        return tags
    }
}
