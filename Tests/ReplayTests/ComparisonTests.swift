import Detection
import Foundation
import Plant
import Testing

@testable import Replay

@Suite struct ComparisonTests {
    static func event(
        _ time: Int64, _ alarm: String = "high:F.temp", _ what: AlarmEvent.What = .raise, state: String = "UNACK"
    ) -> ReplayEvent {
        ReplayEvent(
            time: time, alarm: alarm, tag: "F.temp", event: what, state: state, level: .high, value: 6.5,
            quality: .good, occurrence: 1, revision: 0, annunciated: what == .raise, priority: .high)
    }

    @Test func raisesArePairedWithTheirNearest() {
        let pairs = RaisePairs([0, 10_000, 100_000], [9_000, 12_000, 500_000], tolerance: 15_000)
        // 10 s and 9 s are nearest; 12 s is then left for 0 s.
        #expect(pairs.shifts == [-1_000, 12_000])
        #expect(pairs.onlyBefore == [100_000])
        #expect(pairs.onlyAfter == [500_000])
    }

    @Test func aComparisonCountsWhatOperatorsHeard() throws {
        let recorded = [
            ComparisonTests.event(1_000), ComparisonTests.event(2_000, .clear), ComparisonTests.event(90_000_000),
        ]
        let replayed = [ComparisonTests.event(4_000), ComparisonTests.event(5_000, .clear)]
        let comparison = Comparison(
            recorded: recorded, replayed: replayed, in: FileTests.plant, range: 0..<100_000_000)
        #expect(comparison.recorded.annunciations == 2 && comparison.replayed.annunciations == 1)
        #expect(comparison.recorded.standing == ["high:F.temp"] && comparison.replayed.standing.isEmpty)
        let alarm = try #require(comparison.alarms.first)
        #expect(alarm.matched == 1 && alarm.onlyRecorded == 1 && alarm.onlyReplayed == 0)
        #expect(alarm.laterMedian == 3_000)
        #expect(comparison.onlyRecorded.map(\.time) == [90_000_000])
        #expect(!comparison.isSame)
        #expect(comparison.text().contains("+3 s"))
        let same = Comparison(recorded: replayed, replayed: replayed, in: FileTests.plant, range: 0..<100_000_000)
        #expect(same.isSame && same.alarms.isEmpty && same.text().contains("Every event is the same."))
    }

    /// Ten in ten minutes are a flood (EEMUA 191), and seven changes in a minute chatter (C2MON).
    @Test func floodsAndChatterAreThoseOfTheAnnouncer() {
        let flood = (0..<10).map { ComparisonTests.event(Int64($0) * 1000, "a\($0)") }
        let tally = Tally(flood, in: FileTests.plant, until: 1_000_000)
        #expect(tally.floods == 1)
        // From the tenth, at 9 s, until fewer than five lie within ten minutes: the fifth newest came at 5 s.
        #expect(tally.floodMilliseconds == 5_000 + 600_000 - 9_000)
        let chatter = (0..<7).map {
            ComparisonTests.event(Int64($0) * 1000, "a", $0 % 2 == 0 ? .raise : .clear, state: "NORM")
        }
        #expect(Tally(chatter, in: FileTests.plant, until: 1_000_000).chattering == ["a"])
        #expect(Tally(Array(chatter.dropLast()), in: FileTests.plant, until: 1_000_000).chattering.isEmpty)
    }

    @Test func anEventIsALineWithTheNamedFields() throws {
        let event = ComparisonTests.event(1_767_434_400_123)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(event), as: UTF8.self)
        #expect(
            text == """
                {"alarm":"high:F.temp","annunciated":true,"event":"raise","level":"high","occurrence":1,\
                "quality":"good","revision":0,"state":"UNACK","tag":"F.temp","time":"2026-01-03T10:00:00.123Z",\
                "value":6.5}
                """)
        let again = try JSONDecoder().decode(ReplayEvent.self, from: Data(text.utf8))
        #expect(again.isLike(event))
    }

    @Test(
        arguments: [
            (100_000_000, [], 96_400_000), (100_000_000, [20_000_000, 99_000_000], 99_000_000),
            (100_000_000, [20_000_000], 20_000_000), (100_000_000, [1_000], 96_400_000),
            (100_000_000, [100_000_001], 96_400_000),
        ] as [(Int64, [Int64], Int64)])
    func aReplayBeginsWhereTheDaemonDid(from: Int64, starts: [Int64], expected: Int64) {
        #expect(ReplayStart.time(from: from, starts: starts) == expected)
    }
}

extension ComparisonTests {
    fileprivate static func event(_ time: Int64, _ what: AlarmEvent.What) -> ReplayEvent {
        event(time, "high:F.temp", what, state: "NORM")
    }
}
