import Glibc

/// Puts a full file aside as `path.1`, what was `path.1` as `path.2`, and so on to `path.keep`; the oldest goes.
///
/// Only renames, the highest number first: a crash between two of them leaves a number free and every file there. The
/// next rotation moves files up to the free number and no further, so that the crash does not cost the oldest either.
struct FileRotation: Sendable {
    let path: String
    /// Bytes from which on it is put aside.
    let maxSize: Int
    /// Files kept besides the present one.
    let keep: Int

    /// - Parameter size: of the open file; `nil` when none is open.
    func isDue(size: Int?) throws(FileFault) -> Bool {
        if let size { return size >= maxSize }
        var info = stat()
        // Something that is no file is for the opening to refuse.
        guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return false }
        return Int(info.st_size) >= maxSize
    }

    func rotate() throws(FileFault) {
        guard keep > 0 else {
            guard unlink(path) == 0 || errno == ENOENT else { throw FileFault(path, errno) }
            return
        }
        // The last is overwritten when there is no free number before it.
        let free = (1..<keep).first { !exists(aside($0)) } ?? keep
        for number in stride(from: free, to: 1, by: -1) { try move(aside(number - 1), to: aside(number)) }
        try move(path, to: aside(1))
        syncDirectory(of: path)
    }

    private func aside(_ number: Int) -> String { "\(path).\(number)" }

    private func exists(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0
    }

    private func move(_ from: String, to: String) throws(FileFault) {
        guard rename(from, to) == 0 else { throw FileFault("\(from) cannot be put aside as \(to): \(reason(errno))") }
    }
}

/// Puts the names in a file's directory on the disk. Where a directory cannot be synced they are as safe as its file
/// system is.
func syncDirectory(of path: String) {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
}
