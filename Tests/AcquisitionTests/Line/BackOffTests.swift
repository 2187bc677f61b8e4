import Testing

@testable import Acquisition

@Suite struct BackOffTests {
    @Test(arguments: [UInt64(1), 2, 3, 0xDEAD_BEEF])
    func itDoublesFromASecondToAMinuteWithUpToAQuarterMore(seed: UInt64) {
        var backOff = BackOff(BackOff.line, seed: seed)
        for base in [1.0, 2, 4, 8, 16, 32, 48, 48, 48] {
            let seconds = Double(backOff.wait()) / 1e9
            #expect(seconds >= base && seconds <= base * 1.25, "seed \(seed)")
            #expect(seconds <= 60)
        }
    }

    @Test func aUnitBehindAGatewayIsProbedAfterTenSecondsToFiveMinutes() {
        var backOff = BackOff(BackOff.unit, seed: 9)
        for base in [10.0, 20, 40, 80, 160, 240, 240] {
            let seconds = Double(backOff.wait()) / 1e9
            #expect(seconds >= base && seconds <= base * 1.25 && seconds <= 300)
        }
    }

    @Test func itBeginsAnewWhenItWorked() {
        var backOff = BackOff(BackOff.line, seed: 5)
        for _ in 0..<9 { _ = backOff.wait() }
        backOff.reset()
        #expect(backOff.wait() <= 1_250_000_000)
    }

    @Test func twoLinesDoNotComeBackInTheSameInstant() {
        let waits = Set(
            (0..<100).map { (seed: UInt64) -> Int64 in
                var backOff = BackOff(BackOff.line, seed: seed)
                return backOff.wait()
            })
        #expect(waits.count == 100)
    }
}
