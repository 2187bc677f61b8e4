import Plant
import Testing

@Suite struct TagRulesTests {
    /// NAMUR NE 43: 3.8...20.5 mA measures, 3.6 mA and below or 21.0 mA and above is a failure.
    @Test(arguments: [
        (0.0, Quality.failLow), (3.59, .failLow), (3.6, .clamped), (3.79, .clamped), (3.8, .good), (4, .good),
        (12, .good), (20, .good), (20.5, .good), (20.51, .clamped), (21.0, .clamped), (21.01, .failHigh),
        (24, .failHigh),
    ])
    func aLiveZeroSignalIsJudgedByItsBands(current: Double, quality: Quality) {
        let loop = CurrentLoop(raw: 4...20)
        #expect(loop.current(of: current) == current)
        #expect(loop.quality(of: current) == quality)
    }

    @Test func rawValuesStandForTheEndsOfTheSignal() {
        // Siemens analog inputs: 0 is 4 mA and 27 648 is 20 mA.
        let loop = CurrentLoop(raw: 0...27_648)
        #expect(loop.current(of: 13_824) == 12)
        #expect(loop.quality(of: -864) == .failLow, "3.5 mA")
        #expect(loop.quality(of: 28_512) == .good, "20.5 mA")
    }

    @Test func aPlantMaySetItsOwnBands() {
        let loop = CurrentLoop(raw: 4...20, failLow: 2, measures: 3...21, failHigh: 22)
        #expect([1.9, 2.5, 3, 21.5, 22.5].map(loop.quality) == [.failLow, .clamped, .good, .clamped, .failHigh])
    }

    @Test func theFirstTestThatHoldsDecides() {
        let rule = StatusRule(
            tag: 0,
            tests: [
                .init(.isOne(of: [19]), .sensorFault), .init(.anyBit(of: 0b1000), .weakSignal),
                .init(.anyBitClear(of: 0b1), .doubtful), .init(.isNone(of: [1, 3]), .clamped),
            ])
        #expect(rule.quality(under: 19) == .sensorFault)
        #expect(rule.quality(under: 0b1001) == .weakSignal)
        #expect(rule.quality(under: 0b0010) == .doubtful)
        #expect(rule.quality(under: 0b0101) == .clamped)
        #expect(rule.quality(under: 3) == .good)
    }
}
