import Glibc
import Plant

/// Where the daemon keeps its files and its socket. The command line asks the same questions, so it finds the same places.
public struct StatePaths: Sendable {
    public let state: String

    public init(state: String) {
        self.state = state.count > 1 && state.hasSuffix("/") ? String(state.dropLast()) : state
    }

    /// A configured path, below the state directory when it is relative.
    public func path(_ configured: String) -> String {
        configured.hasPrefix("/") ? configured : "\(state)/\(configured)"
    }

    /// The socket: as configured, or `/run/NAME/cupel.sock` of a state directory `/var/lib/NAME`, when its directory exists
    /// (systemd makes /run/cupel, and /run/cupel-north of a second plant); else below the state directory.
    public func socket(configured: String?) -> String {
        let wanted = path(configured ?? ConsoleSettings.serviceSocket(ofState: state) ?? "cupel.sock")
        let directory = wanted.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var info = stat()
        let there = stat(directory.isEmpty ? "/" : directory, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
        return there ? wanted : "\(state)/cupel.sock"
    }

    /// The socket of the alarm stream: as configured, else beside the console's.
    public func stream(configured: String?, beside socket: String) -> String {
        if let configured { return path(configured) }
        guard let slash = socket.lastIndex(of: "/") else { return StatePaths.streamName }
        return socket[...slash] + StatePaths.streamName
    }

    private static let streamName = "alarms.sock"

    /// Whether a program listens at a socket's path. A file that a dead daemon left behind does not count.
    static func somebodyAnswers(at path: String) -> Bool {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// Makes the state directory when it is missing; the error as text otherwise.
    func make() -> String? {
        var info = stat()
        if stat(state, &info) == 0 {
            return info.st_mode & S_IFMT == S_IFDIR ? nil : "\(state) is not a directory"
        }
        guard mkdir(state, 0o750) == 0 else {
            return "cannot create the state directory \(state): \(String(cString: strerror(errno)))"
        }
        return nil
    }
}
