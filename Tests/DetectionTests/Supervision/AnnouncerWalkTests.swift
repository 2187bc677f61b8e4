import Plant
import TestSupport
import Testing

@testable import Detection

/// Random walks beside the naive model. Ticks are thrown in at random: they must not change anything.
@Suite struct AnnouncerWalkTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `a walk is told as the naive model tells it`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var naive = NaiveAnnouncer(
            flood: (random.pick([3, 4, 6]), random.pick([1, 2, 3]), random.pick([12, 20]), random.pick([3, 7])),
            chatter: (random.pick([2, 3, 4]), random.pick([4, 10, 12]), random.pick([6, 15])),
            mass: (random.pick([1, 2, 4]), random.pick([2, 5])))
        var announcer = Announcer(naive.settings)
        var active: Set<Int> = []
        var notices: [SupervisorNotice] = []
        let density = random.pick([5, 20, 45] as [UInt64])
        for now in 0..<500 as Range<Int64> {
            naive.moment(now)
            if random.chance(30) { notices += announcer.tick(now) }
            guard random.chance(density) else { continue }
            let size = random.chance(10) ? 6 : Int(random.next() % 3) + 1
            let exits = random.chance(20)
            let batch = (0..<size).map { _ in Self.occasion(&random, now, &active, exits: exits) }
            let (tellings, more) = announcer.tell(batch)
            notices += more
            #expect(tellings == naive.tell(batch, at: now), "seed \(seed) at \(now)")
            #expect(
                Set((0..<6).filter { announcer.isChattering($0) != nil }) == Set(naive.chattering.keys), "seed \(seed)")
            #expect(announcer.flood?.since == naive.floodSince, "seed \(seed) at \(now)")
        }
        notices += announcer.tick(499)
        let said = notices.map {
            NaiveAnnouncer.Said(kind: $0.kind, time: $0.time, count: $0.count, alarms: Set($0.alarms))
        }
        #expect(said == naive.said, "seed \(seed)")
    }

    static func occasion(
        _ random: inout SeededRandom, _ now: Int64, _ active: inout Set<Int>, exits: Bool
    ) -> Announcer.Occasion {
        let alarm = Int(random.next() % 6)
        let what: AlarmEvent.What
        if active.contains(alarm) {
            what = random.pick([.clear, .clear, .clear, .levelUp, .reAlarm, .acknowledge])
            if what == .clear { active.remove(alarm) }
        } else {
            what = exits ? .raiseExit : random.pick([.raise, .raise, .raise, .raiseSuppressed])
            if what != .raiseSuppressed { active.insert(alarm) }
        }
        return .event(
            what, alarm, at: now, random.pick(Priority.allCases), level: random.pick([.high, .high, .highHigh]),
            area: random.pick(["F-01", "F-02"]))
    }

    @Test func `every kind of answer occurs in the walks`() {
        // A walk that never floods proves nothing about floods.
        var seen: Set<Telling> = []
        var kinds: Set<SupervisorNotice.Kind> = []
        for seed in 0..<20 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let naive = NaiveAnnouncer(flood: (4, 2, 20, 7), chatter: (3, 10, 15), mass: (2, 3))
            var announcer = Announcer(naive.settings)
            var active: Set<Int> = []
            for now in 0..<500 as Range<Int64> where random.chance(20) {
                let batch = (0..<4).map { _ in Self.occasion(&random, now, &active, exits: now % 3 == 0) }
                let (tellings, notices) = announcer.tell(batch)
                seen.formUnion(tellings)
                kinds.formUnion(notices.map(\.kind))
            }
        }
        #expect(seen == Set(Telling.allCases))
        #expect(kinds == Set(SupervisorNotice.Kind.allCases))
    }

    @Test func `an event that comes late counts at the latest time seen`() {
        var announcer = Announcer(Supervision())
        for step in 0..<6 { _ = announcer.tell(.event(step % 2 == 0 ? .raise : .clear, at: 50_000 + Int64(step))) }
        _ = announcer.tell(.event(.raise, at: 100))
        #expect(announcer.isChattering(0)?.raises == 4)
        #expect(announcer.nextDue == 230_005)
    }
}
