import Performance
import Plant
import TestSupport
import Testing

@testable import cupel

/// Records of a journal, which come in the order in which they were found out.
@Suite struct TimeOrderTests {
    static func record(_ number: Int, at time: Int64) -> AlarmRecord {
        AlarmRecord(alarm: "A", what: "raise", time: time, occurrence: number, priority: .low, annunciated: true)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `what is late by less than the limit is put right, and nothing is lost`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        // Four records at each time on average, so that equal times are common; each as late as is allowed.
        let all = (0..<5000).map { Self.record($0, at: Int64($0 / 4) - Int64(random.next() % 240)) }
        var order = TimeOrder()
        var seen: [AlarmRecord] = []
        for record in all { order.add(record) { seen.append($0) } }
        let before = seen.count
        order.finish { seen.append($0) }
        // It does not hold all of them back.
        #expect(before == 4000, "seed \(seed)")
        // Of one time, the first found is the first.
        let expected = all.sorted { ($0.time, $0.occurrence) < ($1.time, $1.occurrence) }
        #expect(seen == expected, "seed \(seed)")
        order.finish { _ in Issue.record("handed over twice") }
    }
}
