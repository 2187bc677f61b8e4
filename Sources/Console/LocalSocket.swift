import CPosix
import Glibc

/// A Unix socket that listens: made at a path, or opened there by systemd before the daemon came (systemd.socket(5)).
///
/// Who connects to one of systemd's while no daemon runs waits for the next one instead of being turned away.
public struct LocalSocket: ~Copyable, Sendable {
    /// The bytes of a path that `sun_path` has room for.
    public static let pathLimit = 107
    /// Connections that wait to be accepted. A thousand clients that come back at once after a restart find a place; more
    /// try again.
    static let backlog: CInt = 1024

    public let path: String
    let descriptor: CInt
    private let isOwn: Bool

    /// Owner and group may connect; who may do what is decided by the peer's credentials.
    ///
    /// - Parameters:
    ///   - path: at most `pathLimit` bytes. A socket left behind by a dead daemon is replaced: the database lock has shown
    ///     already that no other daemon is alive.
    ///   - opened: what systemd opened at this path. It belongs to the new socket, and its name stays when this one ends.
    public init(path: String, opened: CInt? = nil) throws(LocalSocketError) {
        self.path = path
        isOwn = opened == nil
        descriptor = if let opened { opened } else { try LocalSocket.listen(at: path) }
    }

    deinit {
        if isOwn { unlink(path) }
        close(descriptor)
    }

    /// Makes room for `backlog` connections again, after somebody has listened with less.
    func listen() throws(LocalSocketError) {
        guard Glibc.listen(descriptor, LocalSocket.backlog) == 0 else { throw LocalSocketError(path, errno) }
    }

    /// The same socket under another number, for who closes it when done.
    func duplicate() throws(LocalSocketError) -> CInt {
        let copy = cupel_above_select(dup(descriptor))
        guard copy >= 0 else { throw LocalSocketError(path, errno) }
        _ = fcntl(copy, F_SETFD, FD_CLOEXEC)
        return copy
    }

    /// Sends away everybody who waits at a socket, for there will be nobody to serve them. Whoever still waited at one of
    /// systemd's would start the service again at once, and again.
    public static func turnAway(_ descriptor: CInt) {
        var ready: Int16 = 0
        while cupel_wait(descriptor, Int16(POLLIN), 0, &ready) > 0 {
            let connection = cupel_accept(descriptor)
            guard connection >= 0 else { return }
            close(connection)
        }
    }

    /// The path at which a socket listens; `nil` of one that is no listening Unix stream socket with a path, and when its
    /// name has been taken away, so that nobody can connect.
    public static func path(of descriptor: CInt) -> String? {
        var (accepts, kind) = (CInt(0), CInt(0))
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0, accepts != 0,
            getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size) == 0, kind == CInt(SOCK_STREAM.rawValue)
        else { return nil }
        var name = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isNamed = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        guard isNamed, name.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let bytes = withUnsafeBytes(of: name.sun_path) { $0.prefix { $0 != 0 }.map(\.self) }
        let path = String(decoding: bytes, as: UTF8.self)
        var found = stat()
        return lstat(path, &found) == 0 && found.st_mode & S_IFMT == S_IFSOCK ? path : nil
    }

    private static func listen(at path: String) throws(LocalSocketError) -> CInt {
        guard path.utf8.count <= pathLimit else {
            throw LocalSocketError("\(path): expected at most \(pathLimit) bytes, found \(path.utf8.count)")
        }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = cupel_above_select(
            socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0))
        guard descriptor >= 0 else { throw LocalSocketError(path, errno) }
        var found = stat()
        if lstat(path, &found) == 0, found.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
        let bound = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // Nobody can connect before it listens, and by then only the owner and the group may.
        guard bound == 0, chmod(path, 0o660) == 0, Glibc.listen(descriptor, backlog) == 0 else {
            let code = errno
            close(descriptor)
            throw LocalSocketError(path, code)
        }
        return descriptor
    }
}

/// A socket that cannot be made.
public struct LocalSocketError: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
    init(_ path: String, _ code: CInt) { self.init("\(path): \(String(cString: strerror(code)))") }
}
