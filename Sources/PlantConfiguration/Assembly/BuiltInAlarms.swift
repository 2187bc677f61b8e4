import Plant

/// The alarms that every plant has without a rule.
extension AlarmDefinition {
    /// A controller that cannot be read.
    static func communication(_ controller: Controller, id: ID) -> AlarmDefinition {
        AlarmDefinition(
            id: id, name: "\(AlarmRule.communication):\(controller.name)", rule: AlarmRule.communication, tag: nil,
            detector: .comms(controller.id, priority: .high), qualification: Qualification(maxGap: .zero))
    }

    /// More scans left out than a passing disturbance explains, in percent of those that should have been.
    private static let lateScans = 5.0
    /// Two diagnostic periods of ten seconds to raise, three to clear: one bad period is not an overload.
    private static let lateDelays: (on: Duration, off: Duration) = (.seconds(20), .seconds(30))

    /// A scan group that cannot keep its period, by its diagnostic group; `nil` for a group of another kind.
    static func lateScans(_ group: ScanGroup, of assembly: PlantAssembly, id: ID) -> AlarmDefinition? {
        guard case .group(let watched)? = group.diagnoses,
            let tag = group.tags.first(where: { assembly.tags[$0].diagnostic == .overload })
        else { return nil }
        let limit = AlarmLimit(level: .high, limit: lateScans, priority: .low)
        return AlarmDefinition(
            id: id, name: "\(AlarmRule.lateScans):\(assembly.groups[watched].name)", rule: AlarmRule.lateScans,
            tag: tag, detector: .levels(Levels([limit], isAbove: true)),
            qualification: Qualification(
                onDelay: lateDelays.on, offDelay: lateDelays.off, maxGap: group.period * Limits.gapPeriods))
    }

    /// A phase that limits depend on and that nobody knows, so that the strictest of them count meanwhile.
    ///
    /// Once for each phase tag, however many alarms use it. It waits as long as the last phase is taken to go on.
    static func phaseUnknown(_ tag: Tag, isFirst: Bool, of assembly: PlantAssembly, id: ID) -> AlarmDefinition {
        let subject = isFirst ? assembly.controllers[tag.controller].name : tag.name
        let gap = assembly.groups[tag.group].period * Limits.gapPeriods
        return AlarmDefinition(
            id: id, name: "\(AlarmRule.phaseUnknown):\(subject)", rule: AlarmRule.phaseUnknown, tag: tag.id,
            detector: .test(.quality([]), priority: .medium), qualification: Qualification(onDelay: gap, maxGap: gap))
    }

    // MARK: Cupel itself

    /// As long as the longest pause between two tries of a sink: what fails again so soon is still the same trouble.
    private static let recovered: Duration = .seconds(60)
    /// A checkpoint or a backup may hold a database for some seconds, and the rings hold what comes meanwhile.
    static let storageBusy: Duration = .seconds(10)

    /// A part of Cupel that fails.
    static func health(_ subsystem: Subsystem, onDelay: Duration = storageBusy, id: ID) -> AlarmDefinition {
        let (priority, rationale) = subsystem.meaning
        return AlarmDefinition(
            id: id, name: subsystem.alarmName, rule: subsystem.rule, tag: nil,
            detector: .health(subsystem, priority: priority),
            qualification: Qualification(onDelay: onDelay, offDelay: recovered, maxGap: .zero), rationale: rationale)
    }
}

extension Subsystem {
    /// How bad it is when it fails, and what to do.
    fileprivate var meaning: (priority: Priority, rationale: Rationale) {
        switch self {
        // People there hear of nothing else either, however urgent it is.
        case .sink:
            let guidance = "See cupel sinks for what it answers; tell people another way meanwhile"
            return (.high, Rationale(consequence: "Alarms are not told there", guidance: guidance))
        // No operator decides by the history; what does not fit into memory is a gap in the records of a product.
        case .history:
            let guidance = "See cupel status; most often the disk is full, or another program holds the history"
            return (.medium, Rationale(consequence: "Readings are lost once memory is full", guidance: guidance))
        // Nothing is lost: for hours it costs disk space only.
        case .historyLog:
            let guidance = "End the program that has been reading the history for so long"
            return (.low, Rationale(consequence: "The disk fills up", guidance: guidance))
        // Alarms are still told, but who acknowledged and shelved what is in memory only, and lost at a stop.
        case .journal:
            let guidance = "See cupel status; most often the disk is full"
            return (.high, Rationale(consequence: "Alarms are told without a record", guidance: guidance))
        }
    }
}
