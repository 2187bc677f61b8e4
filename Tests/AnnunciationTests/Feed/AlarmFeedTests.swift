import Annunciation
import TestSupport
import Testing

/// The limit, as of all suites that wait for something, is for a hang: others keep the pool's threads busy for minutes.
@Suite(.timeLimit(.minutes(20))) struct AlarmFeedTests {
    private func event(_ sequence: Int64) -> AlarmLine {
        AlarmLine(sequence: sequence, json: "{\"seq\":\(sequence)}\n", text: "", severity: 1, rank: 3, announces: true)
    }

    private var heartbeat: AlarmLine {
        AlarmLine(kind: .heartbeat, sequence: 0, json: "{}\n", text: "", severity: 7, rank: 3, announces: false)
    }

    private func numbers(_ news: FeedNews) -> [Int64]? {
        guard case .lines(let lines) = news else { return nil }
        return lines.map(\.line.sequence)
    }

    @Test func everyReaderGetsWhatCameSinceItJoined() async throws {
        let feed = AlarmFeed(after: 10)
        let early = try #require(feed.join())
        feed.publish([event(11), heartbeat])
        let late = try #require(feed.join())
        feed.publish([event(12)])
        #expect(numbers(await early.next()) == [11, 0, 12])
        #expect(numbers(await late.next()) == [12])
        #expect(late.sequence == 12)
        #expect(feed.lastSequence == 12)
    }

    @Test func aReaderThatWaitsIsWoken() async throws {
        let feed = AlarmFeed()
        let reader = try #require(feed.join())
        async let news = reader.next()
        feed.publish([event(1)])
        #expect(numbers(await news) == [1])
    }

    @Test func batchesAreLimited() async throws {
        let feed = AlarmFeed()
        let reader = try #require(feed.join())
        feed.publish((1...Int64(AlarmFeed.batchLimit) + 1).map(event))
        #expect(numbers(await reader.next())?.count == AlarmFeed.batchLimit)
        #expect(reader.behind == 1)
        #expect(numbers(await reader.next()) == [Int64(AlarmFeed.batchLimit) + 1])
    }

    @Test(arguments: [0, 1, 2, 700, 2500])
    func aReaderTooFarBehindIsToldWhatItMissed(tooMany: Int) async throws {
        let feed = AlarmFeed(after: 5)
        let reader = try #require(feed.join())
        let count = AlarmFeed.windowLimit + tooMany
        // One by one and in blocks: the window turns either way.
        for sequence in 1...Int64(count) { feed.publish([event(5 + sequence)]) }
        #expect(reader.isOverrun == (tooMany > 0))
        #expect(reader.behind == count)
        if tooMany > 0 {
            guard case .overrun(let gap) = await reader.next() else {
                Issue.record("expected to hear of the gap")
                return
            }
            // Until it goes on: the line that says so may be what it is stuck in.
            #expect(reader.isOverrun)
            #expect(gap == FeedGap(from: 6, to: 5 + Int64(tooMany), lost: tooMany))
        }
        // Then the oldest that is kept: with the gap nothing is unaccounted for.
        #expect(numbers(await reader.next())?.first == 6 + Int64(tooMany))
        #expect(!reader.isOverrun)
    }

    @Test func heartbeatsAloneAreNoLossAndEventsWithoutNumbersAre() async throws {
        let feed = AlarmFeed(after: 5)
        let reader = try #require(feed.join())
        feed.publish(Array(repeating: heartbeat, count: 7))
        feed.publish((1...Int64(AlarmFeed.windowLimit)).map { event(5 + $0) })
        #expect(numbers(await reader.next())?.first == 6)

        let second = try #require(feed.join())
        feed.publish([event(0), event(0)])
        feed.publish(Array(repeating: heartbeat, count: AlarmFeed.windowLimit))
        guard case .overrun(let gap) = await second.next() else {
            Issue.record("expected to hear of two events that were never journalled")
            return
        }
        #expect(gap.lost == 2)
        #expect(gap.to < gap.from)
    }

    @Test func skippingGoesOnFromNow() async throws {
        let feed = AlarmFeed()
        let reader = try #require(feed.join())
        feed.publish((1...2000).map(event))
        reader.skipToEnd()
        #expect(!reader.isOverrun)
        feed.publish([event(2001)])
        #expect(numbers(await reader.next()) == [2001])
    }

    @Test func theEndComesAfterWhatWaits() async throws {
        let feed = AlarmFeed()
        let reader = try #require(feed.join())
        let idle = try #require(feed.join())
        feed.publish([event(1)])
        _ = await idle.next()
        async let end = idle.next()
        feed.close()
        guard case .ended = await end else {
            Issue.record("expected the end")
            return
        }
        #expect(numbers(await reader.next()) == [1])
        guard case .ended = await reader.next() else {
            Issue.record("expected the end after the line")
            return
        }
        #expect(feed.join() == nil)
    }

    @Test func aFinishedReaderEndsThoughItWaits() async throws {
        let feed = AlarmFeed()
        let reader = try #require(feed.join())
        async let news = reader.next()
        reader.finish()
        guard case .ended = await news else {
            Issue.record("expected the end")
            return
        }
    }

    @Test func placesAreLimitedAndGivenBack() throws {
        let feed = AlarmFeed()
        var readers = (0..<AlarmFeed.readerLimit).map { _ in feed.join() }
        #expect(readers.allSatisfy { $0 != nil })
        #expect(feed.join() == nil)
        readers.removeLast()
        #expect(feed.readers == AlarmFeed.readerLimit - 1)
        #expect(feed.join() != nil)
    }

    @Test func aNudgedReaderLooksUpWithoutNews() async throws {
        let feed = AlarmFeed()
        let reader = try #require(feed.join())
        let waiting = Task { await reader.next() }
        reader.nudge()
        guard case .lines(let none) = await waiting.value else { throw TestFailure("expected no lines") }
        #expect(none.isEmpty)
        // Once: and news goes before.
        reader.nudge()
        feed.publish([event(1)])
        guard case .lines(let lines) = await reader.next() else { throw TestFailure("expected a line") }
        #expect(lines.map(\.line.sequence) == [1])
    }

    @Test func aReaderThatGathersIsWokenByEnoughLinesOrTheEnd() async throws {
        let feed = AlarmFeed()
        let reader = try #require(feed.join())
        feed.publish((1...3).map(event))
        // There already.
        await reader.gather(3, within: .seconds(3600))
        let waiting = Task { await reader.gather(5, within: .seconds(3600)) }
        feed.publish((4...5).map(event))
        await waiting.value
        #expect(reader.behind == 5)
        let ending = Task { await reader.gather(100, within: .seconds(3600)) }
        feed.close()
        await ending.value
        #expect(reader.behind == 5)
    }

    @Test func aReaderThatGathersWaitsForNoMoreThanItsTime() async throws {
        let feed = AlarmFeed()
        let reader = try #require(feed.join())
        await reader.gather(2, within: .milliseconds(1))
        #expect(reader.behind == 0)
    }

    @Test func knowsWhatIsOfThisRun() {
        let feed = AlarmFeed()
        feed.begin(after: 7)
        feed.publish([event(8)])
        #expect(!feed.isOfThisRun(7))
        #expect(feed.isOfThisRun(8))
    }

    /// Readers on other threads than the publisher, each at its own pace: what they got and what they were told they
    /// missed is everything, in order.
    @Test func withManyReadersNothingIsUnaccountedFor() async throws {
        let feed = AlarmFeed()
        let total = 5000
        let readers = try (0..<20).map { _ in try #require(feed.join()) }
        let publisher = Task.detached {
            var next: Int64 = 1
            while next <= Int64(total) {
                let block = min(Int64(total) - next + 1, next % 37 + 1)
                feed.publish((next..<next + block).map(event))
                next += block
                if next % 5 == 0 { await Task.yield() }
            }
            feed.close()
        }
        let failures = await withTaskGroup(of: String?.self) { group in
            for (index, reader) in readers.enumerated() {
                group.addTask {
                    var expected: Int64 = 1
                    while true {
                        switch await reader.next() {
                        case .ended: return expected == Int64(total) + 1 ? nil : "\(index): ended at \(expected)"
                        case .overrun(let gap):
                            guard gap.from == expected, Int64(gap.lost) == gap.to - gap.from + 1 else {
                                return "\(index): \(gap) at \(expected)"
                            }
                            expected = gap.to + 1
                        case .lines(let lines):
                            for line in lines {
                                guard line.line.sequence == expected else {
                                    return "\(index): \(line.line.sequence) instead of \(expected)"
                                }
                                expected += 1
                            }
                            for _ in 0..<index { await Task.yield() }
                        }
                    }
                }
            }
            return await group.reduce(into: [String]()) { failures, failure in failures += failure.map { [$0] } ?? [] }
        }
        await publisher.value
        #expect(failures == [])
    }
}
