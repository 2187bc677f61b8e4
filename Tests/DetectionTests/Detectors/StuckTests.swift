import Plant
import TestSupport
import Testing

@testable import Detection

@Suite struct StuckTests {
    /// The flags of ioos_qc: 1 good, 3 suspect, 4 fail. What is not known yet is good to them.
    private static func flags(
        _ values: [Double], period: Int64, _ suspect: Int64, _ fail: Int64, _ tolerance: Double
    ) -> [Int] {
        let found = [suspect, fail].map { over in
            // The window holds over / period + 1 points; QARTOD rounds the quotient down.
            let steps = over / period
            var trial = Trial(
                .stuck(Stuck(tolerance: tolerance, over: .seconds(steps * period), samples: Int(steps) + 1)),
                maxGap: 3 * period * 1000)
            return trial.take(values, period: period * 1000)
        }
        return values.indices.map { found[1][$0] == .fault ? 4 : found[0][$0] == .fault ? 3 : 1 }
    }

    // ioos/ioos_qc tests/test_qartod.py @ 9c1853a40c8b: values, period, suspect and fail in seconds, tolerance, flags.
    @Test(
        arguments: [
            (
                [1, 2, 2.0001, 2, 2.0001, 2, 2.0001, 2, 4, 5, 3, 3.0001, 3.0005, 3.00001], 900, 3000, 4800, 0.01,
                [1, 1, 1, 1, 3, 3, 4, 4, 1, 1, 1, 1, 1, 3]
            ),
            (
                [2, 2.0001, 2, 2.0001, 2, 2.0001, 2, 4, 5, 3, 3.0001, 3.0005, 3.00001], 900, 3000, 4800, 0.01,
                [1, 1, 1, 3, 3, 4, 4, 1, 1, 1, 1, 1, 3]
            ),
            ([5, 5, 5, 5, 5, 5], 1, 3, 5, 0.1, [1, 1, 1, 3, 3, 4]),
            ([1, 1, 1, 1, 1, 6, 5, 4, 3, 2], 1, 3, 6, 4, [1, 1, 1, 3, 3, 1, 1, 1, 3, 3]),
        ] as [([Double], Int64, Int64, Int64, Double, [Int])])
    func `the published flat lines are found`(
        values: [Double], period: Int64, suspect: Int64, fail: Int64, tolerance: Double, flags: [Int]
    ) {
        #expect(Self.flags(values, period: period, suspect, fail, tolerance) == flags)
    }

    private static func trial(_ tolerance: Double = 1, whenMoving: Logic? = nil) -> Trial {
        Trial(
            .stuck(Stuck(tolerance: tolerance, over: .seconds(4), samples: 5, whenMoving: whenMoving)), maxGap: 3000)
    }

    @Test func `the spread must be strictly below the tolerance`() {
        var trial = Self.trial()
        #expect(brief(trial.take([0, 1, 0, 0, 0, 0, 0.9, 0.9], period: 1000)) == "?.....!!")
    }

    @Test func `out is known at once, in only when the window is full`() {
        var trial = Self.trial()
        #expect(brief(trial.take([0, 5, 5, 5, 5, 5, 9], period: 1000)) == "?....!.")
    }

    @Test func `a missing sample empties the window`() {
        var trial = Self.trial()
        #expect(brief(trial.take([5, 5, 5, 5, nil, 5, 5, 5, 5, 5], period: 1000)) == "?????????!")
        #expect(trial.take(12_001, 5).verdict == .unknown)
    }

    @Test func `as many samples in a shorter time are not enough, nor the time with fewer`() {
        var fast = Self.trial()
        #expect(brief(fast.take([5, 5, 5, 5, 5, 5, 5], period: 500)) == "???????")
        #expect(fast.take(3500, 5).verdict == .fault)
        var slow = Self.trial()
        #expect(brief(slow.take([5, 5, 5, 5, 5], period: 2000)) == "????!")
    }

    @Test func `jitter of a sample does not empty a full window`() {
        var trial = Self.trial()
        for time in [0, 1003, 2001, 2998, 4000] as [Int64] { trial.take(time, 5) }
        #expect(trial.previous == .fault)
        #expect([5002, 5999, 7003].map { trial.take($0, 5).verdict } == [.fault, .fault, .fault])
        // Nor does it push the oldest of its five samples out.
        var moved = Self.trial()
        for (time, value) in [(0, 9), (1001, 5), (2001, 5), (3001, 5), (4001, 5)] as [(Int64, Double)] {
            moved.take(time, value)
        }
        #expect(moved.take(4400, 5) == Finding(.out, figure: 4, limit: 1, priority: .high))
        #expect(moved.take(4501, 5).verdict == .fault)
    }

    /// heater, the value stands still.
    @Test func `nothing is stuck that should not move`() {
        let heater = Logic(text: "heater > 20", root: .compare(.tag(3), .more, .number(20)))
        var trial = Self.trial(whenMoving: heater)
        let verdicts = (0..<16).map { second in
            trial.world.set(3, second < 7 || second > 8 ? 50 : 0, at: 0, second == 14 ? .timeout : .good)
            return trial.take(Int64(second) * 1000, 5).verdict
        }
        // Off at 7 and 8: out, and the window begins again. Nobody knows at 14.
        #expect(brief(verdicts) == "????!!!..????!?!")
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the extremes are those of the window`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var extremes = RollingExtremes()
        var kept: [Window.Point] = []
        var time: Int64 = 0
        for step in 0..<5000 {
            time += Int64(random.next() % 5)
            let value = Double(random.next() % 50)
            extremes.append(time: time, value: value)
            extremes.removeAll(before: time - 60)
            kept.append(Window.Point(time: time, value: value))
            kept.removeAll { $0.time < time - 60 }
            let values = kept.map(\.value)
            #expect(extremes.minimum == values.min(), "seed \(seed), step \(step)")
            #expect(extremes.maximum == values.max(), "seed \(seed), step \(step)")
        }
    }

    @Test func `a full queue makes the window look wider, never stiller`() {
        var extremes = RollingExtremes()
        // Rising: every value may yet be the smallest.
        let count = Int64(Window.limit)
        for time in 0..<(count + 1000) {
            extremes.append(time: time, value: Double(time))
            #expect(extremes.spread == Double(time))
        }
        extremes.removeAll(before: count + 500)
        #expect(extremes.maximum == Double(count + 999))
        #expect(extremes.minimum.map { $0 <= Double(count + 500) } == true)
    }
}
