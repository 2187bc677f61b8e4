import Plant
import Synchronization

/// What one reader of the stream was sent and what it acknowledged. Times are CLOCK_MONOTONIC nanoseconds.
public final class StreamFigures: Sendable {
    /// A reader with lines waiting that has not acknowledged, or has not taken them, for so long is shown as dead: three
    /// heartbeats, the same patience that readers have with the daemon.
    public static let patience: Duration = .seconds(30)
    /// Lines whose acknowledgement is timed. Beyond it the oldest go untimed; they still count as not acknowledged.
    static let timedLimit = AlarmFeed.windowLimit

    private struct Unacknowledged {
        var sequence: Int64
        var published: Int64?
        var written: Int64
    }

    private struct State {
        var name: String?
        var acknowledges = false
        var sent = 0
        var sequence: Int64 = 0
        var acked: Int64 = 0
        var lastAck: Int64 = 0
        /// The number from which the numbers began again, until something after it was acknowledged: what was under way
        /// before acknowledges numbers of the journal that was replaced.
        var restarted: Int64?
        var writingSince: Int64?
        var unacknowledged: [Unacknowledged] = []
        var written = LatencyWindow()
        var acknowledged = LatencyWindow()
    }

    private let who: String
    /// The way that it came.
    public let via: StreamReport.Way
    private let connected: Int64
    private let state = Mutex(State())

    /// - Parameter connected: UTC milliseconds.
    public init(who: String, via: StreamReport.Way, connected: Int64) {
        (self.who, self.via, self.connected) = (who, via, connected)
    }

    /// - Parameter after: everything up to it needs no acknowledgement.
    public func introduce(name: String?, acknowledges: Bool, after: Int64) {
        state.withLock { state in
            state.name = name
            state.acknowledges = acknowledges
            state.sequence = max(state.sequence, after)
            state.acked = after
        }
    }

    /// The numbers begin again below those that the reader named.
    public func restart(after: Int64) {
        state.withLock { state in
            state.sequence = after
            state.acked = min(state.acked, after)
            state.restarted = after
        }
    }

    /// Lines are about to be written. Before it, because their acknowledgement may be here before the write says so.
    public func willWrite(_ lines: [FeedLine], at now: Int64) {
        state.withLock { state in
            state.writingSince = now
            for line in lines where line.line.sequence > state.sequence {
                state.sequence = line.line.sequence
                guard state.acknowledges else { continue }
                state.unacknowledged.append(
                    Unacknowledged(sequence: line.line.sequence, published: line.published, written: now))
            }
            let excess = state.unacknowledged.count - StreamFigures.timedLimit
            if excess > 0 { state.unacknowledged.removeFirst(excess) }
        }
    }

    public func didWrite(_ lines: [FeedLine], at now: Int64) {
        state.withLock { state in
            state.writingSince = nil
            state.sent += lines.count
            for line in lines where line.line.kind == .event {
                if let published = line.published { state.written.note(now - published) }
            }
        }
    }

    /// Takes an acknowledgement of everything up to a number.
    ///
    /// - Returns: the newest number that was sent, when that one was not.
    public func acknowledge(_ sequence: Int64, at now: Int64) -> Int64? {
        state.withLock { state in
            guard sequence <= state.sequence else { return state.restarted == nil ? state.sequence : nil }
            if let restarted = state.restarted, sequence > restarted { state.restarted = nil }
            state.lastAck = now
            guard sequence > state.acked else { return nil }
            state.acked = sequence
            let done = state.unacknowledged.prefix { $0.sequence <= sequence }
            for line in done { if let published = line.published { state.acknowledged.note(now - published) } }
            state.unacknowledged.removeFirst(done.count)
            return nil
        }
    }

    /// Whether it says what it has got, and says so soon.
    public var keepsUp: Bool {
        state.withLock { $0.acknowledges && $0.unacknowledged.count <= AlarmFeed.batchLimit }
    }

    /// When the write began that is under way; `nil` outside a write.
    public var writingSince: Int64? { state.withLock { $0.writingSince } }

    public func report(behind: Int, at now: Int64) -> StreamReport {
        state.withLock { state in
            let trouble = Self.trouble(state, at: now)
            return StreamReport(
                name: state.name, who: who, via: via, connected: UTCTime.text(connected), sent: state.sent,
                sequence: state.sequence, acked: state.acknowledges ? state.acked : nil, behind: behind,
                dead: trouble != nil, trouble: trouble, written: state.written.report,
                acknowledged: state.acknowledged.report)
        }
    }

    private static func trouble(_ state: State, at now: Int64) -> String? {
        if let since = state.writingSince, now - since > patience.nanoseconds {
            return "has not read for \((now - since) / 1_000_000_000) s"
        }
        guard let oldest = state.unacknowledged.first else { return nil }
        let waiting = now - max(oldest.written, state.lastAck)
        guard waiting > patience.nanoseconds else { return nil }
        return "has not acknowledged \(oldest.sequence) for \(waiting / 1_000_000_000) s"
    }
}
