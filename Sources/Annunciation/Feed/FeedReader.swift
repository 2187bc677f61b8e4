/// One reader's place in the feed. It leaves when nobody holds it any more.
public final class FeedReader: Sendable {
    private let feed: AlarmFeed
    private let id: Int

    init(feed: AlarmFeed, id: Int) { (self.feed, self.id) = (feed, id) }

    deinit { feed.leave(id) }

    /// What comes next, up to `AlarmFeed.batchLimit` lines at a time. One task may wait for it.
    public func next() async -> FeedNews { await feed.next(id) }

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

    public init(line: AlarmLine, published: Int64?) { (self.line, self.published) = (line, published) }
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
