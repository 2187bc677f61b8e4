import Glibc

/// What a configuration is checked against beside itself. Tests bring their own.
struct HostSystem {
    /// What is at a path, as far as a check may see.
    enum PathKind {
        case missing, folder, program, other
        /// Somebody else's: the daemon may see more.
        case unknown
    }

    /// Turns a host name into the text of an IP address, or says why it cannot.
    var resolve: HostResolver
    /// The time zones, `FOLDER/Asia/Seoul` in the format of tzfile(5).
    var zoneFolder: String
    /// The register maps that come with the package.
    var installedProfiles = "/usr/share/cupel/profiles"
    /// The daemon's state directory.
    var state = usualState
    /// What is at an absolute path.
    var kind: (String) -> PathKind = pathKind
    /// The path without symbolic links, as far as there is something at it; `nil` where there is nothing.
    var realPath: (String) -> String? = existingPath

    /// Whether this machine has a group of people by this name.
    var hasGroup: (String) -> Bool = groupExists

    /// Debian's `tzdata`, and getaddrinfo(3).
    static var current: HostSystem { HostSystem(resolve: resolveHost, zoneFolder: "/usr/share/zoneinfo") }

    /// One text for all paths that lead to the same file. A relative one begins at the daemon's state directory.
    func canonical(_ path: String) -> String {
        var parts: [Substring] = []
        let full = [path, "\(state)/\(path)"].first { $0.hasPrefix("/") } ?? "\(workingFolder())/\(state)/\(path)"
        for part in full.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        // The file may not be there yet, nor its folder.
        for count in stride(from: parts.count, through: 1, by: -1) {
            guard let real = realPath("/" + parts.prefix(count).joined(separator: "/")) else { continue }
            return ([real == "/" ? "" : real] + parts.dropFirst(count).map(String.init)).joined(separator: "/")
        }
        return "/" + parts.joined(separator: "/")
    }
}

typealias HostResolver = (String) throws(Expected) -> String

private func pathKind(_ path: String) -> HostSystem.PathKind {
    var info = stat()
    guard stat(path, &info) == 0 else { return [ENOENT, ENOTDIR].contains(errno) ? .missing : .unknown }
    if info.st_mode & S_IFMT == S_IFDIR { return .folder }
    // For anybody: the daemon is another user than who checks.
    return info.st_mode & 0o111 == 0 ? .other : .program
}

private func groupExists(_ name: String) -> Bool {
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    // A line of /etc/group with a thousand members.
    var buffer = [CChar](repeating: 0, count: 65_536)
    return getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0 && found != nil
}

private func workingFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return String(cString: path)
}

private func existingPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
}
