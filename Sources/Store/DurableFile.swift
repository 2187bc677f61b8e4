import Glibc

/// Files that are there, whole, after a power cut: what is written is synced, and so is the directory that names it.
public enum DurableFile {
    /// Bytes read and written at a time.
    private static let blockBytes = 1 << 20

    /// `nil` when there is no such file.
    public static func bytes(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    public static func exists(_ path: String) -> Bool { bytes(path) != nil }

    /// Bytes that an ordinary user may still write on the file system of `directory`.
    public static func freeBytes(at directory: String) throws(StoreError) -> Int64 {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { throw failure(directory) }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// Puts a file, or the names in a directory, on the disk.
    public static func sync(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    /// Moves a file within one file system. An existing target is replaced.
    public static func move(_ path: String, to target: String) throws(StoreError) {
        guard rename(path, target) == 0 else { throw failure(target) }
    }

    public static func makeDirectory(_ path: String) throws(StoreError) {
        guard mkdir(path, 0o755) == 0 || (errno == EEXIST && isDirectory(path)) else { throw failure(path) }
    }

    public static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Copies into a new file, which is on the disk when this returns. Owner and mode are those of `model`, if the
    /// system allows it: a restore by root must not lock the daemon out.
    public static func copy(
        _ path: String, to target: String, like model: String? = nil, progress: (Int64) -> Void = { _ in }
    ) throws(StoreError) {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw failure(path) }
        defer { close(source) }
        let copy = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard copy >= 0 else { throw failure(target) }
        defer { close(copy) }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockBytes, alignment: 16)
        defer { block.deallocate() }
        var done: Int64 = 0
        while true {
            let count = read(source, block.baseAddress, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { break }
            guard write(UnsafeRawBufferPointer(rebasing: block[..<count]), to: copy) else { throw failure(target) }
            done += Int64(count)
            progress(done)
        }
        give(target, to: model ?? path)
        guard fsync(copy) == 0 else { throw failure(target) }
    }

    /// The owner and mode of another file, as far as the system allows it.
    public static func give(_ path: String, to model: String) {
        var status = stat()
        guard stat(model, &status) == 0 else { return }
        chmod(path, status.st_mode & 0o777)
        _ = chown(path, status.st_uid, status.st_gid)
    }

    /// A small file, by a temporary name, so that there is never half of it.
    public static func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
        let temporary = path + ".writing"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(temporary) }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ write($0, to: descriptor) }) else { throw failure(temporary) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
        try move(temporary, to: path)
    }

    /// - Returns: false with `errno` set when the system did not take all of it.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Bool {
        var at = 0
        while at < bytes.count {
            let written = Glibc.write(descriptor, bytes.baseAddress.map { $0 + at }, bytes.count - at)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return false }
            at += written
        }
        return true
    }

    /// What `errno` means for the file at `path`.
    static func failure(_ path: String) -> StoreError {
        let code = errno
        return switch code {
        case ENOENT: .missing(path: path)
        case ENOSPC, EDQUOT: .full(path: path)
        case EROFS: .readOnly(path: path)
        case EACCES, EPERM: .denied(path: path)
        default: .io(path: path, detail: String(cString: strerror(code)))
        }
    }
}
