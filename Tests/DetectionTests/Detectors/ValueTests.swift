import Plant
import TestSupport
import Testing

@testable import Detection

@Suite struct ValueTests {
    private static let high = Levels(
        [
            AlarmLimit(level: .high, limit: 10, priority: .medium, deadband: 1),
            AlarmLimit(level: .highHigh, limit: 13, priority: .critical, deadband: 1),
        ], isAbove: true)

    @Test func `the value is judged by its limits with their priorities`() {
        var trial = Trial(.levels(Self.high))
        #expect(trial.take(0, 9.9).verdict == .out)
        #expect(trial.take(1, 10) == Finding(.high, limit: 10, priority: .medium))
        #expect(trial.take(2, 13) == Finding(.highHigh, limit: 13, priority: .critical))
        #expect(trial.take(3, 9.5).verdict == .high)
        #expect(trial.take(4, 8.9).verdict == .out)
    }

    @Test func `a value at the end of its range tells that it is in, not that it is out`() {
        var trial = Trial(.levels(Self.high))
        #expect(trial.take(0, 12, .clamped).verdict == .high)
        #expect(trial.take(1, 0, .clamped).verdict == .unknown)
    }

    @Test(
        arguments: [
            (20, .timeout), (20, .frozen), (20, .stale), (20, .doubtful), (.nan, .good), (.infinity, .good),
            (.infinity, .clamped),
        ] as [(Double, Quality)])
    func `nothing is said about what is no number to rely on`(value: Double, quality: Quality) {
        var trial = Trial(.levels(Self.high))
        #expect(trial.take(0, value, quality) == Finding(.unknown))
    }

    /// Tennessee Eastman, Braatz set (camaramm/tennessee-eastman-profBraatz @ 0643318858ce): cooling water flow of the
    /// reactor, samples 151...172 of test set 4. The fault enters after sample 160.
    @Test func `a step of the cooling water is in from the sample at which the fault enters`() {
        let flow = [
            41.748, 40.7, 42.296, 42.06, 41.412, 41.991, 40.444, 41.804, 40.819, 40.694, 47.248, 43.966, 45.329, 45.103,
            44.911, 45.099, 44.725, 45.43, 45.272, 45.383, 45.399, 44.991,
        ]
        var trial = Trial(.levels(.high(44, deadband: 1, .value)))
        #expect(brief(trial.take(flow, period: 180_000)) == "..........!!!!!!!!!!!!")
        // Sample 162 is within the deadband only.
        var plain = Trial(.levels(.high(44, .value)))
        #expect(brief(plain.take(flow, period: 180_000)) == "..........!.!!!!!!!!!!")
    }

    /// As above, test set 0, in which nothing happens.
    @Test func `an undisturbed flow stays out`() {
        let flow = [
            41.146, 41.295, 41.956, 40.84, 41.954, 41.229, 41.926, 41.072, 41.576, 40.637, 42.258, 41.41, 40.61, 40.64,
            40.293, 41.143, 41.038, 41.759, 41.026, 41.784, 41.444, 41.567,
        ]
        var trial = Trial(.levels(.high(44, deadband: 1, .value)))
        #expect(brief(trial.take(flow, period: 180_000)) == String(repeating: ".", count: 22))
    }

    /// ioos/ioos_qc tests/test_qartod.py @ 9c1853a40c8b: gross range, suspect outside 20...40, fail outside 10...50.
    @Test func `the published gross range has the published flags`() {
        let high = Levels(
            [
                AlarmLimit(level: .high, limit: 40, priority: .low),
                AlarmLimit(level: .highHigh, limit: 50, priority: .low),
            ], isAbove: true, isInclusive: false)
        let low = Levels(
            [
                AlarmLimit(level: .low, limit: 20, priority: .low),
                AlarmLimit(level: .lowLow, limit: 10, priority: .low),
            ],
            isAbove: false, isInclusive: false)
        let flags = [5, 10, 15, 20, 25, 30, 35, 40, 45, 51].map { (value: Double) in
            [high, low].map { levels in
                var trial = Trial(.levels(levels))
                return trial.take(0, value).verdict.level.severity + 1
            }.max()
        }
        // A severity of 0, 2 or 3 is flag 1 (good), 3 (suspect) or 4 (fail).
        #expect(flags == [4, 3, 3, 1, 1, 1, 1, 1, 3, 4])
    }

    /// Limits taken out of the definition and limits in a row with a name, which are not, say the same.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `plain levels are levels`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<500 {
            let (isAbove, isInclusive) = (random.chance(50), random.chance(50))
            let sign: Double = isAbove ? 1 : -1
            let deadband = Double(random.next() % 3)
            var limits = [
                AlarmLimit(level: isAbove ? .high : .low, limit: sign * 10, priority: .medium, deadband: deadband)
            ]
            if random.chance(70) {
                let level: AlarmLevel = isAbove ? .highHigh : .lowLow
                limits.append(AlarmLimit(level: level, limit: sign * 15, priority: .high, deadband: deadband))
            }
            var plain = Trial(.levels(Levels(limits, isAbove: isAbove, isInclusive: isInclusive)))
            let row = LimitSet(name: "row", limits: limits)
            var named = Trial(.levels(Levels(isAbove: isAbove, isInclusive: isInclusive, sets: [row])))
            try #require(plain.memory.find(.none, after: nil) != nil)
            try #require(named.memory.find(.none, after: nil) == nil)
            for time in Int64(0)..<30 {
                let value = sign * Double(random.next() % 20)
                let quality = random.pick([Quality.good, .good, .good, .clamped, .timeout])
                var found = named.take(time, value, quality)
                #expect(found.verdict == .unknown || found.detail == "limits row")
                found.detail = nil
                #expect(plain.take(time, value, quality) == found, "seed \(seed), round \(round), time \(time)")
            }
        }
    }
}
