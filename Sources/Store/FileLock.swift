import Glibc
import Synchronization

/// The right to write one database, held until it is released or the process dies.
///
/// SQLite would let two daemons take turns, and each would then break the other's sequences and alarm states. The lock is
/// on a file of its own, because closing any descriptor of the database would drop SQLite's own POSIX locks; the kernel
/// frees it when the process dies, however it dies, and the number written in it is only for the message.
public final class FileLock: Sendable {
    /// Why the lock is not to be had.
    public enum Refusal: Error, Hashable, Sendable {
        case readOnly
        case full
        case cannotCreate(file: String, reason: String)
        /// Another process has it; the number is what that process left in the file.
        case held(pid: Int32?)
    }

    private let descriptor: Mutex<CInt>

    /// - Parameter path: the database; the lock is the file beside it that ends in `-lock`.
    public init(guarding path: String) throws(Refusal) {
        let file = path + "-lock"
        let opened = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            let code = errno
            if code == EROFS { throw .readOnly }
            if code == ENOSPC || code == EDQUOT { throw .full }
            throw .cannotCreate(file: file, reason: String(cString: strerror(code)))
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let holder = FileLock.holder(opened)
            close(opened)
            throw .held(pid: holder)
        }
        descriptor = Mutex(opened)
        // A full disk may refuse the number; the lock holds without it.
        let number = Array("\(getpid())\n".utf8)
        _ = ftruncate(opened, 0)
        _ = pwrite(opened, number, number.count, 0)
    }

    deinit { release() }

    /// Lets go. Only the first call does anything.
    public func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            // Unlocked, not only closed: a child between fork and exec has a copy that would hold it.
            flock(descriptor, LOCK_UN)
            close(descriptor)
            descriptor = -1
        }
    }

    private static func holder(_ descriptor: CInt) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
