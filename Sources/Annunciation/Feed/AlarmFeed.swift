import Plant
import Synchronization

/// The newest lines, kept once, for everybody who reads them at his own pace.
///
/// A reader is a position in them and no queue. Publishing costs what the readers cost that wait for news: one that is
/// stuck in its own write does not wait here, and a thousand of them cost nothing.
public final class AlarmFeed: Sendable {
    /// Lines that are kept, and so how far a reader may fall behind: a thousand of 4 KiB are 4 MiB, for all readers
    /// together. Who falls further behind is told how many lines it missed, and finds them in the journal.
    public static let windowLimit = 1000
    /// Readers at a time. Each is a socket with up to 128 KiB in the kernel (`StreamServer.sendBuffer`), so 256 MiB at
    /// worst, and one look of a few microseconds for each line; 1 000 were asked for.
    public static let readerLimit = 2000
    /// Lines a reader gets at a time: one write of some ten kilobytes.
    public static let batchLimit = 64

    private struct Entry {
        var line: FeedLine
        /// Events published before it, of all times.
        var events: Int
    }

    struct Place {
        var position: Int
        /// Events published before its position.
        var events: Int
        /// Everything up to it was taken, or was there before it began.
        var sequence: Int64
        /// It was told of a gap, and has not asked for more since.
        var wasOverrun = false
        /// It is to look up from its wait, whether there is news or not.
        var isNudged = false
        var isFinished = false
    }

    /// A reader that waits.
    private struct Waiter {
        var continuation: CheckedContinuation<Void, Never>
        /// The end of the window that is worth its while.
        var end: Int
    }

    private struct State {
        /// The line at position p is at p % windowLimit, once there are so many.
        var window: [Entry] = []
        var end = 0
        var events = 0
        var lastSequence: Int64
        /// What the journal had before this feed began.
        var begun: Int64
        /// The newest sequence number that is no longer kept.
        var forgotten: Int64
        var places: [Int: Place] = [:]
        var waiting: [Int: Waiter] = [:]
        var nextReader = 0
        var isClosed = false

        var first: Int { end - window.count }
        subscript(position: Int) -> Entry { window[position % AlarmFeed.windowLimit] }

        mutating func append(_ entry: Entry) {
            if window.count < AlarmFeed.windowLimit {
                window.append(entry)
            } else {
                let slot = end % AlarmFeed.windowLimit
                forgotten = max(forgotten, window[slot].line.line.sequence)
                window[slot] = entry
            }
            end += 1
            if entry.line.line.kind == .event { events += 1 }
            lastSequence = max(lastSequence, entry.line.line.sequence)
        }
    }

    private let state: Mutex<State>

    /// - Parameter sequence: the journal's newest number, from which this feed goes on.
    public init(after sequence: Int64 = 0) {
        state = Mutex(State(lastSequence: sequence, begun: sequence, forgotten: sequence))
    }

    /// Takes over the journal's newest number, before anything is published.
    public func begin(after sequence: Int64) {
        state.withLock { state in
            state.lastSequence = max(state.lastSequence, sequence)
            state.begun = state.lastSequence
            state.forgotten = max(state.forgotten, sequence)
        }
    }

    /// Gives lines to all readers. Any thread, the journal's above all: it waits for none of them.
    public func publish(_ lines: [AlarmLine]) {
        guard !lines.isEmpty else { return }
        let now = SystemClock().monotonic()
        wake { state in
            for line in lines {
                state.append(
                    Entry(line: FeedLine(line: line, published: line.committed?.monotonic ?? now), events: state.events)
                )
            }
            return state.waiting.filter { $0.value.end <= state.end }.map(\.key)
        }
    }

    /// A reader of what is published from now on; `nil` when the feed is closed or `readerLimit` is reached.
    public func join() -> FeedReader? {
        let id = state.withLock { state -> Int? in
            guard !state.isClosed, state.places.count < AlarmFeed.readerLimit else { return nil }
            state.nextReader += 1
            state.places[state.nextReader] = Place(
                position: state.end, events: state.events, sequence: state.lastSequence)
            return state.nextReader
        }
        return id.map { FeedReader(feed: self, id: $0) }
    }

    /// The daemon is stopping: every reader gets what is there, and then its end.
    public func close() {
        wake { state in
            state.isClosed = true
            return Array(state.waiting.keys)
        }
    }

    public var isClosed: Bool { state.withLock { $0.isClosed } }
    public var readers: Int { state.withLock { $0.places.count } }
    public var lastSequence: Int64 { state.withLock { $0.lastSequence } }
    /// Whether the event of this number was published here, and so is of this run of the daemon.
    public func isOfThisRun(_ sequence: Int64) -> Bool { state.withLock { sequence > $0.begun } }

    // MARK: For one reader

    func next(_ id: Int) async -> FeedNews {
        while true {
            if let news = take(id) { return news }
            await news(for: id, lines: 1)
        }
    }

    /// - Returns: `nil` when there is nothing yet.
    private func take(_ id: Int) -> FeedNews? {
        state.withLock { state in
            guard var place = state.places[id], !place.isFinished else { return .ended }
            defer { state.places[id] = place }
            if place.position < state.first {
                let events = state[state.first].events
                let gap = FeedGap(from: place.sequence + 1, to: state.forgotten, lost: events - place.events)
                place = Place(
                    position: state.first, events: events, sequence: state.forgotten, wasOverrun: gap.lost > 0)
                // Heartbeats alone are no loss.
                if gap.lost > 0 { return .overrun(gap) }
            }
            place.wasOverrun = false
            let wasNudged = place.isNudged
            place.isNudged = false
            let upTo = min(state.end, place.position + AlarmFeed.batchLimit)
            guard place.position < upTo else { return state.isClosed ? .ended : wasNudged ? .lines([]) : nil }
            let lines = (place.position..<upTo).map { state[$0].line }
            place.position = upTo
            place.events += lines.count { $0.line.kind == .event }
            place.sequence = lines.reduce(place.sequence) { max($0, $1.line.sequence) }
            return .lines(lines)
        }
    }

    /// Waits until so many lines are there to take, or it is nudged.
    func news(for id: Int, lines: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard let place = state.places[id], !place.isFinished, !place.isNudged, !state.isClosed,
                    place.position + lines > state.end
                else { return true }
                state.waiting[id] = Waiter(continuation: continuation, end: place.position + lines)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func skip(_ id: Int) {
        state.withLock { state in
            let place = Place(position: state.end, events: state.events, sequence: state.lastSequence)
            if state.places[id]?.isFinished == false { state.places[id] = place }
        }
    }

    func nudge(_ id: Int) {
        wake { state in
            state.places[id]?.isNudged = true
            return [id]
        }
    }

    func finish(_ id: Int) {
        wake { state in
            state.places[id]?.isFinished = true
            return [id]
        }
    }

    func leave(_ id: Int) { state.withLock { $0.places[id] = nil } }

    func behind(_ id: Int) -> Int { state.withLock { state in state.places[id].map { state.end - $0.position } ?? 0 } }

    func isOverrun(_ id: Int) -> Bool {
        state.withLock { state in state.places[id].map { $0.position < state.first || $0.wasOverrun } ?? false }
    }

    func sequence(_ id: Int) -> Int64 { state.withLock { $0.places[id]?.sequence ?? 0 } }

    /// Changes the state, then wakes readers outside the lock.
    private func wake(_ change: (inout State) -> [Int]) {
        let woken = state.withLock { state in
            change(&state).compactMap { state.waiting.removeValue(forKey: $0) }
        }
        for reader in woken { reader.continuation.resume() }
    }
}
