import Detection
import Plant

/// A plant as the watch's thread needs it: flattened for speed, made beforehand, never changed.
final class WatchTables: Sendable {
    let plant: Plant
    /// By group.
    let groups: [GroupTable]
    /// The slots of all groups, one group after the other.
    let slots: [SlotTable]
    /// By tag.
    let scalings: [Scaling]
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
        /// Some alarm looks at it.
        let isWatched: Bool
    }

    init(_ plant: Plant, _ alarms: AlarmBoard) {
        self.plant = plant
        let scalings = plant.tags.map(Scaling.init)
        self.scalings = scalings

        var slots: [SlotTable] = []
        groups = plant.groups.map { group in
            let first = slots.count
            for id in group.tags {
                slots.append(SlotTable(tag: id, scaling: scalings[id], isWatched: alarms.watches(id)))
            }
            return GroupTable(
                controller: group.controller, slots: first..<slots.count, isDiagnostic: group.diagnoses != nil,
                computed: group.tags.compactMap { ComputedTag(plant.tags[$0], of: plant) })
        }
        self.slots = slots
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
