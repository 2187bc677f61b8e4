public import Plant

/// One frame as it crossed the wire, or what happened to the connection it belongs to.
public struct Frame: Hashable, Sendable {
    public enum Event: UInt8, Hashable, Sendable, BitwiseCopyable {
        /// The connection was made. No bytes.
        case opened
        case sent
        /// A reply, or what came instead of one: also what could not be understood.
        case received
        /// This side closed the connection. No bytes.
        case closed
        /// The peer closed or reset it. No bytes.
        case closedByPeer
    }

    /// The connection that a frame belongs to.
    public struct Connection: Hashable, Sendable, BitwiseCopyable {
        /// Counts the connections of one log, from 1.
        public let number: Int
        let localAddress: IPAddress
        let peerAddress: IPAddress
        public let localPort: UInt16
        let peerPort: UInt16

        public var local: Endpoint { Endpoint(host: localAddress.description, port: localPort) }
        public var peer: Endpoint { Endpoint(host: peerAddress.description, port: peerPort) }

        init(number: Int, local: (IPAddress, port: UInt16), peer: (IPAddress, port: UInt16)) {
            self.number = number
            (localAddress, localPort) = local
            (peerAddress, peerPort) = peer
        }
    }

    public let event: Event
    /// CLOCK_MONOTONIC nanoseconds: just before a send, just after a receive.
    public let monotonic: Int64
    /// UTC nanoseconds since 1970 of the same moment.
    public let utc: Int64
    public let connection: Connection
    /// At most `bytesMax`; a proper frame is never longer.
    public let bytes: [UInt8]

    /// The largest Modbus/TCP frame (Messaging Implementation Guide V1.0b, section 3.1.2).
    public static let bytesMax = 260
}
