import Annunciation
import Plant

/// What one reader of the stream gets, in order: what stands, or what it missed, and then what comes.
struct StreamPump {
    /// Lines read from the journal at a time while a reader catches up.
    static let catchUp = 500

    enum End {
        /// The daemon stops, or the reader has gone.
        case ended
        /// It fell too far behind, and was told so.
        case cut
    }

    let backend: any ConsoleBackend
    let reader: FeedReader
    let figures: StreamFigures
    private let put: ([FeedLine]) async throws -> Void

    /// - Parameter put: hands lines over, and waits until the other end's system has taken them.
    static func run(
        _ hello: StreamHello, backend: any ConsoleBackend, reader: FeedReader, figures: StreamFigures,
        put: ([FeedLine]) async throws -> Void
    ) async throws -> End {
        try await withoutActuallyEscaping(put) { put in
            try await StreamPump(backend: backend, reader: reader, figures: figures, put: put).run(hello)
        }
    }

    private func run(_ hello: StreamHello) async throws -> End {
        var last = reader.sequence
        if let since = hello.since {
            last = try await sendMissed(after: since, again: hello.acknowledges)
        } else {
            try await send(backend.snapshot())
        }
        while true {
            switch await reader.next() {
            case .lines(let lines):
                let fresh = lines.filter { $0.line.sequence == 0 || $0.line.sequence > last }
                guard let newest = fresh.map(\.line.sequence).max() else { continue }
                try await write(fresh)
                last = max(last, newest)
            case .overrun(let gap):
                try await write([StreamLines.gap(gap, cut: true)])
                return .cut
            case .ended: return .ended
            }
        }
    }

    /// Sends the journal's lines after a number.
    ///
    /// The feed is entered before each look into the journal, so nothing falls between the two; and entered anew, so a
    /// reader with much to catch up with is not late because of that.
    ///
    /// - Returns: the newest number that was sent.
    private func sendMissed(after since: Int64, again: Bool) async throws -> Int64 {
        var last = since
        let newest = try await backend.newest(limit: 1).last?.sequence ?? 0
        if newest < since {
            // Rows are never taken from the journal's end, so it is another one, or was put back to an earlier state.
            last = newest
            figures.restart(after: newest)
            try await write([StreamLines.replaced(since: since, last: last)])
            try await send(backend.snapshot())
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
