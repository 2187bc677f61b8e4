import Annunciation
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Console

/// Many readers: who says that it reads gets each line at once, the others share their writes.
@Suite(.timeLimit(.minutes(20))) struct StreamPumpTests {
    /// With so many others a pause lasts for days.
    private static let endless = 1_000_000_000

    /// So many others that are silent and not blocked.
    private static func crowd(_ backend: FakeBackend, _ count: Int) {
        backend.streams.joinCrowd(count)
    }

    /// What one reader was written.
    private final class Written: Sendable {
        private let batches = Mutex<[[Int64]]>([])

        func note(_ lines: [FeedLine]) {
            let numbers = lines.map(\.line.sequence).filter { $0 > 0 }
            if !numbers.isEmpty { batches.withLock { $0.append(numbers) } }
        }
        var writes: Int { batches.withLock { $0.count } }
        var numbers: [Int64] { batches.withLock { $0.flatMap(\.self) } }
    }

    /// A reader, served until the feed ends.
    private static func read(
        _ backend: FakeBackend, acknowledges: Bool, into written: Written
    ) throws -> Task<StreamPump.End, any Error> {
        let reader = try #require(backend.feed.join())
        let figures = StreamFigures(who: "test", via: .socket, connected: 0)
        figures.introduce(name: nil, acknowledges: acknowledges, after: 0)
        return Task {
            try await StreamPump.run(
                StreamHello(name: nil, since: nil, boot: nil, acknowledges: acknowledges), backend: backend,
                reader: reader, figures: figures
            ) { lines in
                written.note(lines)
                if acknowledges, let last = lines.map(\.line.sequence).max() { _ = figures.acknowledge(last, at: 0) }
            }
        }
    }

    /// Each line is published when the acknowledging reader has the one before, so it is never late; the silent one,
    /// among so many that its pause outlasts the test, has them in few writes.
    @Test func silentReadersShareTheirWritesAndOthersDoNotWait() async throws {
        let backend = FakeBackend()
        Self.crowd(backend, Self.endless)
        let (prompt, silent) = (Written(), Written())
        let tasks = [
            try Self.read(backend, acknowledges: true, into: prompt),
            try Self.read(backend, acknowledges: false, into: silent),
        ]
        let count = StreamPump.crowdLines / 2
        for number in 1...count {
            backend.commit()
            while prompt.writes < number { await Task.yield() }
        }
        backend.feed.close()
        for task in tasks { #expect(try await task.value == .ended) }
        #expect(prompt.writes == count)
        #expect(silent.numbers == Array(1...Int64(count)))
        #expect(silent.writes < count / 2, "\(silent.writes) writes")
    }

    /// More lines come in a pause than are kept: it is woken long before. By its pause alone it never would be.
    @Test func noSilentReaderIsCutBecauseOfTheOthers() async throws {
        let backend = FakeBackend()
        Self.crowd(backend, Self.endless)
        let written = Written()
        let task = try Self.read(backend, acknowledges: false, into: written)
        var published = 1
        backend.commit()
        while written.writes < 1 { await Task.yield() }
        while published < 4 * AlarmFeed.windowLimit {
            backend.commit(StreamPump.crowdLines)
            published += StreamPump.crowdLines
            // A part of the last ones gathers with the next.
            while written.numbers.count <= published - StreamPump.crowdLines { await Task.yield() }
        }
        backend.feed.close()
        #expect(try await task.value == .ended)
        #expect(written.numbers == Array(1...Int64(published)))
    }

    @Test(
        arguments: [(0, nil), (40, nil), (41, .microseconds(20_500)), (1000, .milliseconds(500))] as [(Int, Duration?)])
    func amongFewNobodyWaits(crowd: Int, pause: Duration?) { #expect(StreamPump.pause(among: crowd) == pause) }

    /// With 39 others it is none too many: no line waits for the next.
    @Test func withThirtyNineOthersEachLineIsWrittenByItself() async throws {
        let backend = FakeBackend()
        Self.crowd(backend, StreamPump.crowd)
        let written = Written()
        let task = try Self.read(backend, acknowledges: false, into: written)
        for number in 1...100 {
            backend.commit()
            while written.writes < number { await Task.yield() }
        }
        backend.feed.close()
        #expect(try await task.value == .ended)
    }
}
