public import Plant
public import Ring

/// The consuming end of one line's ring, in a box because arrays cannot hold non-copyable values. Only the watch's
/// thread touches it.
public final class LineInput: @unchecked Sendable {
    /// For people: its endpoint.
    public let name: String
    var consumer: RingConsumer<Cell>
    let storage: RingStorage<Cell>
    /// By the group numbers of the plant that the line was made for, the present ones; `nil` while they are the same.
    var groups: [ScanGroup.ID?]?
    var reportedBlocks = 0
    var reportedCells = 0

    public init(name: String, consumer: consuming RingConsumer<Cell>) {
        self.name = name
        storage = consumer.storage
        self.consumer = consumer
    }

    /// Gives the block that begins with this cell the present number of its group.
    ///
    /// - Returns: false when no such group exists any more.
    func renumber(_ first: inout Cell) -> Bool {
        guard let groups else { return true }
        let born = Int(UInt32(truncatingIfNeeded: first.high))
        guard born < groups.count, let present = groups[born] else { return false }
        first.high = first.high & ~UInt64(UInt32.max) | UInt64(UInt32(truncatingIfNeeded: present))
        return true
    }
}
