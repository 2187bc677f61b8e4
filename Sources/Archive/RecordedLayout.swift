import Chunks
import Plant

/// How the scans of a layout look to a configuration.
struct RecordedLayout {
    let group: String
    /// In the order of the slots.
    let slots: [RecordedSlot]
    let tags: [Tag.ID]

    init(group: String, slots: [RecordedSlot]) {
        (self.group, self.slots) = (group, slots)
        tags = slots.map(\.tag)
    }
}

struct RecordedSlot {
    let tag: Tag.ID
    private let type: ValueType
    private let scale: Double
    private let offset: Double
    private let isUnscaled: Bool

    /// The scale of the layout counts where the configuration now means other registers; where it means the same ones,
    /// its own scale counts: a new scale is what a replay may be about.
    init(_ slot: SlotFormat, _ tag: Tag) {
        (self.tag, type) = (tag.id, slot.type)
        if type == tag.type {
            (scale, offset, isUnscaled) = (tag.scale, tag.offset, tag.isUnscaled)
        } else {
            (scale, offset, isUnscaled) = (slot.scale ?? 1, slot.offset, slot.scale == nil)
        }
    }

    @inline(__always)
    func value(_ bits: UInt64) -> Double {
        let raw = type.rawNumber(bits)
        return isUnscaled ? raw : raw * scale + offset
    }
}

extension RecordedScan {
    /// Becomes a scan of a run; nothing is allocated for a value.
    mutating func take(_ run: Run, _ index: Int, _ layout: Int64, _ recorded: RecordedLayout) {
        time = run.scans.times[index]
        sequence = run.sequence(index)
        took = run.scans.took[index]
        if self.layout != layout || group.isEmpty {
            (self.layout, group, tags) = (layout, recorded.group, recorded.tags)
        }
        readings.removeAll(keepingCapacity: true)
        if !texts.isEmpty { texts.removeAll(keepingCapacity: true) }
        loss = run.scans.losses.isEmpty ? .good : run.scans.losses[index]
        guard loss.isGood else { return }
        for (column, slot) in recorded.slots.enumerated() {
            let quality = run.quality(index, of: column)
            if quality.isBad {
                readings.append(RecordedReading(tag: slot.tag, quality: quality, bits: 0, value: .nan))
            } else if run.slots[column].type.isString {
                let text = run.columns[column].texts[index]
                texts[slot.tag] = text
                readings.append(
                    RecordedReading(tag: slot.tag, quality: quality, bits: UInt64(text.utf8.count), value: .nan))
            } else {
                let bits = run.columns[column].bits[index]
                readings.append(RecordedReading(tag: slot.tag, quality: quality, bits: bits, value: slot.value(bits)))
            }
        }
    }
}
