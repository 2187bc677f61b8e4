import CModbus
import Glibc
public import Plant

/// Modbus/TCP through libmodbus: our socket, its context, and the reply taken whole.
///
/// The context is created with the first connection and freed with the transport. One thread owns it; only the
/// interrupter may be touched by others.
public struct LibmodbusTransport: RegisterTransport, ~Copyable {
    /// Connections that one process can have through libmodbus: it puts each into an fd_set of 1 024, and the rest of the
    /// process needs some of these numbers, too.
    public static let connectionsMax = 900

    private let interrupter: Interrupter
    private let frames: FrameLog?
    private var context: OpaquePointer?
    private let frame: UnsafeMutableBufferPointer<UInt8>
    /// -1 while there is no connection.
    private var socket: CInt = -1
    private var responseTimeout: Int64 = 0
    private var transaction: UInt16 = 0
    /// How the log knows the connection of the moment.
    private var connection: Frame.Connection?

    /// - Parameter frames: records what is sent and received.
    public init(interrupter: Interrupter, frames: FrameLog? = nil) {
        self.interrupter = interrupter
        self.frames = frames
        frame = .allocate(capacity: Frame.bytesMax)
    }

    deinit {
        if socket >= 0 { interrupter.release(socket) }
        if let context {
            modbus_close(context)
            modbus_free(context)
        }
        frame.deallocate()
    }

    public var isConnected: Bool { socket >= 0 }

    public mutating func connect(to endpoint: Endpoint, timeout: Duration) throws(ModbusError) {
        close()
        let context = try madeContext()
        let descriptor = try Dial.connect(endpoint, timeout: timeout, interrupter: interrupter)
        guard interrupter.hold(descriptor) else {
            Glibc.close(descriptor)
            throw .stopped
        }
        modbus_set_socket(context, descriptor)
        socket = descriptor
        connection = frames?.opened(descriptor, to: endpoint)
    }

    public mutating func close() { close(.closed) }

    private mutating func close(_ event: Frame.Event) {
        guard socket >= 0 else { return }
        interrupter.release(socket)
        modbus_close(context)
        socket = -1
        record(event)
        connection = nil
    }

    public mutating func read(
        _ request: ReadRequest, timeout: Duration, into payload: UnsafeMutableBufferPointer<UInt8>
    ) throws(ModbusError) -> Int {
        // On a closed context libmodbus's receive aborts the process (3.1.6, measured).
        guard socket >= 0, let context else { throw .disconnected(ENOTCONN) }
        do throws(ModbusError) {
            try findNothingWaiting()
            try setTimeout(timeout, context)
            try send(request)
            let count = try receive(context)
            try ReplyCheck.check(
                UnsafeBufferPointer(rebasing: frame[..<count]), answers: request, transaction: transaction)
        } catch {
            if !error.keepsConnection { close(error.isByPeer ? .closedByPeer : .closed) }
            throw error
        }
        let bytes = request.payloadBytes
        precondition(payload.count >= bytes, "the payload's buffer is too short")
        payload.baseAddress!.update(from: frame.baseAddress! + ReplyCheck.payloadOffset, count: bytes)
        return bytes
    }

    // MARK: -

    private mutating func madeContext() throws(ModbusError) -> OpaquePointer {
        if let context { return context }
        // The address is never used: the connection is ours.
        guard let made = modbus_new_tcp("127.0.0.1", 502) else { throw .localFault(errno) }
        // Its recovery sleeps a whole timeout inside the call, or never returns (3.1.6, measured); ours is the
        // line's.
        modbus_set_error_recovery(made, MODBUS_ERROR_RECOVERY_NONE)
        // The byte timeout starts anew with each piece of a reply: one byte every 300 ms held a read of 0.5 s for 3.6
        // s. With 0 the response timeout bounds the whole reply (3.1.6, measured).
        modbus_set_byte_timeout(made, 0, 0)
        // Debugging prints every frame to standard output, which belongs to people's pipes.
        modbus_set_debug(made, 0)
        context = made
        return made
    }

    /// Whatever waits before anything is asked belongs to no request of ours. Looking costs 1 µs of the 12 of a round
    /// trip on loopback (measured); looking only after a pause was rejected, because what stands behind a reply in the
    /// same segment would then be taken for the beginning of the next.
    private func findNothingWaiting() throws(ModbusError) {
        let count = recv(socket, frame.baseAddress, frame.count, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
        let code = errno
        if count > 0 {
            record(.received, count)
            throw .badReply(.stray)
        }
        if count == 0 { throw interrupter.isInterrupted ? .stopped : .disconnected(0) }
        guard code == EAGAIN || code == EINTR else { throw .disconnected(code) }
    }

    private mutating func setTimeout(_ timeout: Duration, _ context: OpaquePointer) throws(ModbusError) {
        // Microseconds of a million and more are refused, and so is a timeout of nothing (3.1.6).
        let microseconds = max(1, timeout.nanoseconds / 1000)
        guard microseconds != responseTimeout else { return }
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        guard modbus_set_response_timeout(context, UInt32(clamping: seconds), UInt32(rest)) == 0 else {
            throw .localFault(errno)
        }
        responseTimeout = microseconds
    }

    /// Sends the request with a transaction of its own.
    ///
    /// Not `modbus_send_raw_request`, which gives every request transaction 0 (3.1.6): a reply that comes twice would
    /// then pass for the answer to the next request, with the registers of the one before.
    private mutating func send(_ request: ReadRequest) throws(ModbusError) {
        transaction &+= 1
        request.encode(transaction: transaction, into: frame)
        let moment = frames?.now()
        // Without MSG_NOSIGNAL a reset connection would end the process.
        let sent = Glibc.send(socket, frame.baseAddress, ReadRequest.wireBytes, CInt(MSG_NOSIGNAL))
        let code = errno
        if sent == ReadRequest.wireBytes {
            record(.sent, ReadRequest.wireBytes, at: moment)
            return
        }
        if interrupter.isInterrupted { throw .stopped }
        throw .disconnected(sent < 0 ? code : EPIPE)
    }

    private func receive(_ context: OpaquePointer) throws(ModbusError) -> Int {
        let count = modbus_receive_confirmation(context, frame.baseAddress)
        let code = errno
        if count >= 0 {
            record(.received, Int(count))
            return Int(count)
        }
        // It has read as far as the byte count. How far it came before a timeout it does not tell.
        if code == CInt(CUPEL_EMBBADDATA) { record(.received, ReplyCheck.payloadOffset) }
        if interrupter.isInterrupted { throw .stopped }
        throw LibmodbusTransport.receiveError(code)
    }

    /// - Parameter count: bytes of `frame`.
    private func record(_ event: Frame.Event, _ count: Int = 0, at moment: Int64? = nil) {
        guard let frames, let connection else { return }
        frames.record(event, connection, UnsafeBufferPointer(rebasing: frame[..<count]), at: moment)
    }

    /// What an errno of `modbus_receive_confirmation` means.
    static func receiveError(_ code: CInt) -> ModbusError {
        switch code {
        case ETIMEDOUT: .timeout
        // libmodbus's name for the end of the stream, and the kernel's for a reset: it does not tell them apart.
        case ECONNRESET: .disconnected(ECONNRESET)
        case EPIPE, ENOTCONN, ECONNABORTED, EHOSTUNREACH, ENETUNREACH, ENETDOWN: .disconnected(code)
        // Its byte count would overrun the largest frame.
        case CInt(CUPEL_EMBBADDATA): .badReply(.byteCount)
        default: .localFault(code)
        }
    }
}
