import Plant
import Ring

/// A block as the watch would see it.
struct SeenBlock {
    let header: ScanHeader
    let readings: [RawReading]
    let texts: [Int: String]

    subscript(slot: Int) -> RawReading? { readings.first { $0.slot == slot } }
}

/// The watch's end of a ring.
final class BlockReader {
    /// Far beyond anything a healthy test waits for: it turns a hang into a failure.
    static let patience: Duration = .seconds(60)

    private var consumer: RingConsumer<Cell>
    private var seen: [SeenBlock] = []

    init(_ consumer: consuming RingConsumer<Cell>) { self.consumer = consumer }

    /// All blocks so far, the oldest first.
    func blocks() -> [SeenBlock] {
        while consumer.available() >= ScanHeader.cells { seen.append(next()) }
        return seen
    }

    /// Waits for the first block that is wanted, among those from `index` on.
    func first(from index: Int = 0, where wanted: (SeenBlock) -> Bool) async throws -> SeenBlock {
        let deadline = ContinuousClock.now + BlockReader.patience
        while true {
            // Looked at before the clock: other tests may have had all threads for longer than that.
            let isLate = ContinuousClock.now >= deadline
            if let found = blocks().dropFirst(index).first(where: wanted) { return found }
            guard !isLate else { throw Missing(seen: blocks().count) }
            // A poll, because a block that matters to no alarm does not ring.
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// No such block came.
    struct Missing: Error {
        let seen: Int
    }

    private func next() -> SeenBlock {
        let count = ScanHeader.blockCells(consumer.peek())
        let cells = UnsafeMutableBufferPointer<Cell>.allocate(capacity: count)
        defer { cells.deallocate() }
        consumer.take(count, into: cells)
        var readings: [RawReading] = []
        var texts: [Int: String] = [:]
        var at = ScanHeader.cells
        while at < count {
            let reading = RawReading(cells[at])
            let more = Int(reading.continuation)
            let raw = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: cells[(at + 1)..<(at + 1 + more)]))
            if more > 0 { texts[Int(reading.slot)] = String(decoding: raw.prefix(Int(reading.bits)), as: UTF8.self) }
            readings.append(reading)
            at += 1 + more
        }
        return SeenBlock(header: ScanHeader(cells[0], cells[1], cells[2]), readings: readings, texts: texts)
    }
}
