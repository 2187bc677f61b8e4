import Performance
import Plant
import Testing

@Suite struct HandlingFigureTests {
    static func mix(_ counts: [Priority: Int]) throws -> PerformanceReport.PriorityMix {
        try #require(report([], configured: counts).configured)
    }

    @Test func `80, 15 and 5 are on target and one more urgent is not`() throws {
        let good = try Self.mix([.low: 80, .medium: 15, .high: 4, .critical: 1])
        #expect(good.low == 80 && good.medium == 15 && good.high == 4 && good.critical == 1)
        #expect(good.urgent.verdict == .ok && good.mediumAndUrgent.verdict == .ok)
        #expect(try Self.mix([.low: 80, .medium: 14, .high: 4, .critical: 2]).urgent.verdict == .over)
        #expect(try Self.mix([.low: 79, .medium: 16, .high: 5]).mediumAndUrgent.verdict == .over)
        #expect(try Self.mix([.low: 7]).mediumAndUrgent.verdict == .ok)
    }

    @Test func `what is configured is left out when nobody knows it`() {
        let seen = report([record("raise", at: 0)])
        #expect(seen.configured == nil)
        #expect(!seen.lines().contains { $0.contains("configured") })
    }

    @Test func `annunciations have a mix of their own`() {
        let records = [
            record("raise", at: 0, .high), record("raise", "B", at: 1, .low), record("raise", "C", at: 2, .low),
            record("clear", "C", at: 3, .critical), record("raise", "D", at: 4, .medium),
        ]
        let mix = report(records, configured: [.critical: 1]).annunciated
        #expect([mix.low, mix.medium, mix.high, mix.critical] == [50, 25, 25, 0])
    }

    @Test func `what is withheld is listed with age and reason, the oldest first`() {
        let records = [
            record("shelve", "A", at: 2 * hour, reason: "sensor drifts", who: "kim"),
            record("shelve", "B", at: 3 * hour, reason: "again", who: "lee"),
            record("suppress", "C", at: 4 * hour, reason: "phase is idle"),
            record("out-of-service", "D", at: 5 * hour, reason: "permit 17", who: "kim"),
            record("shelve", "E", at: 5 * hour), record("shelf-expired", "E", at: 6 * hour),
            record("shelve", "F", at: 5 * hour), record("one-shot-ended", "F", at: 6 * hour),
            record("suppress", "G", at: 5 * hour), record("unsuppress", "G", at: 6 * hour),
            record("out-of-service", "H", at: 5 * hour), record("return", "H", at: 6 * hour),
            record("shelve", "I", at: 5 * hour), record("retired", "I", at: 6 * hour),
            record("unsuppress", "A", at: 7 * hour),
        ]
        let old = StandingAlarm(
            alarm: "B", withheld: [.init(kind: .shelved, since: midnight - hour, reason: "first")])
        let seen = report(records, to: 10 * hour, standing: [old])
        #expect(seen.shelved.list.map(\.alarm) == ["B", "A"])
        #expect(seen.shelved.list.map(\.age) == [11 * hour, 8 * hour])
        #expect(seen.shelved.list.map(\.reason) == ["again", "sensor drifts"])
        #expect(seen.shelved.list.map(\.who) == ["lee", "kim"])
        #expect(seen.shelved.count == 2 && seen.shelved.oldestAge == 11 * hour)
        #expect(seen.suppressed.list.map(\.alarm) == ["C"] && seen.suppressed.oldestAge == 6 * hour)
        #expect(seen.outOfService.list.map(\.reason) == ["permit 17"])
    }

    @Test func `an acknowledgement takes from the annunciation that it answers`() {
        let records = [
            record("raise", at: 0), record("level-up", at: 5 * second), record("ack", at: 20 * second),
            record("clear", at: minute), record("raise", at: hour, occurrence: 2),
            record("clear", at: hour + second, occurrence: 2),
            record("superseded", at: 2 * hour, occurrence: 2), record("raise", at: 2 * hour, occurrence: 3),
            record("ack", at: 2 * hour + 40 * second, occurrence: 3), record("ack", at: 3 * hour, occurrence: 3),
            record("raise", "B", at: 4 * hour), record("shelve", "B", at: 5 * hour), record("ack", "B", at: 6 * hour),
        ]
        let seen = report(records).acknowledgement
        #expect(seen.count == 2)
        // Quantiles are within 1 %: 20 s and 40 s.
        #expect(seen.median.map { abs($0 - 20 * second) <= 200 } == true)
        #expect(seen.ninetyFifth.map { abs($0 - 40 * second) <= 400 } == true)
    }
}
