import Plant
import Testing

@testable import Detection

@Suite struct FloodTests {
    @Test(arguments: [(66_666 as Int64, true), (66_667, false)])
    func `ten within ten minutes are a flood and ten in ten minutes sharp are not`(step: Int64, floods: Bool) {
        var announcer = Announcer(Supervision())
        var tellings: [Telling] = []
        for alarm in 0..<10 { tellings.append(announcer.tell(.event(.raise, alarm, at: Int64(alarm) * step))) }
        // The first is 599,994 ms old in one case and 600,003 in the other.
        #expect((announcer.flood != nil) == floods)
        #expect(tellings == Array(repeating: .single, count: 9) + [floods ? .digest : .single])
    }

    @Test func `an annunciation exactly one window old does not count`() {
        var announcer = Announcer(Supervision())
        _ = announcer.tell(.event(.raise, at: 0))
        for alarm in 1..<9 { _ = announcer.tell(.event(.raise, alarm, at: 300_000)) }
        var later = announcer
        _ = announcer.tell(.event(.raise, 9, at: 599_999))
        #expect(announcer.flood == FloodState(since: 599_999, count: 10, summedUp: 1))
        _ = later.tell(.event(.raise, 9, at: 600_000))
        #expect(later.flood == nil)
    }

    @Test func `low and medium are summed up, high and critical are told`() {
        var announcer = Announcer(Supervision())
        for alarm in 0..<10 { _ = announcer.tell(.event(.raise, alarm, at: 1000, .high)) }
        let priorities: [(Priority, Telling)] = [
            (.low, .digest), (.medium, .digest), (.high, .single), (.critical, .single),
        ]
        for (priority, telling) in priorities {
            #expect(announcer.tell(.event(.raise, 20, at: 2000, priority)) == telling)
            #expect(announcer.tell(.event(.levelUp, 20, at: 2000, priority)) == telling)
            #expect(announcer.tell(.event(.clear, 20, at: 2000, priority)) == .none)
        }
        #expect(announcer.flood == FloodState(since: 1000, count: 18, summedUp: 4))
    }

    @Test func `digests come every half minute with what is in them`() {
        var announcer = Announcer(Supervision())
        let begins = announcer.tell((0..<10).map { .event(.raise, $0, at: 0, .high) }).notices
        #expect(begins.map(\.kind) == [.floodBegins])
        #expect(begins.map(\.count) == [10])
        for (alarm, count) in [(1, 2), (2, 3), (3, 1), (4, 1)] {
            for _ in 0..<count { _ = announcer.tell(.event(.raise, alarm, at: 5000)) }
        }
        _ = announcer.tell(.event(.raise, 7, at: 6000, area: "F-02", firstOut: true))
        #expect(announcer.nextDue == 30_000)
        let digest = announcer.tick(30_000)
        #expect(digest.map(\.kind) == [.digest])
        #expect(digest.map(\.count) == [8])
        #expect(digest.map(\.alarms) == [[1, 2, 3, 4, 7]])
        #expect(
            digest.map(\.text) == [
                "8 alarms in 30 s: F-01 7 (A2 x3, A1 x2, A3, 1 more); F-02 1 (A7); first out: A7."
            ])
        // Nothing new, nothing said, and the grid stays.
        #expect(announcer.tick(61_000).isEmpty)
        _ = announcer.tell(.event(.raise, 1, at: 70_000))
        #expect(announcer.nextDue == 90_000)
        #expect(announcer.tick(200_000).map(\.time) == [90_000])
    }

    @Test func `it ends when fewer than five are left, with a last digest`() {
        var announcer = Announcer(Supervision())
        for alarm in 0..<10 { _ = announcer.tell(.event(.raise, alarm, at: Int64(alarm) * 1000)) }
        // A1 to A5 leave the window one after the other; with A5's leaving four are left.
        #expect(announcer.tick(604_999).map(\.kind) == [.digest])
        #expect(announcer.flood != nil)
        let ends = announcer.tick(700_000)
        #expect(ends.map(\.kind) == [.floodEnds])
        #expect(ends.map(\.time) == [605_000])
        #expect(ends.map(\.text) == ["Alarm flood over after 9 min: 10 alarms, 1 of them summed up."])
        #expect(announcer.flood == nil && announcer.nextDue == nil)
        #expect(announcer.tell(.event(.raise, 1, at: 606_000)) == .single)
    }

    @Test func `what is pending at the end is told before it`() {
        let rules = Supervision.Flood(starts: 3, ends: 2, window: .seconds(10), digestEvery: .seconds(60))
        var announcer = Announcer(Supervision(flood: rules))
        for time in [0, 1000, 2000, 4000] as [Int64] { _ = announcer.tell(.event(.raise, at: time)) }
        let ends = announcer.tick(60_000)
        #expect(ends.map(\.kind) == [.digest, .floodEnds])
        #expect(ends.map(\.time) == [12_000, 12_000])
        #expect(ends.map(\.count) == [2, 4])
    }

    @Test func `one chattering alarm makes no flood`() {
        var announcer = Announcer(Supervision())
        for step in 0..<60 {
            _ = announcer.tell(.event(step % 2 == 0 ? .raise : .clear, at: Int64(step) * 1000))
        }
        #expect(announcer.isChattering(0)?.counted == 27)
        #expect(announcer.flood == nil)
    }

    @Test func `a flood survives a reload`() {
        var announcer = Announcer(Supervision())
        for alarm in 0..<12 { _ = announcer.tell(.event(.raise, alarm, at: 0)) }
        announcer.renumber({ $0 == 11 ? nil : $0 + 100 }, under: Supervision(flood: .init(digestEvery: .seconds(5))))
        #expect(announcer.flood?.count == 12)
        let digests = announcer.tick(60_000)
        #expect(digests.map(\.alarms) == [[109, 110]])
        #expect(digests.map(\.count) == [3])
    }

    @Test func `a digest tells so many alarms apart and counts the others`() {
        var announcer = Announcer(Supervision())
        for alarm in 0..<(Announcer.Limits.listed + 50) { _ = announcer.tell(.event(.raise, alarm, at: 0)) }
        let digest = announcer.tick(30_000)
        #expect(digest.map(\.alarms.count) == [Announcer.Limits.listed])
        #expect(digest.map(\.count) == [Announcer.Limits.listed + 41])
        #expect(digest.allSatisfy { $0.text.contains("; others 41") })
    }
}
