import Glibc
import Synchronization

/// A named pipe that any program may read: `cat /run/cupel/alarms`.
///
/// Opened for writing without a reader only when there is one (ENXIO otherwise): a pipe held open by ourselves would
/// hide the absence of the reader, and the kernel would swallow 208 lines that nobody ever sees (measured on Linux 6.18).
/// Lines are at most PIPE_BUF, so a non-blocking write takes one whole or answers EAGAIN.
public final class FifoOutlet: Outlet {
    private let path: String
    private let snapshot: @Sendable () -> [AlarmLine]
    private let state = Mutex(State())

    private struct State {
        var descriptor: CInt = -1
        /// What stands, as far as the new reader has not taken it yet.
        var snapshot: [AlarmLine] = []
    }

    /// - Parameter snapshot: the standing alarms, sent first to every new reader.
    public init(path: String, snapshot: @escaping @Sendable () -> [AlarmLine]) {
        (self.path, self.snapshot) = (path, snapshot)
    }

    deinit { state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

    public func send(_ line: AlarmLine) -> Delivery {
        state.withLock { state in
            if state.descriptor < 0 {
                if let fault = open(&state.descriptor) { return .unavailable(fault) }
                state.snapshot = snapshot()
            }
            while let standing = state.snapshot.first {
                guard write(standing, &state.descriptor) else {
                    return .unavailable("the reader of \(path) is gone or does not read")
                }
                state.snapshot.removeFirst()
            }
            return write(line, &state.descriptor)
                ? .delivered : .unavailable("the reader of \(path) is gone or does not read")
        }
    }

    private func open(_ fd: inout CInt) -> String? {
        var info = stat()
        if lstat(path, &info) != 0 {
            guard errno == ENOENT else { return "\(path): \(String(cString: strerror(errno)))" }
            // Group-writable so that the operators' group can be given it; the unit's UMask decides the rest.
            guard mkfifo(path, 0o660) == 0 else { return "cannot create \(path): \(String(cString: strerror(errno)))" }
        } else if info.st_mode & S_IFMT != S_IFIFO {
            return "\(path) exists and is not a pipe"
        }
        fd = Glibc.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        if fd >= 0 { return nil }
        return errno == ENXIO ? "nobody reads \(path)" : "\(path): \(String(cString: strerror(errno)))"
    }

    /// False when the line was not taken; a broken pipe is closed, a full one kept.
    private func write(_ line: AlarmLine, _ fd: inout CInt) -> Bool {
        var text = line.json
        let count = text.utf8.count
        let written = text.withUTF8 { Glibc.write(fd, $0.baseAddress, count) }
        if written == count { return true }
        if written >= 0 || errno != EAGAIN {
            close(fd)
            fd = -1
        }
        return false
    }
}
