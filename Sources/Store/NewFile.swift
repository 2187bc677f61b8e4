import Glibc

/// A file that is not there yet.
public enum NewFile {
    /// Makes an empty file that the group may read, when there is none; others may as the process's mask says. The service
    /// runs with a mask that takes even the group's right away, so that whatever is not meant for the group stays closed.
    ///
    /// SQLite takes an empty file for a new database, and gives its log the same rights. A failure is left to whoever
    /// opens the file next, who can say it better.
    public static func makeForGroup(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var made = stat()
        if fstat(descriptor, &made) == 0 { fchmod(descriptor, made.st_mode & 0o777 | S_IRGRP) }
    }
}
