import CPosix
import Glibc
public import Plant
import Synchronization

/// The daemon's own standard output.
///
/// Its open file description is shared with whoever started the daemon: O_NONBLOCK set on it would break the shell that
/// goes on after us. So a pipe or a terminal is opened once more through /proc/self/fd, which gives a description of our
/// own; a socket is asked with MSG_DONTWAIT; and a regular file never blocks. Where the second opening is denied (a pipe
/// of another user) poll is asked first: a pipe that polls writable has a page free, and a line needs no more. Then only
/// another writer of the same pipe, between the poll and the write, could make us wait.
public final class StdoutOutlet: Outlet {
    private enum Way {
        case file, socket, nonBlocking, polled
    }

    private struct State {
        /// A line that was begun, and what of it is still to come.
        var begun: (text: String, left: ArraySlice<UInt8>)?
        /// A begun line that has its end since, before its sink sent it once more.
        var ended: String?
        var gone: String?
    }

    private let format: SinkDefinition.LineFormat
    private let descriptor: CInt
    private let isOurs: Bool
    private let way: Way
    private let drainPatience: Duration
    private let stop = OutletStop()
    private let state = Mutex(State())

    public let acknowledges = false
    public var isCheapToTry: Bool { true }
    public let batchLimit = 100

    /// - Parameter descriptor: not closed, and its flags are left alone.
    public convenience init(_ format: SinkDefinition.LineFormat, descriptor: CInt = 1) {
        self.init(
            format, descriptor: descriptor, openings: "/proc/self/fd", drainPatience: FifoOutlet.drainPatience)
    }

    /// - Parameters:
    ///   - openings: the directory where a descriptor can be opened once more.
    ///   - drainPatience: as that of a named pipe.
    init(_ format: SinkDefinition.LineFormat, descriptor: CInt, openings: String, drainPatience: Duration) {
        (self.format, self.drainPatience) = (format, drainPatience)
        var info = stat()
        _ = fstat(descriptor, &info)
        switch info.st_mode & S_IFMT {
        case S_IFREG:
            (way, self.descriptor, isOurs) = (.file, descriptor, false)
        case S_IFSOCK:
            (way, self.descriptor, isOurs) = (.socket, descriptor, false)
        default:
            let second = open("\(openings)/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
            self.descriptor = second < 0 ? descriptor : second
            (way, isOurs) = (second < 0 ? .polled : .nonBlocking, second >= 0)
        }
    }

    deinit { if isOurs { Glibc.close(descriptor) } }

    /// Ends the wait for a full pipe; what it takes at once it still gets.
    public func interrupt() { stop.set() }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        state.withLock { state in
            if let gone = state.gone { return .unavailable(gone) }
            if let begun = state.begun {
                if let fault = finish(&state) { return .unavailable(fault) }
                state.ended = begun.text
            }
            for (taken, line) in lines.enumerated() {
                let text = format == .json ? line.json : line.text
                let isTold = taken == 0 && state.ended == text
                // A test by hand comes between the two times that a line is sent.
                if line.kind != .test { state.ended = nil }
                if isTold { continue }
                state.begun = (text, Array(text.utf8)[...])
                if let fault = finish(&state) {
                    // A gap may have grown by the next try: the one begun is told, whatever comes then.
                    let isBegunGap = line.kind == .gap && state.begun != nil
                    return .unavailable(fault, taken: taken + (isBegunGap ? 1 : 0))
                }
            }
            return .all(of: lines)
        }
    }

    /// - Returns: why the line did not leave whole.
    private func finish(_ state: inout State) -> String? {
        guard let (text, bytes) = state.begun else { return nil }
        var left = bytes
        while !left.isEmpty {
            var count = write(left)
            if count < 0, errno == EAGAIN || errno == EINTR, drains() { count = write(left) }
            guard count >= 0 else { return fault(errno, untouched: left.count == text.utf8.count, &state) }
            left = left.dropFirst(count)
            state.begun = (text, left)
        }
        state.begun = nil
        return nil
    }

    /// Whether a reader that is only behind made room in time.
    private func drains() -> Bool {
        let isReady = stop.waits(for: descriptor, events: Int16(POLLOUT), nanoseconds: drainPatience.nanoseconds)
        if !isReady { errno = EAGAIN }
        return isReady
    }

    private func fault(_ code: CInt, untouched: Bool, _ state: inout State) -> String {
        switch code {
        // Nothing of it left: another line may be the next.
        case EAGAIN, EINTR:
            if untouched { state.begun = nil }
            return "standard output is full: its reader does not read"
        // A terminal that was hung up says EIO; a file that does may be mended.
        case EPIPE, ECONNRESET, ENOTCONN, EBADF,
            EIO where code != EIO || way != .file:
            let words = "standard output is closed (\(reason(code))), until the daemon is started anew"
            state.gone = words
            return words
        default:
            if untouched { state.begun = nil }
            return "standard output: \(reason(code))"
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>) -> Int {
        if way == .polled {
            var ready: Int16 = 0
            guard cupel_wait(descriptor, Int16(POLLOUT), 0, &ready) > 0 else {
                errno = EAGAIN
                return -1
            }
        }
        return bytes.withUnsafeBytes { buffer in
            way == .socket
                ? Glibc.send(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
                : Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        }
    }
}
