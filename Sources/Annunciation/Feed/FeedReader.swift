/// One reader's place in the feed. It leaves when nobody holds it any more.
public final class FeedReader: Sendable {
    private let feed: AlarmFeed
    private let id: Int

    init(feed: AlarmFeed, id: Int) { (self.feed, self.id) = (feed, id) }

    deinit { feed.leave(id) }

    /// What comes next, up to `AlarmFeed.batchLimit` lines at a time. One task may wait for it.
    public func next() async -> FeedNews { await feed.next(id) }

    /// Waits until so many lines are there, for a while at most. Then `next` has them.
    public func gather(_ lines: Int, within patience: Duration) async {
        let alarm = Task {
            try await Task.sleep(for: patience)
            nudge()
        }
        await feed.news(for: id, lines: lines)
        alarm.cancel()
    }

    /// Makes it look up from its wait: `next` answers with no lines where there are none. Any task.
    public func nudge() { feed.nudge(id) }

    /// Goes on with what is published from now on: what lies between is read from the journal.
    public func skipToEnd() { feed.skip(id) }

    /// Ends it at once, also a `next` that waits. Any task.
    public func finish() { feed.finish(id) }

    /// Lines published that it has not taken.
    public var behind: Int { feed.behind(id) }

    /// Whether it has missed lines, and will hear so when it asks, or was told and has not gone on since.
    public var isOverrun: Bool { feed.isOverrun(id) }

    /// The newest sequence number that it has taken, or that was there before it began.
    public var sequence: Int64 { feed.sequence(id) }
}

/// A line and when it came.
public struct FeedLine: Sendable {
    public let line: AlarmLine
    /// CLOCK_MONOTONIC nanoseconds when it was committed, or made; `nil` for lines that did not come as news.
    public let published: Int64?

    /// The number from which its reader may come back; `nil` for lines that change nothing of that.
    public let place: Int64?

    /// - Parameter place: where it is not the line's own number.
    public init(line: AlarmLine, published: Int64?, place: Int64? = nil) {
        (self.line, self.published) = (line, published)
        self.place = place ?? (line.sequence > 0 ? line.sequence : nil)
    }
}

public enum FeedNews: Sendable {
    case lines([FeedLine])
    /// Lines are no longer kept that it had not taken. It may go on with those that are.
    case overrun(FeedGap)
    /// The daemon is stopping, or the reader was finished.
    case ended
}

/// What a reader will not get from the feed.
public struct FeedGap: Sendable, Hashable {
    /// Sequence numbers, both included. `to` is less than `from` when the lost events had no numbers.
    public let from: Int64
    public let to: Int64
    /// Events; heartbeats do not count.
    public let lost: Int

    public init(from: Int64, to: Int64, lost: Int) { (self.from, self.to, self.lost) = (from, to, lost) }
}
