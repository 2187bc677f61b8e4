import Plant
import Ring

/// The line's end of its ring, with the buffer in which blocks are put together. Only the line's thread touches it.
final class BlockPublisher: @unchecked Sendable {
    private var producer: RingProducer<Cell>
    private let doorbell: Doorbell
    private let cells: UnsafeMutableBufferPointer<Cell>

    /// - Parameter capacity: cells of readings in the largest block.
    init(producer: consuming RingProducer<Cell>, doorbell: Doorbell, capacity: Int) {
        self.producer = producer
        self.doorbell = doorbell
        cells = .allocate(capacity: ScanHeader.cells + capacity)
        cells.initialize(repeating: Cell())
    }

    deinit { cells.deallocate() }

    /// Where the readings of the next block go.
    var readings: UnsafeMutableBufferPointer<Cell> {
        UnsafeMutableBufferPointer(rebasing: cells[ScanHeader.cells...])
    }

    /// Publishes the header and the first `header.count` cells of `readings`, whole.
    ///
    /// - Parameter urgent: wakes the watch; otherwise it finds the block when it next comes round.
    /// - Returns: false when the ring is full, which it has counted.
    func publish(_ header: ScanHeader, urgent: Bool) -> Bool {
        cells[0] = header.cell0
        cells[1] = header.cell1
        cells[2] = header.cell2
        let block = UnsafeBufferPointer(rebasing: cells[..<(ScanHeader.cells + Int(header.count))])
        let published = producer.publish(block)
        if urgent { doorbell.ring() }
        return published
    }
}
