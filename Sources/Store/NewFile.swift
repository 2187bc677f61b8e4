import Glibc

/// A file that is not there yet.
public enum NewFile {
    /// What the daemon's group may read, and nobody else: the service runs with a mask that takes even the group's right
    /// away, so that whatever is not meant for the group stays closed.
    static let mode: mode_t = 0o640

    /// Makes an empty file that the group may read, when there is none. SQLite takes an empty file for a new database,
    /// and gives its log the same rights. A failure is left to whoever opens the file next, who can say it better.
    public static func makeForGroup(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { return }
        fchmod(descriptor, mode)
        close(descriptor)
    }
}
