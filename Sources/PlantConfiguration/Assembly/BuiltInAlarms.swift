import Plant

/// The alarms that every plant has without a rule.
extension AlarmDefinition {
    /// A controller that cannot be read.
    static func communication(_ controller: Controller, id: ID) -> AlarmDefinition {
        AlarmDefinition(
            id: id, name: "\(AlarmRule.communication):\(controller.name)", rule: AlarmRule.communication, tag: nil,
            condition: .comms(controller.id, priority: .high), maxGap: .zero)
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
            tag: tag,
            condition: .above([limit], deadband: 0), onDelay: lateDelays.on, offDelay: lateDelays.off,
            maxGap: group.period * Limits.gapPeriods)
    }
}
