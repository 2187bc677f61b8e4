import Plant
import Testing

@testable import Journal

@Suite struct CommitTimesTests {
    private func moment(_ number: Int64) -> Moment { Moment(utc: number * 10, monotonic: number) }

    @Test func eachEventHasTheTimeOfItsTransaction() {
        var times = CommitTimes()
        #expect(times.time(of: 1) == nil)
        times.note(3, 3, at: moment(1))
        times.note(4, 9, at: moment(2))
        times.note(12, 12, at: moment(3))
        let found = (1...14).map { times.time(of: $0)?.monotonic }
        #expect(found == [nil, nil, 1, 2, 2, 2, 2, 2, 2, nil, nil, 3, nil, nil])
    }

    @Test func theOldestAreForgotten() {
        var times = CommitTimes()
        let limit = Int64(CommitTimes.limit)
        for number in 1...limit + 1 { times.note(number, number, at: moment(number)) }
        #expect(times.time(of: limit / 2) == nil)
        #expect(times.time(of: limit / 2 + 1) == moment(limit / 2 + 1))
        #expect(times.time(of: limit + 1) == moment(limit + 1))
    }
}
