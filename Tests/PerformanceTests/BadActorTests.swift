import Plant
import Testing

@testable import Performance

@Suite struct BadActorTests {
    @Test(arguments: [(60 * second, 1), (60 * second + 1, 0)])
    func `three raises in a minute chatter`(last: Int64, alarms: Int) {
        let seen = report([0, 30 * second, last].flatMap { [record("raise", at: $0), record("clear", at: $0 + 1)] })
        #expect(seen.chattering.list.count == alarms)
        #expect(seen.chattering.alarms.verdict == (alarms == 0 ? .ok : .over))
    }

    @Test func `runs of chatter and their raises`() {
        // A run of four, a lone raise, a run of three.
        let times: [Int64] = [0, 20, 40, 60, 300, 600, 610, 620]
        let seen = report(times.map { record("raise", at: $0 * second) } + [record("raise", "B", at: 700 * second)])
        #expect(seen.chattering.list == [.init(alarm: "A", runs: 2, raises: 7)])
    }

    @Test(arguments: [(10 * second - 1, 1), (10 * second, 0)])
    func `gone in less than ten seconds is fleeting`(length: Int64, count: Int) {
        let seen = report([record("raise", at: 0), record("clear", at: length), record("raise", at: hour)])
        #expect(seen.fleeting.count == count)
        #expect(seen.fleeting.list == (count == 0 ? [] : [.init(alarm: "A", fleeting: 1, raises: 2)]))
    }

    @Test func `what an operator shelved was not fleeting`() {
        let seen = report([record("raise", at: 0), record("shelve", at: 1), record("clear-suppressed", at: 2)])
        #expect(seen.fleeting.count == 0)
    }

    @Test(arguments: [(0 as Int64, 0), (-1, 1)])
    func `active for more than a day stands`(raise: Int64, count: Int) {
        let seen = report([record("raise", at: raise)], from: -hour)
        #expect(seen.standing.list.count == count)
        #expect(seen.days.last?.standing == count)
        #expect(seen.days.first?.standing == 0)
    }

    @Test func `four a day may stand and five may not`() {
        for count in [4, 5] {
            let standing = (0..<count).map { StandingAlarm(alarm: "S\($0)", activeSince: midnight - day) }
            let seen = report([], to: hour, standing: standing)
            #expect(seen.standing.worstDay.value == Double(count))
            #expect(seen.standing.worstDay.verdict == (count == 4 ? .ok : .over))
        }
    }

    @Test func `the worst day counts even when all is gone at the end`() {
        let standing = (0..<6).map { StandingAlarm(alarm: "S\($0)", activeSince: midnight - day) }
        let clears = (0..<6).map { record("clear", "S\($0)", at: day + 1) }
        let seen = report(clears, to: 2 * day, standing: standing)
        #expect(seen.days.map(\.standing) == [6, 0])
        #expect(seen.standing.worstDay.value == 6 && seen.standing.list.isEmpty)
    }

    @Test func `what is withheld does not stand, and stands anew when it is shown`() {
        let old = StandingAlarm(alarm: "A", activeSince: midnight - 3 * day)
        #expect(report([record("shelve", at: 0)], standing: [old]).standing.list.isEmpty)
        let shown = report([record("shelve", at: 0), record("unshelve", at: hour)], to: 2 * day, standing: [old])
        #expect(shown.standing.list == [.init(alarm: "A", since: midnight + hour)])
        #expect(shown.days.map(\.standing) == [0, 1])
        let twice = [record("shelve", at: 0), record("suppress", at: 1), record("unshelve", at: hour)]
        #expect(report(twice, to: 2 * day, standing: [old]).standing.list.isEmpty)
    }

    @Test func `the ten busiest and their share`() {
        // Twelve alarms: A0 once, A1 twice ... A11 twelve times: 78 in all, 75 of them of the ten busiest.
        let records = (0..<12).flatMap { alarm in
            (0...alarm).map { record("raise", "A\(alarm)", at: Int64($0) * hour + Int64(alarm)) }
        }.sorted { $0.time < $1.time }
        let top = report(records).topTen
        #expect(top.list.map(\.alarm) == (2..<12).reversed().map { "A\($0)" })
        #expect(top.list.map(\.annunciations) == (3...12).reversed())
        #expect(top.share.value == 100 * 75.0 / 78)
        #expect(top.list.first?.share == 100 * 12.0 / 78)
        #expect(top.share.verdict == .over)
    }

    @Test func `the ten busiest of two hundred equal ones are on target`() {
        let top = report((0..<200).map { record("raise", "A\($0 + 100)", at: Int64($0) * minute) }).topTen
        #expect(top.share.value == 5 && top.share.verdict == .ok)
        #expect(top.list.map(\.alarm) == (100..<110).map { "A\($0)" })
    }
}
