import Glibc
import Plant

/// A TCP socket that listens. Owns its descriptor.
struct ListeningSocket: ~Copyable, Sendable {
    /// Connections the kernel keeps waiting; a controller has few clients.
    static let backlog: CInt = 16

    enum Failure: Error {
        case notAnAddress
        case system(CInt)

        var reason: String {
            switch self {
            case .notAnAddress: "not an IP address"
            case .system(let code): String(cString: strerror(code))
            }
        }
    }

    let descriptor: CInt
    /// Where it really listens: the port is known even where 0 was asked for.
    let endpoint: Endpoint

    init(_ wanted: Endpoint) throws(Failure) {
        var storage = sockaddr_storage()
        let length = try Self.fill(&storage, from: wanted)
        let socket = Glibc.socket(
            CInt(storage.ss_family), CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { throw .system(errno) }
        var one: CInt = 1
        // A controller that comes back must get its port although old connections linger.
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        let isListening = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) == 0 }
                && listen(socket, Self.backlog) == 0
        }
        guard isListening else {
            let code = errno
            close(socket)
            throw .system(code)
        }
        descriptor = socket
        endpoint = Endpoint(host: wanted.host, port: Self.port(of: socket))
    }

    deinit { close(descriptor) }

    private static func fill(_ storage: inout sockaddr_storage, from endpoint: Endpoint) throws(Failure) -> socklen_t {
        var four = sockaddr_in()
        if inet_pton(AF_INET, endpoint.host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = endpoint.port.bigEndian
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: four, as: sockaddr_in.self) }
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        }
        var six = sockaddr_in6()
        guard inet_pton(AF_INET6, endpoint.host, &six.sin6_addr) == 1 else { throw .notAnAddress }
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = endpoint.port.bigEndian
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: six, as: sockaddr_in6.self) }
        return socklen_t(MemoryLayout<sockaddr_in6>.size)
    }

    private static func port(of socket: CInt) -> UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        // sin_port and sin6_port stand at the same place.
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        return code == 0 ? UInt16(bigEndian: address.sin6_port) : 0
    }
}
