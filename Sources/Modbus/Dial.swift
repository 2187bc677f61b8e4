import CPosix
import Glibc
import Plant

/// Opens the TCP connections of both transports.
///
/// libmodbus 3.1.6 connects with the response timeout, reports EINPROGRESS for a timeout and ECONNREFUSED for every
/// other error (measured), and an operator must know a missing route from a closed port.
enum Dial {
    /// Idle seconds before the kernel asks whether the peer lives, between questions, and questions without an
    /// answer: a peer that vanished between two slow scans is noticed in 25 s.
    static let keepIdle: CInt = 10
    static let keepInterval: CInt = 5
    static let keepCount: CInt = 3
    /// Milliseconds that sent bytes may stay unacknowledged before the kernel gives up, alike in length to the above.
    /// A line gives up much earlier, at its response timeout; this bounds what a forgotten socket costs.
    static let userTimeout: CInt = 25_000
    /// libmodbus puts the descriptor into an fd_set and aborts the process beyond it (3.1.6 as Debian builds it,
    /// measured).
    static let descriptorLimit = CInt(FD_SETSIZE)

    /// A connected socket, as libmodbus needs it unless told otherwise.
    static func connect(
        _ endpoint: Endpoint, timeout: Duration, interrupter: Interrupter,
        descriptorLimit: CInt = Dial.descriptorLimit, blocking: Bool = true
    ) throws(ModbusError) -> CInt {
        guard !interrupter.isInterrupted else { throw .stopped }
        guard let address = SocketAddress(endpoint) else { throw .localFault(EINVAL) }
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .localFault(errno) }
        do throws(ModbusError) {
            // The kernel gives the lowest free number, so there is no lower one to move it to.
            guard descriptor < descriptorLimit else { throw .localFault(EMFILE) }
            try setOptions(descriptor)
            try connect(descriptor, to: address, timeout: timeout, interrupter: interrupter)
            // libmodbus waits with select and then reads, which needs a socket that blocks.
            guard !blocking || fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) == 0 else {
                throw .localFault(errno)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func connect(
        _ descriptor: CInt, to address: SocketAddress, timeout: Duration, interrupter: Interrupter
    ) throws(ModbusError) {
        if address.connect(descriptor) == 0 { return }
        let code = errno
        guard code == EINPROGRESS else { throw connectError(code) }
        let clock = SystemClock()
        let deadline = clock.monotonic() + timeout.nanoseconds
        var ready: CInt = -1
        repeat {
            let left = deadline - clock.monotonic()
            guard left > 0 else { throw .unreachable(ETIMEDOUT) }
            ready = cupel_wait_either(descriptor, Int16(POLLOUT), interrupter.descriptor, left)
            if ready < 0, errno != EINTR { throw .localFault(errno) }
        } while ready <= 0
        guard ready & 2 == 0 else { throw .stopped }
        var result: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &result, &size) == 0 else { throw .localFault(errno) }
        guard result == 0 else { throw connectError(result) }
    }

    /// What an errno of `connect` means.
    static func connectError(_ code: CInt) -> ModbusError {
        switch code {
        case ECONNREFUSED: .refused
        case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, ETIMEDOUT: .unreachable(code)
        case ECONNRESET, EPIPE: .disconnected(code)
        default: .localFault(code)
        }
    }

    private static func setOptions(_ descriptor: CInt) throws(ModbusError) {
        let tcp = CInt(IPPROTO_TCP)
        // A request is one small segment: it must not wait for the acknowledgement of the one before.
        try set(descriptor, tcp, TCP_NODELAY, 1)
        try set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        try set(descriptor, tcp, TCP_KEEPIDLE, keepIdle)
        try set(descriptor, tcp, TCP_KEEPINTVL, keepInterval)
        try set(descriptor, tcp, TCP_KEEPCNT, keepCount)
        try set(descriptor, tcp, TCP_USER_TIMEOUT, userTimeout)
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: CInt) throws(ModbusError) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            throw .localFault(errno)
        }
    }
}

/// An endpoint as the kernel wants it. Literal addresses only: a resolver may block without a limit.
private struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t
    let family: CInt

    init?(_ endpoint: Endpoint) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, endpoint.host, &four) == 1 {
            family = AF_INET
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { bytes in
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = endpoint.port.bigEndian
                address.sin_addr = four
                bytes.storeBytes(of: address, as: sockaddr_in.self)
            }
        } else if inet_pton(AF_INET6, endpoint.host, &six) == 1 {
            family = AF_INET6
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { bytes in
                var address = sockaddr_in6()
                address.sin6_family = sa_family_t(AF_INET6)
                address.sin6_port = endpoint.port.bigEndian
                address.sin6_addr = six
                bytes.storeBytes(of: address, as: sockaddr_in6.self)
            }
        } else {
            return nil
        }
    }

    func connect(_ descriptor: CInt) -> CInt {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
    }
}
