import Plant

/// A plant as the watch's thread needs it: flattened for speed, made beforehand, never changed.
final class WatchTables: Sendable {
    let plant: Plant
    /// By group.
    let groups: [GroupTable]
    /// The slots of all groups, one group after the other.
    let slots: [SlotTable]
    /// The alarms on each tag, one after the other, as `slots` refers to them.
    let tagAlarms: [AlarmDefinition.ID]
    /// By controller.
    let commsAlarms: [AlarmDefinition.ID?]
    /// By tag.
    let scalings: [Scaling]
    let alarmsByName: [String: AlarmDefinition.ID]
    /// The cells of the largest block that the watch makes itself.
    let computedCells: Int

    struct GroupTable: Sendable {
        let controller: Controller.ID
        /// Where its slots lie in `slots`.
        let slots: Range<Int>
        /// Cupel's own counters say nothing about whether a controller can be read.
        let isDiagnostic: Bool
        let computed: [ComputedTag]
    }

    struct SlotTable: Sendable {
        let tag: Tag.ID
        let scaling: Scaling
        /// Where its alarms lie in `tagAlarms`.
        let alarms: Range<Int>
    }

    init(_ plant: Plant) {
        self.plant = plant
        let scalings = plant.tags.map(Scaling.init)
        self.scalings = scalings

        var alarmsOf: [Tag.ID: [AlarmDefinition.ID]] = [:]
        var comms: [AlarmDefinition.ID?] = Array(repeating: nil, count: plant.controllers.count)
        for alarm in plant.alarms {
            if case .comms(let controller, _) = alarm.condition { comms[controller] = alarm.id }
            if let tag = alarm.tag { alarmsOf[tag, default: []].append(alarm.id) }
        }
        commsAlarms = comms
        alarmsByName = Dictionary(plant.alarms.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })

        var slots: [SlotTable] = []
        var tagAlarms: [AlarmDefinition.ID] = []
        groups = plant.groups.map { group in
            let first = slots.count
            for id in group.tags {
                let from = tagAlarms.count
                tagAlarms += alarmsOf[id] ?? []
                slots.append(SlotTable(tag: id, scaling: scalings[id], alarms: from..<tagAlarms.count))
            }
            return GroupTable(
                controller: group.controller, slots: first..<slots.count, isDiagnostic: group.diagnoses != nil,
                computed: group.tags.compactMap { ComputedTag(plant.tags[$0], of: plant) })
        }
        self.slots = slots
        self.tagAlarms = tagAlarms
        computedCells = ScanHeader.cells + (groups.map(\.computed.count).max() ?? 0)
    }
}

/// How raw bits become an engineering value, without the rest of the tag.
struct Scaling: Sendable {
    let type: ValueType
    let scale: Double
    let offset: Double
    let isUnscaled: Bool

    init(_ tag: Tag) {
        (type, scale, offset, isUnscaled) = (tag.type, tag.scale, tag.offset, tag.isUnscaled)
    }

    func engineering(_ bits: UInt64) -> Double {
        let raw = type.rawNumber(bits)
        return isUnscaled ? raw : raw * scale + offset
    }
}
