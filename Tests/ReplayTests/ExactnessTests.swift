import Detection
import Historian
import Plant
import TestSupport
import Testing

@testable import Replay

/// One day after the other: all at once would keep every thread from the tests that wait for servers.
@Suite(.serialized) struct ExactnessTests {
    /// What the watch saw block by block, with other lines' blocks between and timers looked at whenever it was idle,
    /// comes out of the recorded scans event by event.
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func aReplayGivesTheEventsOfTheDay(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let plant = RandomPlant.make(&random)
        let day = LiveDay(plant, seconds: 120, random: random)
        var replay = Replay(plant, moments: day.moments)
        for scan in day.scans { replay.take(scan) }
        replay.finish(at: day.end)
        let live = day.events.sorted(by: ReplayEvent.isBefore)
        let again = replay.takeEvents().sorted(by: ReplayEvent.isBefore)
        let index = zip(live, again).enumerated().first { $1.0 != $1.1 }?.offset ?? min(live.count, again.count)
        #expect(
            live == again,
            """
            seed \(seed): \(live.count) events, replayed \(again.count); the first that differs is \(index):
            live   \(index < live.count ? "\(live[index])" : "none")
            replay \(index < again.count ? "\(again[index])" : "none")
            alarm  \(index < live.count ? "\(plant.alarms.first { $0.name == live[index].alarm }.debugDescription)" : "")
            """)
    }

    /// Without this the test above could pass on days on which nothing happens.
    @Test func theDaysAreEventful() {
        var kinds: [String: Int] = [:]
        for seed in 1...40 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let plant = RandomPlant.make(&random)
            for event in LiveDay(plant, seconds: 120, random: random).events {
                kinds[event.event.rawValue, default: 0] += 1
            }
        }
        for kind in [
            "raise", "clear", "level-up", "level-down", "re-alarm", "ack", "reset", "superseded", "shelve",
            "raise-suppressed", "clear-suppressed", "shelf-expired", "suppress", "unsuppress", "raise-exit", "test",
        ] {
            #expect(kinds[kind, default: 0] > 0, "no \(kind) on any day")
        }
    }
}
