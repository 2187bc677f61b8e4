import Synchronization

/// One line for operators, made once and sent to everybody.
public struct AlarmLine: Sendable {
    /// The journal's sequence number; 0 for lines that are not events (heartbeat, snapshot, gap).
    public let sequence: Int64
    /// One JSON object with its newline, at most 4 096 bytes (PIPE_BUF): a pipe takes it whole or not at all.
    public let json: String
    /// The same for people, with its newline.
    public let text: String
    /// syslog's numbers, 0 emergency ... 7 debug.
    public let severity: Int
    /// Rank of the alarm's priority, 0 low ... 3 critical.
    public let rank: Int
    /// False for lines that record without telling: an acknowledgement does not ring the pager.
    public let announces: Bool
    /// True for the line that says that all is well with the daemon.
    public let isHeartbeat: Bool

    public init(
        sequence: Int64, json: String, text: String, severity: Int, rank: Int, announces: Bool,
        isHeartbeat: Bool = false
    ) {
        self.sequence = sequence
        self.json = json
        self.text = text
        self.severity = severity
        self.rank = rank
        self.announces = announces
        self.isHeartbeat = isHeartbeat
    }
}

/// Hands every committed line to whoever listens, without waiting for any of them.
public final class AlarmHub: Sendable {
    /// Lines that may wait for one listener. At 4 KiB each a stuck reader costs 4 MiB, and is then cut off with the
    /// sequence number it got to, from which it can resume.
    public static let backlogLimit = 1000
    /// Listeners at a time: each holds one of the process's 1 024 descriptors, which controllers need as well.
    public static let listenerLimit = 200

    private let state = Mutex(State())

    private struct State {
        var listeners: [Int: AsyncStream<AlarmLine>.Continuation] = [:]
        var next = 0
        var lastSequence: Int64 = 0
        var cut = 0
        var closed = false
    }

    public init() {}

    /// Sends lines to all listeners; one whose backlog is full is cut off, and counted.
    public func publish(_ lines: [AlarmLine]) {
        let stuck = state.withLock { state in
            var stuck: [AsyncStream<AlarmLine>.Continuation] = []
            for line in lines {
                state.lastSequence = max(state.lastSequence, line.sequence)
                for (id, listener) in state.listeners {
                    guard case .dropped = listener.yield(line) else { continue }
                    state.listeners[id] = nil
                    stuck.append(listener)
                }
            }
            state.cut += stuck.count
            return stuck
        }
        // Outside the lock: the end of a stream takes it again.
        for listener in stuck { listener.finish() }
    }

    /// The lines published from now on; `nil` when the hub is closed or `listenerLimit` is reached.
    public func listen() -> AsyncStream<AlarmLine>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AlarmLine.self, bufferingPolicy: .bufferingOldest(AlarmHub.backlogLimit))
        let id = state.withLock { state -> Int? in
            guard !state.closed, state.listeners.count < AlarmHub.listenerLimit else { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        guard let id else { return nil }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.listeners[id] = nil } }
        return stream
    }

    /// Ends every listener's stream: the daemon is stopping.
    public func close() {
        let listeners = state.withLock { state in
            state.closed = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }

    public var listeners: Int { state.withLock { $0.listeners.count } }
    /// Listeners cut off because they did not read.
    public var cut: Int { state.withLock { $0.cut } }
    public var lastSequence: Int64 { state.withLock { $0.lastSequence } }
}
