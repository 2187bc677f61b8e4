import Glibc

/// Whose the history's directory is.
struct Owner {
    private let user: uid_t
    private let group: gid_t

    /// - Parameter path: a file in the directory.
    init?(of path: String) {
        var info = stat()
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        guard stat(directory.isEmpty ? "/" : directory, &info) == 0 else { return nil }
        (user, group) = (info.st_uid, info.st_gid)
    }

    /// Root hands these files to the owner and goes on as that user; anybody else stays who he is.
    func takeOver(_ paths: [String]) {
        guard geteuid() == 0, user != 0 else { return }
        for path in paths { lchown(path, user, group) }
        setegid(group)
        seteuid(user)
    }

    static func name(of user: uid_t) -> String {
        getpwuid(user).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } ?? "uid:\(user)"
    }
}
