import Glibc
import Plant
import Synchronization

/// A named pipe that any program may read: `cat /run/cupel/alarms`.
///
/// Opened for writing without a reader only when there is one (ENXIO otherwise): a pipe held open by ourselves would
/// hide the absence of the reader, and the kernel would swallow 208 lines that nobody ever sees (measured on Linux 6.18).
/// Lines are at most PIPE_BUF, so a non-blocking write takes one whole or answers EAGAIN.
///
/// A reader that leaves shows as EPIPE at the next line or heartbeat. One that leaves and is followed by another between
/// two lines does not show at all: it is the price of a pipe, and why this is no sink that acknowledges.
public final class FifoOutlet: Outlet {
    /// How long a full pipe may stay full before its reader is taken for one that does not read. A burst fills it in a
    /// millisecond; `cat` empties it in another.
    public static let drainPatience: Duration = .seconds(1)

    private let path: String
    private let snapshot: @Sendable () -> [AlarmLine]
    private let drainPatience: Duration
    private let stop = OutletStop()
    private let state = Mutex(State())

    private struct State {
        var descriptor: CInt = -1
        /// What stands, as far as the new reader has not taken it yet.
        var snapshot: ArraySlice<AlarmLine> = []
    }

    public let acknowledges = false
    public var isCheapToTry: Bool { true }
    public let takesHeartbeats = true
    /// Half of what a pipe of 64 KiB takes in lines of 300 bytes.
    public let batchLimit = 100

    /// - Parameter snapshot: the standing alarms, sent first to every new reader.
    public convenience init(path: String, snapshot: @escaping @Sendable () -> [AlarmLine]) {
        self.init(path: path, drainPatience: FifoOutlet.drainPatience, snapshot: snapshot)
    }

    init(path: String, drainPatience: Duration, snapshot: @escaping @Sendable () -> [AlarmLine]) {
        (self.path, self.drainPatience, self.snapshot) = (path, drainPatience, snapshot)
    }

    deinit { close() }

    /// Ends the wait for a full pipe; what it takes at once it still gets.
    public func interrupt() { stop.set() }

    public func close() {
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = -1
        }
    }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        state.withLock { state in
            if state.descriptor >= 0, !isStillThere(state.descriptor) { leave(&state) }
            if state.descriptor < 0 {
                if let fault = open(&state.descriptor) { return .unavailable(fault) }
                state.snapshot = snapshot()[...]
            }
            while let standing = state.snapshot.first {
                if let fault = write(standing, &state) { return .unavailable(fault) }
                state.snapshot.removeFirst()
            }
            for (taken, line) in lines.enumerated() {
                if let fault = write(line, &state) { return .unavailable(fault, taken: taken) }
            }
            return .all(of: lines)
        }
    }

    private func open(_ descriptor: inout CInt) -> String? {
        var info = stat()
        if lstat(path, &info) != 0 {
            guard errno == ENOENT else { return "\(path): \(reason(errno))" }
            guard mkfifo(path, 0o660) == 0 else { return "cannot create the pipe \(path): \(reason(errno))" }
            // The umask took the group's part away, which is there for the operators' group.
            chmod(path, 0o660)
        } else if info.st_mode & S_IFMT != S_IFIFO {
            return "\(path) is there and is no named pipe"
        }
        // No other way to open it: the path may have become something else since the look.
        let opened = Glibc.open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard opened >= 0 else { return errno == ENXIO ? "nobody reads \(path)" : "\(path): \(reason(errno))" }
        guard fstat(opened, &info) == 0, info.st_mode & S_IFMT == S_IFIFO else {
            Glibc.close(opened)
            return "\(path) is there and is no named pipe"
        }
        descriptor = opened
        return nil
    }

    /// Whether the path still leads to the pipe that is open. New readers would look for us there in vain.
    private func isStillThere(_ descriptor: CInt) -> Bool {
        var opened = stat()
        var named = stat()
        return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0 && opened.st_ino == named.st_ino
            && opened.st_dev == named.st_dev
    }

    /// - Returns: why the line was not taken; a broken pipe is closed, a full one kept.
    private func write(_ line: AlarmLine, _ state: inout State) -> String? {
        var text = line.json
        let count = text.utf8.count
        var (written, code) = attempt(&text, state.descriptor)
        if written < 0, code == EAGAIN, drains(state.descriptor) { (written, code) = attempt(&text, state.descriptor) }
        if written == count { return nil }
        if written < 0, code == EAGAIN { return "the reader of \(path) does not read: its pipe is full" }
        leave(&state)
        if written >= 0 { return "\(path): took \(written) of \(count) bytes of a line" }
        return code == EPIPE ? "the reader of \(path) has left" : "\(path): \(reason(code))"
    }

    private func attempt(_ text: inout String, _ descriptor: CInt) -> (written: Int, code: CInt) {
        let written = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        return (written, written < 0 ? errno : 0)
    }

    /// Whether a full pipe gets room in time: a page of it is free then, and a line is no longer.
    private func drains(_ descriptor: CInt) -> Bool {
        stop.waits(for: descriptor, events: Int16(POLLOUT), nanoseconds: drainPatience.nanoseconds)
    }

    private func leave(_ state: inout State) {
        Glibc.close(state.descriptor)
        state.descriptor = -1
    }
}
