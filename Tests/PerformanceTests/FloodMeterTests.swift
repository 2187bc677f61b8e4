import Performance
import Plant
import Testing

@Suite struct FloodMeterTests {
    @Test func `ten within ten minutes are a flood`() {
        // Nine minutes from the first to the tenth; with the sixth's leaving four are left, at 5 + 10 minutes.
        let flood = report(raises((0..<10).map { $0 * minute })).floods
        #expect(flood.list.count == 1)
        #expect(flood.list.first?.begin == midnight + 9 * minute)
        #expect(flood.list.first?.end == midnight + 15 * minute)
        #expect(flood.list.first?.count == 10 && flood.list.first?.peak == 10)
        #expect(flood.list.first?.ongoing == false)
        #expect(flood.share.value == 100 * 6.0 / (24 * 60))
        #expect(flood.share.verdict == .ok)
    }

    @Test(arguments: [(10 * minute - 1, 1), (10 * minute, 0)])
    func `the first counts until it is ten minutes old`(last: Int64, floods: Int) {
        let times = Array(repeating: 0 as Int64, count: 9) + [last]
        #expect(report(raises(times)).floods.list.count == floods)
    }

    @Test func `one that goes on is cut off`() {
        let flood = report(raises((0..<20).map { $0 * second }), to: 100 * second).floods
        #expect(flood.list.map(\.ongoing) == [true])
        #expect(flood.list.map(\.end) == [midnight + 100 * second])
        #expect(flood.list.map(\.count) == [20])
        #expect(flood.share.value == 91)
        #expect(flood.share.verdict == .over)
    }

    @Test func `one per cent of the time is too much`() {
        // Ten at once last ten minutes.
        let burst = raises(Array(repeating: 0 as Int64, count: 10))
        #expect(report(burst, to: 1000 * minute).floods.share.value == 1)
        #expect(report(burst, to: 1000 * minute).floods.share.verdict == .over)
        #expect(report(burst, to: 1001 * minute).floods.share.verdict == .ok)
    }

    @Test func `two floods are two`() {
        let times = Array(repeating: 0 as Int64, count: 12) + Array(repeating: 30 * minute, count: 11)
        #expect(report(raises(times)).floods.list.map(\.count) == [12, 11])
        // Five keep it up, four do not.
        let kept = Array(repeating: 0 as Int64, count: 10) + Array(repeating: 9 * minute, count: 5)
        #expect(report(raises(kept)).floods.list.map { $0.end - midnight } == [19 * minute])
        #expect(report(raises(kept.dropLast())).floods.list.map { $0.end - midnight } == [10 * minute])
    }
}
