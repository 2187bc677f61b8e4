import Archive
import Chunks
import Plant
import Ring

/// One scan group as the assembler sees it. All storage is made once; text is the exception.
struct AssembledGroup {
    let name: String
    private let forms: [SlotForm]
    /// Nanoseconds.
    private let patience: Int64
    /// As the rows keep them.
    let types: [ValueType]
    /// The lowest number the next scan may have.
    var expected: UInt64
    /// The number behind the newest scan that was whole.
    var afterWhole: UInt64
    var isOpen = false
    /// Of the open scan's first block in the ring.
    var place = 0
    var sequence: UInt64 = 0
    /// UTC milliseconds of the open or newest scan.
    var time: Int64 = 0
    var hasTime = false
    var sent: Int64 = 0
    var replied: Int64 = 0
    var missingBlocks = 0
    /// The event that says this group is lost, while it is.
    var gap: Int64?
    private var seenBlocks: [Bool] = []
    var readings: [RawReading]
    var texts: [Int: [UInt8]] = [:]

    init(_ group: ScanGroup, of plant: Plant, expected: UInt64) {
        (name, self.expected, afterWhole) = (group.name, expected, expected)
        patience = max(Gap.told, ChunkTraits.latePeriods * group.period.milliseconds) * 1_000_000
        forms = group.tags.map { SlotForm(plant.tags[$0]) }
        types = forms.map(\.type)
        readings = types.indices.map { RawReading(bits: 0, slot: $0, quality: .neverRead) }
    }

    /// Whether there was no scan before this one for so long that it must be told. By the clock that nobody sets.
    func isLate(_ header: ScanHeader) -> Bool {
        hasTime && gap == nil && header.sent - replied > patience
    }

    /// Takes over what does not depend on the group's tags.
    mutating func goOn(after before: AssembledGroup) {
        (expected, time, hasTime, gap) = (before.expected, before.time, before.hasTime, before.gap)
        (afterWhole, replied) = (before.afterWhole, before.replied)
    }

    mutating func begin(_ header: ScanHeader, at place: Int) {
        isOpen = true
        self.place = place
        sequence = header.sequence
        expected = header.sequence + 1
        (time, hasTime) = (header.time, true)
        (sent, replied) = (header.sent, header.replied)
        missingBlocks = Int(header.blocks)
        seenBlocks.removeAll(keepingCapacity: true)
        seenBlocks.append(contentsOf: repeatElement(false, count: missingBlocks))
        for slot in readings.indices {
            readings[slot] = RawReading(bits: 0, slot: slot, quality: .neverRead)
        }
        if !texts.isEmpty { texts.removeAll(keepingCapacity: true) }
    }

    /// - Returns: false when the block does not belong to this scan, or is here already.
    mutating func add(_ header: ScanHeader, _ consumer: borrowing RingConsumer<Cell>) -> Bool {
        let block = Int(header.block)
        guard block < seenBlocks.count, Int(header.blocks) == seenBlocks.count, !seenBlocks[block] else { return false }
        seenBlocks[block] = true
        missingBlocks -= 1
        replied = max(replied, header.replied)
        var cell = ScanHeader.cells
        let end = ScanHeader.cells + Int(header.count)
        while cell < end {
            let reading = RawReading(consumer.peek(cell))
            cell += 1
            let continuation = min(Int(reading.continuation), end - cell)
            let slot = Int(reading.slot)
            if slot < readings.count {
                readings[slot] = forms[slot].kept(reading)
                if continuation > 0 {
                    texts[slot] = AssembledGroup.text(reading, continuation, at: cell, consumer)
                }
            }
            cell += continuation
        }
        return true
    }

    /// The bytes of a string lie in memory order in the cells behind it.
    private static func text(
        _ reading: RawReading, _ continuation: Int, at cell: Int, _ consumer: borrowing RingConsumer<Cell>
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(continuation * 16)
        for offset in 0..<continuation {
            var piece = consumer.peek(cell + offset)
            withUnsafeBytes(of: &piece) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(Int(clamping: reading.bits)))
    }
}
