import CPosix
import Glibc
public import Plant

/// Modbus/TCP with our own framing on our own socket: several requests may be on their way at once, and a stray reply
/// costs nothing but its bytes.
///
/// One thread owns it; only the interrupter may be touched by others.
public struct SocketTransport: RegisterTransport, ~Copyable {
    /// Strays without a proper reply between them before the connection is given up: as many as can be late at once.
    /// More are no late replies but a peer that has lost count.
    public static let strayLimit = 16

    /// Frames since the transport was made that answered nothing on its way.
    public private(set) var strays = 0

    private let interrupter: Interrupter
    private let frames: FrameLog?
    private let clock = SystemClock()
    private var framer = ReplyFramer()
    private var flight: InFlight
    private let request: UnsafeMutableBufferPointer<UInt8>
    /// -1 while there is no connection.
    private var socket: CInt = -1
    /// How the log knows the connection of the moment.
    private var connection: Frame.Connection?
    private var straysInARow = 0
    /// When bytes came last, in CLOCK_MONOTONIC nanoseconds.
    private var received: Int64 = 0

    /// - Parameter frames: records what is sent and received.
    public init(interrupter: Interrupter, frames: FrameLog? = nil) {
        self.init(interrupter: interrupter, frames: frames, transaction: 0)
    }

    /// - Parameter transaction: the one before the first.
    init(interrupter: Interrupter, frames: FrameLog? = nil, transaction: UInt16) {
        self.interrupter = interrupter
        self.frames = frames
        flight = InFlight(transaction: transaction)
        request = .allocate(capacity: ReadRequest.wireBytes)
    }

    deinit {
        if socket >= 0 { Glibc.close(socket) }
        request.deallocate()
    }

    public var isConnected: Bool { socket >= 0 }

    public mutating func connect(to endpoint: Endpoint, timeout: Duration) throws(ModbusError) {
        close()
        socket = try Dial.connect(
            endpoint, timeout: timeout, interrupter: interrupter, descriptorLimit: .max, blocking: false)
        connection = frames?.opened(socket, to: endpoint)
    }

    public mutating func close() { close(.closed) }

    public mutating func read(
        _ request: ReadRequest, timeout: Duration, into payload: UnsafeMutableBufferPointer<UInt8>
    ) throws(ModbusError) -> Int {
        precondition(payload.count >= request.payloadBytes, "the payload's buffer is too short")
        var refusal: ModbusError?
        try ask(count: 1, depth: 1, timeout: timeout, request: { _ in request }) { _, outcome in
            switch outcome {
            case .success(let values): _ = payload.update(fromContentsOf: values)
            case .failure(let error): refusal = error
            }
        }
        if let refusal { throw refusal }
        return request.payloadBytes
    }

    public mutating func read(
        _ requests: [ReadRequest], depth: Int, timeout: Duration,
        answer: (_ index: Int, _ outcome: Result<UnsafeBufferPointer<UInt8>, ModbusError>) -> Void
    ) throws(ModbusError) {
        try ask(count: requests.count, depth: depth, timeout: timeout, request: { requests[$0] }, answer: answer)
    }

    // MARK: Asking

    private mutating func ask(
        count: Int, depth: Int, timeout: Duration, request: (Int) -> ReadRequest,
        answer: (_ index: Int, _ outcome: Result<UnsafeBufferPointer<UInt8>, ModbusError>) -> Void
    ) throws(ModbusError) {
        guard socket >= 0 else { throw .disconnected(ENOTCONN) }
        let depth = min(max(depth, 1), SocketTransport.maxDepth)
        do throws(ModbusError) {
            var next = 0
            while true {
                if flight.count == 0 {
                    guard next < count else { return }
                    try dropWhatWaits()
                }
                while next < count, flight.count < depth {
                    try send(request(next), index: next)
                    next += 1
                }
                try wait(until: flight.deadline(timeout))
                if try receive() { try sortOut(answer) }
            }
        } catch {
            close(error.isByPeer ? .closedByPeer : .closed)
            throw error
        }
    }

