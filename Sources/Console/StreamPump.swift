import Annunciation
import Plant

/// What one reader of the stream gets, in order: what stands, or what it missed, and then what comes.
struct StreamPump {
    /// Lines read from the journal at a time while a reader catches up.
    static let catchUp = 500

    /// Writes a second that all those readers share who do not acknowledge, or are behind with it: a tenth of a core. A
    /// thousand readers that only fill their buffers would otherwise cost a write each for every line (measured: scans
    /// began 0.5 ms late instead of 0.1, and a reader that keeps up was late by seconds). One that has been blocked in its
    /// own write for a while costs nothing, and is not counted.
    static let crowdWrites = 2000
    /// Up to so many such readers nobody waits for the others.
    static let crowd = 40
    /// So many lines are written whoever else there is: a quarter of what the feed keeps, or nobody were safe from being
    /// cut who reads well and does not say so.
    static let crowdLines = AlarmFeed.windowLimit / 4

    enum End {
        /// The daemon stops, or the reader has gone.
        case ended
        /// It fell too far behind, and was told so.
        case cut
    }

    let backend: any ConsoleBackend
    let reader: FeedReader
    let figures: StreamFigures
    private let late: () -> StreamHello?
    private let put: ([FeedLine]) async throws -> Void

    /// - Parameters:
    ///   - late: what the reader has said of itself after it was begun with, once; it nudges the feed's reader then.
    ///   - put: hands lines over, and waits until the other end's system has taken them.
    static func run(
        _ hello: StreamHello, backend: any ConsoleBackend, reader: FeedReader, figures: StreamFigures,
        late: () -> StreamHello? = { nil }, put: ([FeedLine]) async throws -> Void
    ) async throws -> End {
        try await withoutActuallyEscaping(late) { late in
            try await withoutActuallyEscaping(put) { put in
                try await StreamPump(backend: backend, reader: reader, figures: figures, late: late, put: put)
                    .run(hello)
            }
        }
    }

    private func run(_ hello: StreamHello) async throws -> End {
        var last = reader.sequence
        if hello.since != nil {
            last = try await sendMissed(hello, again: hello.acknowledges)
        } else {
            try await sendStanding(upTo: last, boot: backend.feed.isOfThisRun(last) ? backend.greeting.boot : nil)
        }
        var hasWritten = false
        while true {
            // What was sent meanwhile comes twice; what it asks for would be lost.
            if let hello = late(), hello.since != nil { last = try await sendMissed(hello, again: true) }
            if hasWritten { await gather() }
            switch await reader.next() {
            case .lines(let lines):
                let fresh = lines.filter { $0.line.sequence == 0 || $0.line.sequence > last }
                hasWritten = false
                guard let newest = fresh.map(\.line.sequence).max() else { continue }
                try await write(fresh)
                last = max(last, newest)
                hasWritten = true
            case .overrun(let gap):
                try await write([StreamLines.gap(gap, cut: true)])
                return .cut
            case .ended: return .ended
            }
        }
    }

    /// Lets lines gather for one write, where many read and this one does not say that it does.
    private func gather() async {
        guard !figures.keepsUp else { return }
        // Where as many lines wait as a write takes there is nothing to gain.
        guard let pause = StreamPump.pause(among: backend.streams.crowd), reader.behind < AlarmFeed.batchLimit else {
            return
        }
        await reader.gather(StreamPump.crowdLines, within: pause)
    }

    /// How long a silent reader waits for more lines among so many of its kind.
    static func pause(among crowd: Int) -> Duration? {
        crowd > StreamPump.crowd ? .seconds(1) * crowd / crowdWrites : nil
    }

    /// What stands, and the number up to which it does.
    private func sendStanding(upTo last: Int64, boot: String?) async throws {
        let standing = backend.streams.standing.lines(
            upTo: last, at: SystemClock().monotonic(), newest: { backend.feed.lastSequence }, make: backend.snapshot)
        try await send(standing)
        try await write([StreamLines.place(last, boot: boot)])
    }

    /// Sends the journal's lines after the place that a reader named.
    ///
    /// The feed is entered before each look into the journal, so nothing falls between the two; and entered anew, so a
    /// reader with much to catch up with is not late because of that.
    ///
    /// - Returns: the newest number that was sent.
    private func sendMissed(_ hello: StreamHello, again: Bool) async throws -> Int64 {
        var last = hello.since ?? 0
        if try await isReplaced(hello) {
            let newest = try await backend.newest(limit: 1).last
            let (since, boot) = (last, newest?.fields[.boot])
            last = newest?.sequence ?? 0
            figures.restart(after: last)
            try await write([StreamLines.replaced(since: since, last: last, boot: boot)])
            try await sendStanding(upTo: last, boot: boot)
        }
        while true {
            reader.skipToEnd()
            let missed = try await backend.history(after: last, limit: StreamPump.catchUp, again: again)
            guard let oldest = missed.first, let newest = missed.last else { return last }
            if oldest.sequence > last + 1 {
                let lost = FeedGap(from: last + 1, to: oldest.sequence - 1, lost: Int(oldest.sequence - last - 1))
                try await write([StreamLines.gap(lost, cut: false)])
            }
            try await send(missed)
            last = newest.sequence
        }
    }

    /// Whether the journal is another one than the reader has seen, or was put back to an earlier state: rows are never
    /// taken from its end, and numbers that were given once are of one run of the daemon.
    private func isReplaced(_ hello: StreamHello) async throws -> Bool {
        guard let since = hello.since, since > 0 else { return false }
        if try await backend.newest(limit: 1).last?.sequence ?? 0 < since { return true }
        guard let boot = hello.boot else { return false }
        let seen = try await backend.history(after: since - 1, limit: 1, again: false).first
        return seen?.sequence == since && seen?.fields[.boot] != boot
    }

    private func write(_ lines: [FeedLine]) async throws {
        figures.willWrite(lines, at: SystemClock().monotonic())
        try await put(lines)
        figures.didWrite(lines, at: SystemClock().monotonic())
    }

    private func send(_ lines: [AlarmLine]) async throws {
        var rest = lines[...]
        while !rest.isEmpty {
            try await write(rest.prefix(AlarmFeed.batchLimit).map { FeedLine(line: $0, published: nil) })
            rest = rest.dropFirst(AlarmFeed.batchLimit)
        }
    }
}
