import Annunciation
import Plant
import Synchronization
import Testing

@testable import Console

@Suite struct StreamRosterTests {
    private static let second: Int64 = 1_000_000_000

    private static func member(
        of roster: StreamRoster, _ feed: AlarmFeed, acknowledges: Bool = false,
        close: @escaping @Sendable () -> Void = {}
    ) throws -> (figures: StreamFigures, id: Int) {
        let figures = StreamFigures(who: "test", via: .socket, connected: 0)
        figures.introduce(name: nil, acknowledges: acknowledges, after: 0)
        return (figures, roster.add(figures, try #require(feed.join()), close: close))
    }

    /// It takes every line, each write later than a look of the patrol.
    @Test func aReaderThatIsSlowIsNotClosed() throws {
        let feed = AlarmFeed()
        let roster = StreamRoster()
        let isClosed = Mutex(false)
        let (figures, _) = try Self.member(of: roster, feed) { isClosed.withLock { $0 = true } }
        feed.publish((1...Int64(AlarmFeed.windowLimit) + 1).map { FakeLines.event($0) })
        for write in 0..<60 {
            figures.willWrite([], at: Int64(write) * Self.second)
            roster.patrol(at: Int64(write) * Self.second + Self.second / 2)
        }
        #expect(!isClosed.withLock { $0 })
        roster.patrol(at: 60 * Self.second + StreamRoster.hardCut.nanoseconds)
        #expect(isClosed.withLock { $0 })
    }

    /// Before the first look, too: a thousand may come at once.
    @Test func whoComesIsOneOfTheCrowdUntilItAcknowledges() throws {
        let feed = AlarmFeed()
        let roster = StreamRoster()
        for _ in 0..<3 { _ = try Self.member(of: roster, feed) }
        let (_, prompt) = try Self.member(of: roster, feed, acknowledges: true)
        #expect(roster.crowd == 4)
        roster.patrol(at: 0)
        #expect(roster.crowd == 3)
        roster.remove(prompt)
        roster.patrol(at: 0)
        #expect(roster.crowd == 3)
    }

    /// Whoever waits for its turn to be written to will cost the next write, too; whoever takes nothing costs none, and
    /// nobody waits because of it.
    @Test func onlyWhoIsBlockedForLongIsNoCrowd() throws {
        let roster = StreamRoster()
        let (figures, _) = try Self.member(of: roster, AlarmFeed())
        figures.willWrite([], at: 0)
        roster.patrol(at: StreamRoster.blockedAfter.nanoseconds - 1)
        #expect(roster.crowd == 1)
        roster.patrol(at: StreamRoster.blockedAfter.nanoseconds)
        #expect(roster.crowd == 0)
        figures.didWrite([], at: StreamRoster.blockedAfter.nanoseconds + Self.second)
        roster.patrol(at: StreamRoster.blockedAfter.nanoseconds + Self.second)
        #expect(roster.crowd == 1)
    }
}
