import CPosix
import Console
import Glibc

/// What systemd kept for the service, or opened for it, and hands to the process at its start (sd_listen_fds(3)).
struct KeptDescriptors: ~Copyable {
    /// The readings that were accepted and not committed.
    static let readings = "readings"

    private var byName: [String: CInt] = [:]
    /// Sockets that listen, by their paths. All of one unit have the same name, so names say nothing of them.
    private var sockets: [String: CInt] = [:]

    /// Takes them, once: no program that this process starts shall think that they are for it.
    static func taken() -> KeptDescriptors {
        let names = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
        let values = names.map { name in getenv(name).map { String(cString: $0) } }
        for name in names { unsetenv(name) }
        guard let pid = values[0], pid == String(getpid()), let count = values[1].flatMap({ Int($0) }), count > 0
        else { return KeptDescriptors() }
        return KeptDescriptors(count: count, names: values[2] ?? "")
    }

    // What nobody took is of no use to anybody.
    deinit {
        for descriptor in byName.values { close(descriptor) }
        for descriptor in sockets.values { close(descriptor) }
    }

    init(readings: CInt? = nil) { byName[KeptDescriptors.readings] = readings }

    /// - Parameters:
    ///   - first: of so many that follow each other.
    ///   - names: with colons between them. The last of a name, or at a path, counts; what nobody knows is closed.
    init(first: CInt = 3, count: Int, names: String) {
        let names = names.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        for index in 0..<min(count, KeptDescriptors.limit) {
            let descriptor = first + CInt(index)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let double: CInt?
            if index < names.count, names[index] == KeptDescriptors.readings {
                double = byName.updateValue(descriptor, forKey: names[index])
            } else if let path = LocalSocket.path(of: descriptor) {
                double = sockets.updateValue(descriptor, forKey: path)
            } else {
                double = descriptor
            }
            if let double { close(double) }
        }
    }

    /// More than the unit lets systemd keep.
    private static let limit = 64

    /// - Returns: the descriptor, which is the caller's from now on.
    mutating func take(_ name: String) -> CInt? { byName.removeValue(forKey: name).map { cupel_above_select($0) } }

    /// Sends away everybody who waits at the sockets.
    func turnAway() { for descriptor in sockets.values { LocalSocket.turnAway(descriptor) } }

    /// Where sockets listen that nobody has taken yet.
    var socketPaths: Set<String> { Set(sockets.keys) }

    /// - Returns: the socket that listens at a path; it is the caller's from now on.
    mutating func take(listeningAt path: String) -> CInt? {
        sockets.removeValue(forKey: path).map { cupel_above_select($0) }
    }
}
