import Plant
import Testing

@testable import Detection

@Suite struct SampleTestsTests {
    @Test(
        arguments: [
            (3, .good, .state), (5, .good, .state), (4, .good, .out), (3.5, .good, .out), (3, .timeout, .unknown),
            (3, .clamped, .unknown), (.nan, .good, .unknown),
        ] as [(Double, Quality, Verdict)])
    func `a state is one of the values`(value: Double, quality: Quality, verdict: Verdict) {
        var trial = Trial(.state([3, 5]))
        #expect(trial.take(0, value, quality).verdict == verdict)
    }

    @Test(
        arguments: [
            (0b0000, true, .out, nil), (0b0010, true, .state, "bit 1"), (0b1010, true, .state, "bit 1, 3"),
            (0b0101, true, .out, nil), (0b1010, false, .out, nil), (0b1000, false, .state, "bit 1"),
            (0b0000, false, .state, "bit 1, 3"),
        ] as [(UInt64, Bool, Verdict, String?)])
    func `bits are set or clear behind the mask`(bits: UInt64, set: Bool, verdict: Verdict, detail: String?) {
        var trial = Trial(.bits(mask: 0b1010, set: set))
        let finding = trial.take(0, .nan, .good, bits: bits)
        #expect(finding == Finding(verdict, priority: .high, detail: detail))
        #expect(trial.take(1, 0, .timeout, bits: bits).verdict == .unknown)
    }

    @Test func `the highest bit is a bit`() {
        var trial = Trial(.bits(mask: 1 << 63, set: true))
        #expect(trial.take(0, 0, .good, bits: 1 << 63).detail == "bit 63")
    }

    /// causes, quality, in
    @Test(
        arguments: [
            ([], .good, false), ([], .timeout, true), ([], .failHigh, true), ([], .exception(2), true),
            ([], .clamped, false), ([], .frozen, false),
            ([.failLow, .failHigh], .failHigh, true), ([.failLow, .failHigh], .timeout, false),
            ([.frozen], .frozen, true), ([.frozen], .timeout, false), ([.clamped], .clamped, true),
        ] as [([Quality], Quality, Bool)])
    func `the quality is bad for one of the causes`(causes: [Quality], quality: Quality, isIn: Bool) {
        var trial = Trial(.quality(causes))
        let finding = trial.take(0, .nan, quality)
        #expect(finding.verdict == (isIn ? .fault : .out))
        #expect(finding.detail == (isIn ? quality.name : nil))
        #expect(finding.priority == .high)
    }

    @Test(
        arguments: [
            ([.good, .good, .good], nil), ([.timeout, .good, .good], "2 of 3 inputs"),
            ([.good, .clamped, .good], "2 of 3 inputs"), ([.good, .failLow, .failLow], "1 of 3 inputs"),
            ([.timeout, .timeout, .timeout], "0 of 3 inputs"),
        ] as [([Quality], String?)])
    func `redundancy is lost with the first bad input`(qualities: [Quality], detail: String?) {
        var trial = Trial(.degraded(with: [1, 2]))
        for (tag, quality) in qualities.enumerated() { trial.world.set(tag, 1, at: 0, quality) }
        let finding = trial.take(trial.world.sample(0))
        #expect(finding == Finding(detail == nil ? .out : .fault, priority: .high, detail: detail))
    }

    /// Three-valued: alarm 1, tag 2 above 5.
    @Test(
        arguments: [
            (true, 6, .good, .fault), (true, 5, .good, .out), (false, 6, .good, .out), (true, 6, .timeout, .unknown),
            (false, 6, .timeout, .out),
        ] as [(Bool, Double, Quality, Verdict)])
    func `logic is in, out or unknown`(alarm: Bool, value: Double, quality: Quality, verdict: Verdict) {
        let logic = Logic(text: "a1 and t2 > 5", root: .all([.alarm(1), .compare(.tag(2), .more, .number(5))]))
        var trial = Trial(.logic(logic))
        if alarm { trial.world.alarms = [1] }
        trial.world.set(2, value, at: 0, quality)
        // The sample is but the time.
        let finding = trial.take(Sample(time: 0, value: .nan, quality: .neverRead))
        #expect(finding.verdict == verdict)
        #expect(finding.detail == (verdict == .fault ? "a1 and t2 > 5" : nil))
    }

    @Test func `lots and links are judged elsewhere`() {
        var comms = Trial(.comms(0, priority: .high))
        #expect(comms.take(0, 1).verdict == .unknown)
    }
}
