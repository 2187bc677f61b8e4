public import Plant
public import Ring

/// The consuming end of one line's ring, in a box because arrays cannot hold non-copyable values. Only the watch's
/// thread touches it.
public final class LineInput: @unchecked Sendable {
    /// For people: its endpoint.
    public let name: String
    var consumer: RingConsumer<Cell>
    let storage: RingStorage<Cell>
    var reportedBlocks = 0
    var reportedCells = 0

    public init(name: String, consumer: consuming RingConsumer<Cell>) {
        self.name = name
        storage = consumer.storage
        self.consumer = consumer
    }
}
