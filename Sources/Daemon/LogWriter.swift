import Glibc
public import Logging
import Plant
public import Ring
import Synchronization

/// Writes the daemon's log lines from a thread of its own, so that a log that nobody reads stops nobody.
///
/// Under systemd (JOURNAL_STREAM names our standard error) each line carries its priority as `<N>`, which journald
/// understands; in a terminal it carries the time.
public final class LogWriter: Sendable {
    /// Lines that wait for a slow log; beyond it the newest are dropped, and counted in the next line that goes out.
    public static let backlogLimit = 10_000

    static let stopPatience: Duration = .seconds(1)

    private let descriptor: CInt
    private let queue = Mutex(Queue())
    private let doorbell = Doorbell()
    private let underJournal: Bool
    private let stopping = Atomic<Bool>(false)
    private let finished = Atomic<Bool>(false)
    private let worker = Mutex<Worker?>(nil)

    private struct Queue {
        var lines: [String] = []
        var dropped = 0
    }

    /// Writes to standard error.
    public init() {
        descriptor = STDERR_FILENO
        underJournal = LogWriter.standardErrorIsTheJournal()
    }

    /// Writes to a file, which it makes or appends to.
    public init(path: String) throws(StartError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        underJournal = false
        guard descriptor >= 0 else {
            throw StartError("cannot write \(path): \(String(cString: strerror(errno)))", exitCode: 73)
        }
    }

    public func start() throws(WorkerError) {
        let started = try Worker(name: "log") { [self] in run() }
        worker.withLock { $0 = started }
    }

    /// Writes what waits and ends the thread; a log that nobody reads is left after `stopPatience`.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        doorbell.ring()
        let until = SystemClock().monotonic() + LogWriter.stopPatience.nanoseconds
        while !finished.load(ordering: .acquiring), SystemClock().monotonic() < until { usleep(2000) }
        guard finished.load(ordering: .acquiring) else { return }
        worker.withLock { $0.take() }?.join()
    }

    /// Queues a line without its newline. Any thread, never blocks.
    public func write(severity: Int, _ text: String) {
        let line: String
        if underJournal {
            line = "<\(severity)>\(text)\n"
        } else {
            line = "\(UTCTime.text(SystemClock().wall() / 1_000_000)) \(text)\n"
        }
        queue.withLock { queue in
            guard queue.lines.count < LogWriter.backlogLimit else {
                queue.dropped += 1
                return
            }
            queue.lines.append(line)
        }
        doorbell.ring()
    }

    private func run() {
        defer { finished.store(true, ordering: .releasing) }
        while true {
            doorbell.listen()
            let ending = stopping.load(ordering: .acquiring)
            let (lines, dropped) = queue.withLock { queue in
                defer { queue = Queue() }
                return (queue.lines, queue.dropped)
            }
            for line in lines { emit(line) }
            if dropped > 0 { emit("\(underJournal ? "<4>" : "")log: \(dropped) lines dropped, nobody read them\n") }
            if lines.isEmpty {
                if ending { return }
                doorbell.wait(nanoseconds: 3_600_000_000_000)
            }
        }
    }

    private func emit(_ line: String) {
        var text = line
        text.withUTF8 { bytes in
            var at = 0
            while at < bytes.count {
                let written = Glibc.write(descriptor, bytes.baseAddress! + at, bytes.count - at)
                if written > 0 {
                    at += written
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    private static func standardErrorIsTheJournal() -> Bool {
        guard let stream = getenv("JOURNAL_STREAM") else { return false }
        var info = stat()
        guard fstat(STDERR_FILENO, &info) == 0 else { return false }
        return String(cString: stream) == "\(info.st_dev):\(info.st_ino)"
    }
}

/// swift-log on top of the writer.
public struct WriterLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level = .info
    let writer: LogWriter

    public init(writer: LogWriter) { self.writer = writer }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        writer.write(severity: WriterLogHandler.severity(event.level), "\(event.message)")
    }

    static func severity(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
