public import Plant
import Synchronization

/// The flight recorder of a line: its last frames, always on, in memory that is allocated once.
///
/// The transport records on the line's thread: one short lock a frame, no allocation. Anybody may read; a reader holds
/// the lock for one copy of the memory and makes sense of it outside.
public final class FrameLog: Sendable {
    private let ring: Mutex<FrameRing>
    private let connections = Atomic<Int>(0)
    private let clock: any PlantClock
    /// Bytes that the log holds.
    public let capacity: Int

    /// - Parameter capacity: bytes; at least one largest frame fits. A frame takes its own bytes and 64 more.
    public init(capacity: Int, clock: any PlantClock = SystemClock()) {
        let ring = FrameRing(capacity: capacity)
        self.capacity = ring.capacity
        self.ring = Mutex(ring)
        self.clock = clock
    }

    /// Frames ever recorded.
    public var recorded: Int { ring.withLock { $0.recorded } }
    /// Frames that had to make room for later ones.
    public var overwritten: Int { ring.withLock { $0.overwritten } }

    /// What the log holds, the oldest first.
    ///
    /// - Parameter since: UTC nanoseconds since 1970; frames before it are left out.
    public func frames(since: Int64? = nil) -> [Frame] {
        let copy = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = ring.withLock { $0.copy(into: UnsafeMutableRawBufferPointer(buffer)) }
        }
        var frames: [Frame] = []
        copy.withUnsafeBytes { bytes in
            var place = 0
            while place + FrameRing.headBytes <= bytes.count {
                let head = bytes.loadUnaligned(fromByteOffset: place, as: FrameRing.Head.self)
                let start = place + FrameRing.headBytes
                place = start + Int(head.count)
                if let since, head.utc < since { continue }
                frames.append(
                    Frame(
                        event: head.event, monotonic: head.monotonic, utc: head.utc, connection: head.connection,
                        bytes: Array(bytes[start..<place])))
            }
        }
        return frames
    }

    // MARK: For the transports

    /// CLOCK_MONOTONIC nanoseconds.
    func now() -> Int64 { clock.monotonic() }

    /// A connection was made.
    func opened(_ socket: CInt, to endpoint: Endpoint) -> Frame.Connection {
        let unknown = IPAddress(four: 0)
        let connection = Frame.Connection(
            number: connections.wrappingAdd(1, ordering: .relaxed).newValue,
            local: IPAddress.local(of: socket) ?? (unknown, port: 0),
            peer: (IPAddress(endpoint.host) ?? unknown, port: endpoint.port))
        record(.opened, connection)
        return connection
    }

    /// - Parameter monotonic: when it happened; now unless told otherwise.
    func record(
        _ event: Frame.Event, _ connection: Frame.Connection, _ bytes: UnsafeBufferPointer<UInt8>? = nil,
        at monotonic: Int64? = nil
    ) {
        let now = clock.monotonic()
        let moment = monotonic ?? now
        let utc = clock.wall() - (now - moment)
        let bytes = UnsafeRawBufferPointer(bytes ?? UnsafeBufferPointer(start: nil, count: 0))
        ring.withLock { $0.append(event, connection, monotonic: moment, utc: utc, bytes) }
    }
}
