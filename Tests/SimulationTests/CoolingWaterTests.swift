import Testing

@testable import Simulation

@Suite struct CoolingWaterTests {
    private func loop() -> CoolingWater { CoolingWater(nominalFlow: 180, tripFlow: 120, inlet: 28, heat: 200_000) }

    private func run(_ water: inout CoolingWater, seconds: Double, lost: Bool) {
        var noise = Noise(seed: 1)
        for _ in 0..<Int((seconds / 0.1).rounded()) {
            water.advance(by: 0.1, heat: 200_000, lost: lost, noise: &noise)
        }
    }

    @Test func steadyOutletCarriesTheHeatAway() {
        // 200 kW into 3 kg/s of water: 200000 / (3 x 4186) = 15.93 K.
        var water = loop()
        run(&water, seconds: 600, lost: false)
        #expect(abs(water.outlet - 43.93) < 0.01)
    }

    @Test func flowIsGoneTwoSecondsAfterALossAndBackTwoSecondsAfterItsEnd() {
        var water = loop()
        run(&water, seconds: 1, lost: true)
        #expect(abs(water.flow - 90) < 0.01)
        run(&water, seconds: 1.1, lost: true)
        #expect(water.flow == 0)
        run(&water, seconds: 2.1, lost: false)
        #expect(water.flow == 180)
    }

    @Test func tripLatchesUntilTheFlowHasBeenBackForAMinute() {
        var water = loop()
        #expect(!water.isTripped)
        run(&water, seconds: 2.1, lost: true)
        #expect(water.isTripped)
        #expect(water["trip_water_flow"] == 1)
        #expect(water["permit_water"] == 0)
        run(&water, seconds: 50, lost: false)
        #expect(water.flow == 180)
        #expect(water.isTripped)
        run(&water, seconds: 15, lost: false)
        #expect(!water.isTripped)
        #expect(water["permit_water"] == 1)
    }

    @Test func stoppedWaterBoilsAndGetsNoHotter() {
        var water = loop()
        run(&water, seconds: 300, lost: true)
        #expect(water.outlet > 100)
        #expect(water.outlet <= 105)
    }
}
