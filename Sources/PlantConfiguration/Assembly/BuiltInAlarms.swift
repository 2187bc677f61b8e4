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
}
