import Glibc

/// A regular file, open for appending, that ends with a whole line.
struct AppendedFile: ~Copyable {
    /// The longest line that we can have left unfinished.
    private static let lineLimit = 4096

    private let path: String
    private let descriptor: CInt

    private init(_ path: String, _ descriptor: CInt) { (self.path, self.descriptor) = (path, descriptor) }

    static func open(_ path: String) throws(FileFault) -> AppendedFile {
        // O_NONBLOCK: a named pipe must not hold us up before it is recognised. Readable, to look at its last line.
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
        var descriptor = Glibc.open(path, flags)
        if descriptor < 0, errno == ENOENT {
            descriptor = Glibc.open(path, flags | O_CREAT, 0o640)
            // The service's mask took the group's part away, who reads the alarms there.
            if descriptor >= 0 { fchmod(descriptor, 0o640) }
        }
        guard descriptor >= 0 else {
            if errno == ELOOP { throw FileFault("\(path) is a symbolic link: name the file itself") }
            throw FileFault(path, errno)
        }
        let file = AppendedFile(path, descriptor)
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw FileFault(path, errno) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw FileFault("\(path) is no regular file") }
        try file.mendTail(Int(info.st_size))
        // It may be new, and a line is not on the disk before its file's name is.
        syncDirectory(of: path)
        return file
    }

    deinit { close(descriptor) }

    func size() throws(FileFault) -> Int {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw FileFault(path, errno) }
        return Int(info.st_size)
    }

    /// Whether the path still leads to this file.
    func isStillAt(_ path: String) -> Bool {
        var opened = stat()
        var named = stat()
        return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0 && opened.st_ino == named.st_ino
            && opened.st_dev == named.st_dev
    }

    /// All of it on the disk, or nothing of it in the file.
    func append(_ bytes: [UInt8], _ write: FileOutlet.Write) throws(FileFault) {
        let before = try size()
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { write(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw cutBack(to: before, because: count == 0 ? ENOSPC : errno) }
            left = left.dropFirst(count)
        }
        guard fdatasync(descriptor) == 0 else { throw cutBack(to: before, because: errno) }
    }

    private func cutBack(to size: Int, because code: CInt) -> FileFault {
        if ftruncate(descriptor, size) == 0 { return FileFault(path, code) }
        let words = "\(path): \(reason(code)), and cannot be cut back to whole lines: \(reason(errno))"
        return FileFault(words, leftLines: true)
    }

    /// A power cut in the middle of a write leaves part of a line, which was not acknowledged and so comes again.
    ///
    /// A longer tail is not ours, and is given its end.
    private func mendTail(_ size: Int) throws(FileFault) {
        var tail = [UInt8](repeating: 0, count: min(size, AppendedFile.lineLimit))
        let count = pread(descriptor, &tail, tail.count, size - tail.count)
        guard count == tail.count else { throw FileFault(path, errno) }
        guard let last = tail.last, last != UInt8(ascii: "\n") else { return }
        if let end = tail.lastIndex(of: UInt8(ascii: "\n")) {
            guard ftruncate(descriptor, size - tail.count + end + 1) == 0 else { throw FileFault(path, errno) }
        } else {
            var newline = UInt8(ascii: "\n")
            guard write(descriptor, &newline, 1) == 1 else { throw FileFault(path, errno) }
        }
    }
}
