import Glibc

/// Which events the reader of standard output has taken.
///
/// What is written into a pipe is not read yet: 64 KiB wait in it, a hundred events and more, and are lost with a reader
/// that ends. So a place is reached when the bytes before it have left the pipe.
struct OutputLedger {
    private enum Kind {
        case pipe
        /// As some programs give it to their children.
        case socket
        /// A file, a terminal: written is taken.
        case other
    }

    private let descriptor: CInt
    private let kind: Kind
    private var written = 0
    /// Bytes that end before a place, and the place, oldest first; no two with the same number of bytes, so no more than
    /// lines fit into a pipe.
    private var waiting: [(end: Int, place: StreamPlace)] = []
    /// Everything up to it was taken.
    private(set) var taken: StreamPlace?

    /// - Parameter taken: where the writing begins.
    init(_ descriptor: CInt, taken: StreamPlace?) {
        self.descriptor = descriptor
        self.taken = taken
        var found = stat()
        let format = fstat(descriptor, &found) == 0 ? found.st_mode & S_IFMT : 0
        kind = format == S_IFIFO ? .pipe : format == S_IFSOCK ? .socket : .other
    }

    /// Whether something waits to be taken.
    var isWaiting: Bool { !waiting.isEmpty }

    mutating func wrote(_ bytes: Int) { written += bytes }

    /// Everything up to a place has been written.
    mutating func reached(_ place: StreamPlace) {
        if waiting.last?.end == written { waiting.removeLast() }
        waiting.append((written, place))
    }

    /// The numbers begin again: what waits has none that still says anything.
    mutating func restart() { (waiting, taken) = ([], nil) }

    /// Looks how much has been taken by now.
    mutating func look() {
        guard let left else { return }
        let done = waiting.prefix { $0.end <= written - left }
        if let last = done.last { taken = last.place }
        waiting.removeFirst(done.count)
    }

    /// Bytes that nobody has read; `nil` when that cannot be known.
    private var left: Int? {
        var bytes: CInt = 0
        switch kind {
        case .other: return 0
        // Works at this end as well, and after the other one was closed (measured).
        case .pipe: return ioctl(descriptor, UInt(FIONREAD), &bytes) == 0 ? Int(bytes) : nil
        // With the kernel's own share of each piece, and so rather too many; but 0 when all were read, or when the
        // other end was closed, whatever it had read.
        case .socket:
            guard ioctl(descriptor, UInt(TIOCOUTQ), &bytes) == 0 else { return nil }
            var end = pollfd(fd: descriptor, events: 0, revents: 0)
            return poll(&end, 1, 0) == 0 ? Int(bytes) : nil
        }
    }
}
