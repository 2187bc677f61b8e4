import Glibc
public import Plant

/// Sockets on 127.0.0.1 whose port the kernel chose.
public enum LoopbackSocket {
    public struct Failure: Error {
        public let call: String
        public let code: CInt
    }

    /// A socket that listens.
    public static func listening(backlog: CInt) throws -> (descriptor: CInt, port: UInt16) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> CInt in
                if bind(descriptor, generic, size) != 0 { return errno }
                if listen(descriptor, backlog) != 0 { return errno }
                return getsockname(descriptor, generic, &size) == 0 ? 0 : errno
            }
        }
        guard code == 0 else {
            close(descriptor)
            throw Failure(call: "bind", code: code)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

/// An endpoint at which nobody listens: its port is bound, so that nobody else can, but does not listen.
public final class ClosedPort: Sendable {
    public let endpoint: Endpoint
    private let descriptor: CInt

    public init() throws {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard bound else { throw LoopbackSocket.Failure(call: "bind", code: errno) }
        self.descriptor = descriptor
        endpoint = Endpoint(host: "127.0.0.1", port: UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}

/// An endpoint that answers no connection: its queue is full, so the kernel drops what comes.
public final class DeafEndpoint: Sendable {
    public let endpoint: Endpoint
    private let descriptors: [CInt]

    public init() throws {
        let (listener, port) = try LoopbackSocket.listening(backlog: 0)
        endpoint = Endpoint(host: "127.0.0.1", port: port)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // A queue of length 0 takes one connection (Linux); the others only have to be begun.
        descriptors =
            [listener]
            + (0..<4).map { _ in
                let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
                let filler = socket(AF_INET, type, 0)
                withUnsafePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        _ = connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                return filler
            }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
