/// Records of different lengths, one behind the other in memory that was allocated once; the oldest make room.
struct FrameRing: ~Copyable, @unchecked Sendable {
    // Unchecked: the memory is nobody else's, and there is never a second copy of the pointer.
    /// What stands in front of a record's bytes.
    struct Head: BitwiseCopyable {
        var monotonic: Int64
        var utc: Int64
        var connection: Frame.Connection
        var count: UInt16
        var event: Frame.Event
    }

    private let memory: UnsafeMutableRawBufferPointer
    /// Positions only grow; the place is the remainder of the division by the capacity.
    private var oldest = 0
    private var end = 0
    private var latest: (monotonic: Int64, utc: Int64) = (.min, 0)
    private(set) var recorded = 0
    private(set) var overwritten = 0

    /// - Parameter capacity: bytes, at least one largest record.
    init(capacity: Int) {
        memory = .allocate(
            byteCount: max(capacity, FrameRing.headBytes + Frame.bytesMax), alignment: MemoryLayout<Head>.alignment)
    }

    deinit { memory.deallocate() }

    static var headBytes: Int { MemoryLayout<Head>.size }

    var capacity: Int { memory.count }

    /// - Parameter bytes: what is beyond `Frame.bytesMax` is left out.
    mutating func append(
        _ event: Frame.Event, _ connection: Frame.Connection, monotonic: Int64, utc: Int64,
        _ bytes: UnsafeRawBufferPointer
    ) {
        let count = min(bytes.count, Frame.bytesMax)
        while end + FrameRing.headBytes + count - oldest > capacity {
            oldest += FrameRing.headBytes + Int(head(at: oldest).count)
            overwritten += 1
        }
        // Frames of one receive came at one moment, and the two clocks are not read at one.
        if monotonic != latest.monotonic { latest = (monotonic, utc) }
        let head = Head(
            monotonic: monotonic, utc: latest.utc, connection: connection, count: UInt16(count), event: event)
        withUnsafeBytes(of: head) { write($0) }
        write(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        recorded += 1
    }

    /// Copies everything, the oldest first.
    ///
    /// - Parameter buffer: at least `capacity` long.
    /// - Returns: the bytes copied.
    func copy(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        read(at: oldest, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<(end - oldest)]))
        return end - oldest
    }

    // MARK: -

    private func head(at position: Int) -> Head {
        withUnsafeTemporaryAllocation(byteCount: FrameRing.headBytes, alignment: MemoryLayout<Head>.alignment) {
            read(at: position, into: $0)
            return $0.loadUnaligned(as: Head.self)
        }
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        let place = end % capacity
        let first = min(bytes.count, capacity - place)
        let (front, back) = (bytes[..<first], bytes[first...])
        UnsafeMutableRawBufferPointer(rebasing: memory[place...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: front))
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: back))
        end += bytes.count
    }

    private func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) {
        let place = position % capacity
        let first = min(buffer.count, capacity - place)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[place..<(place + first)]))
        UnsafeMutableRawBufferPointer(rebasing: buffer[first...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<(buffer.count - first)]))
    }
}
