import Glibc
public import Plant

/// Why a read gave no values. The cases are the causes that readings, counters and the log know.
public enum ModbusError: Error, Hashable, Sendable {
    /// No whole reply within the response timeout.
    case timeout
    /// Nobody listens at the endpoint.
    case refused
    /// No way to the endpoint, or no answer from it while connecting. Carries the errno.
    case unreachable(CInt)
    /// The connection was open and is gone. Carries the errno, 0 when the peer closed it.
    case disconnected(CInt)
    /// Something came, but it was no answer to the request.
    case badReply(BadReply)
    /// The controller refused the request with this code, 1...255. The only case that keeps the connection.
    case exception(UInt8)
    /// This machine could not do it. Carries the errno.
    case localFault(CInt)
    /// Another thread interrupted the call; not a fault.
    case stopped
}

/// What was wrong with a reply. The first of these that applies is named.
public enum BadReply: String, Hashable, Sendable, CaseIterable, Codable {
    /// Bytes had arrived before anything was asked.
    case stray
    /// The two bytes after the transaction were not 0: not Modbus at all.
    case protocolID = "protocol-id"
    /// Another request's transaction: an answer that came late, or twice.
    case transaction
    /// Another unit answered.
    case unit
    /// Another function code came back.
    case function
    /// The header's length is not the number of bytes that came.
    case length
    /// The byte count is not what was asked for.
    case byteCount = "byte-count"
    /// An exception without a code.
    case exceptionForm = "exception-form"
}

extension ModbusError {
    /// Who has to be looked at first.
    public enum Fault: String, Sendable {
        /// The controller or the gateway in front of it.
        case controller
        /// Cables, switches, or an endpoint that is off.
        case network
        /// The machine the daemon runs on.
        case machine
        case nobody
    }

    public var fault: Fault {
        switch self {
        case .timeout, .badReply, .exception: .controller
        case .refused, .unreachable, .disconnected: .network
        case .localFault: .machine
        case .stopped: .nobody
        }
    }

    /// The cause the readings get.
    public var quality: Quality {
        switch self {
        case .timeout: .timeout
        case .refused: .refused
        case .unreachable: .unreachable
        case .disconnected: .disconnected
        case .badReply: .badReply
        case .exception(let code): .exception(code)
        case .localFault: .localFault
        case .stopped: .stale
        }
    }

    /// The name of its counter: `timeout`, `exception-2`, `bad-reply-unit`.
    public var counter: String {
        switch self {
        case .timeout: "timeout"
        case .refused: "refused"
        case .unreachable: "unreachable"
        case .disconnected: "disconnected"
        case .badReply(let kind): "bad-reply-\(kind.rawValue)"
        case .exception(let code): "exception-\(code)"
        case .localFault: "local-fault"
        case .stopped: "stopped"
        }
    }

    /// Whether the next request may use the same connection: only after a proper reply, and an exception is one.
    public var keepsConnection: Bool {
        switch self {
        case .exception: true
        case .timeout, .refused, .unreachable, .disconnected, .badReply, .localFault, .stopped: false
        }
    }
}

extension ModbusError {
    /// Whether the peer ended the connection, and not this side.
    var isByPeer: Bool {
        switch self {
        case .disconnected: true
        case .exception, .timeout, .refused, .unreachable, .badReply, .localFault, .stopped: false
        }
    }
}

extension ModbusError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .timeout: "no reply within the response timeout"
        case .refused: "connection refused: nobody listens there"
        case .unreachable(let code): "unreachable: \(Self.text(code))"
        case .disconnected(0): "the peer closed the connection"
        case .disconnected(let code): "connection lost: \(Self.text(code))"
        case .badReply(let kind): "bad reply: \(kind)"
        case .exception(let code): "exception \(code)\(Self.exceptionNames[code].map { " (\($0))" } ?? "")"
        case .localFault(let code): "fault of this machine: \(Self.text(code))"
        case .stopped: "stopped"
        }
    }

    private static func text(_ code: CInt) -> String { String(cString: strerror(code)) }

    /// Modbus Application Protocol V1.1b3, section 7.
    private static let exceptionNames: [UInt8: String] = [
        1: "illegal function", 2: "illegal data address", 3: "illegal data value", 4: "device failure",
        5: "acknowledge", 6: "device busy", 8: "memory parity error", 10: "gateway path unavailable",
        11: "gateway target does not respond",
    ]
}

extension BadReply: CustomStringConvertible {
    public var description: String {
        switch self {
        case .stray: "bytes came before anything was asked"
        case .protocolID: "protocol identifier is not 0, so this is not Modbus"
        case .transaction: "it answers another transaction, expected the one just sent"
        case .unit: "another unit answered"
        case .function: "another function code came back"
        case .length: "the header's length is not the number of bytes that came"
        case .byteCount: "the byte count is not what was asked for"
        case .exceptionForm: "an exception without a code"
        }
    }
}
