import CPosix
import Glibc

/// What systemd kept for the service, or opened for it, and hands to the process at its start (sd_listen_fds(3)).
struct KeptDescriptors: ~Copyable {
    /// The readings that were accepted and not committed.
    static let readings = "readings"

    private var byName: [String: CInt] = [:]

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
    deinit { for descriptor in byName.values { close(descriptor) } }

    init(readings: CInt? = nil) { byName[KeptDescriptors.readings] = readings }

    /// - Parameters:
    ///   - count: they are 3 and those behind it.
    ///   - names: with colons between them. The last of a name counts; what nobody knows is closed.
    init(count: Int, names: String) {
        let names = names.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        for index in 0..<min(count, KeptDescriptors.limit) {
            let descriptor = CInt(3 + index)
            let name = index < names.count ? names[index] : "unknown"
            if let double = byName.updateValue(descriptor, forKey: name) { close(double) }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        for (name, descriptor) in byName where name != KeptDescriptors.readings {
            close(descriptor)
            byName[name] = nil
        }
    }

    /// More than the unit lets systemd keep.
    private static let limit = 64

    /// - Returns: the descriptor, which is the caller's from now on.
    mutating func take(_ name: String) -> CInt? { byName.removeValue(forKey: name).map { cupel_above_select($0) } }
}