    /// Whatever came before anything was asked belongs to no request of ours, even if it has the number of the next.
    private mutating func dropWhatWaits() throws(ModbusError) {
        repeat {
            while try nextFrame() != nil { try drop(.stray) }
        } while try receive()
    }

    private mutating func send(_ asked: ReadRequest, index: Int) throws(ModbusError) {
        let transaction = flight.newTransaction()
        asked.encode(transaction: transaction, into: request)
        let moment = clock.monotonic()
        // Without MSG_NOSIGNAL a reset connection would end the process. One frame a call: TCP_NODELAY then sends each
        // in a segment of its own, which the Messaging Implementation Guide (V1.0b, section 4.4) asks for.
        let sent = Glibc.send(socket, request.baseAddress, request.count, CInt(MSG_NOSIGNAL))
        let code = errno
        guard sent == request.count else {
            // Sixteen frames of twelve bytes always find room in a socket's buffer: a full one is a fault, too.
            throw interrupter.isInterrupted ? .stopped : .disconnected(sent < 0 ? code : EPIPE)
        }
        flight.depart(asked, index: index, transaction: transaction, at: moment)
        record(.sent, UnsafeBufferPointer(request), at: moment)
    }

    // MARK: Receiving

    /// Until bytes are there. At a deadline that has passed it still looks once: a reply that lies in the socket was in
    /// time, however late this thread is.
    private func wait(until deadline: Int64) throws(ModbusError) {
        var ready: CInt = -1
        repeat {
            let left = max(0, deadline - clock.monotonic())
            ready = cupel_wait_either(socket, Int16(POLLIN), interrupter.descriptor, left)
            if ready < 0, errno != EINTR { throw .localFault(errno) }
        } while ready < 0
        if ready & 2 != 0 { throw .stopped }
        if ready == 0 { throw .timeout }
    }

    /// - Returns: false when nothing was there.
    private mutating func receive() throws(ModbusError) -> Bool {
        let room = framer.room()
        let count = recv(socket, room.baseAddress, room.count, 0)
        let code = errno
        if count > 0 {
            framer.filled(count)
            received = clock.monotonic()
            return true
        }
        if count == 0 { throw interrupter.isInterrupted ? .stopped : .disconnected(0) }
        guard code == EAGAIN || code == EINTR else { throw .disconnected(code) }
        return false
    }

    /// Gives whole frames to the requests they answer, as long as one is on its way.
    private mutating func sortOut(
        _ answer: (_ index: Int, _ outcome: Result<UnsafeBufferPointer<UInt8>, ModbusError>) -> Void
    ) throws(ModbusError) {
        while flight.count > 0, let frame = try nextFrame() {
            switch try flight.match(frame, at: received) {
            case .values(let index, let values):
                straysInARow = 0
                answer(index, .success(values))
            case .refused(let index, let code):
                straysInARow = 0
                answer(index, .failure(.exception(code)))
            case .stray: try drop(.transaction)
            }
        }
    }

    private mutating func nextFrame() throws(ModbusError) -> UnsafeBufferPointer<UInt8>? {
        let frame = try framer.next()
        if let frame { record(.received, frame, at: received) }
        return frame
    }

    /// - Parameter kind: what it is called when it was one too many.
    private mutating func drop(_ kind: BadReply) throws(ModbusError) {
        strays += 1
        straysInARow += 1
        guard straysInARow < SocketTransport.strayLimit else { throw .badReply(kind) }
    }

    // MARK: -

    private mutating func close(_ event: Frame.Event) {
        guard socket >= 0 else { return }
        Glibc.close(socket)
        socket = -1
        if framer.rest.count > 0 { record(.received, framer.rest, at: received) }
        record(event)
        connection = nil
        framer.reset()
        flight.forget()
        straysInARow = 0
    }

    private func record(_ event: Frame.Event, _ bytes: UnsafeBufferPointer<UInt8>? = nil, at moment: Int64? = nil) {
        guard let frames, let connection else { return }
        frames.record(event, connection, bytes, at: moment)
    }
}
