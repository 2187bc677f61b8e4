import Testing

@testable import Simulation

@Suite struct CellModelTests {
    private func cell() -> CellModel { CellModel(noise: Noise(seed: 1)) }

    private func run(_ cell: inout CellModel, hours: Double, step: Double = 1) {
        for _ in 0..<Int((hours * 3600 / step).rounded()) { cell.advance(by: step) }
    }

    @Test func steadyBathIsAt1049() {
        // U = 1.622 + 1.167e-3 x 4010 = 6.302 V; (25270 - 5405) W / 19.4 W/K + 25 = 1048.97 degC.
        var cell = cell()
        run(&cell, hours: 100, step: 1)
        #expect(abs(cell.temperature - 1048.97) < 0.05)
        #expect(abs(cell.voltage - 6.302) < 0.001)
        #expect(cell.current == 4010)
        #expect(abs((cell["melt_temp"] ?? 0) - 1049) < 3)
    }

    @Test func oxideBalances() {
        var cell = cell()
        let oxide = cell.oxide
        run(&cell, hours: 24)
        // 129 kg of metal a day at 75 %; what was fed is in the metal or in the bath.
        #expect(abs(cell.metalWon - 129.2) < 0.5)
        #expect(abs(cell.oxideFed - 1.1664 * cell.metalWon - (cell.oxide - oxide)) < 1e-6)
        #expect(abs(cell.oxideShare - 2.5) < 0.01)
        #expect(abs(cell.feed - 6.28) < 0.02)
    }

    @Test(arguments: [0.1, 1]) func feedStoppedAtFourHoursGivesTheAnodeEffectAt48(step: Double) throws {
        var cell = cell()
        run(&cell, hours: 4, step: step)
        #expect(cell.film < 1e-9)
        cell.disturbances.feedStopped = true
        var hours = 4.0
        while cell.voltage < 9 {
            cell.advance(by: step)
            hours += step / 3600
            try #require(hours < 6)
        }
        #expect(abs(hours - 4.8) < 0.02)
    }

    @Test func anodeEffectRunsToTheVoltageLimitAndTheCurrentCollapsesUntilOxideIsFed() {
        var cell = cell()
        cell.disturbances.feedStopped = true
        run(&cell, hours: 0.9)
        #expect(cell.voltage == 15)
        #expect(cell.current == 120)
        #expect(cell.film > 0.99)
        cell.disturbances.feedStopped = false
        run(&cell, hours: 1)
        #expect(cell.film < 0.01)
        #expect(cell.current == 4010)
        #expect(abs(cell.voltage - 6.302) < 0.2)
    }

    @Test func pseudoResistanceIsThatOfTheBath() {
        var cell = cell()
        run(&cell, hours: 1)
        #expect(abs((cell.voltage - 1.6) / cell.current * 1000 - 1.17) < 0.01)
    }

    @Test func tapsEveryThreeHoursWhatWasWon() {
        var cell = cell()
        let first = cell["batch_seq"] ?? 0
        run(&cell, hours: 7.6)
        #expect(cell["batch_seq"] == first + 3)
        #expect((10...20).contains(cell["tap_weight"] ?? 0))
        // 5.39 kg/h for three hours.
        #expect(abs((cell["tap_weight"] ?? 0) - 16.16) < 0.1)
        #expect((cell["phase_elapsed"] ?? 0) < 600)
    }

    @Test func ampereHoursCountTheCurrent() {
        var cell = cell()
        let before = cell.ampereHours
        run(&cell, hours: 2)
        #expect(abs(cell.ampereHours - before - 8020) < 0.01)
    }

    @Test func lostWaterTripsTheRectifier() {
        var cell = cell()
        cell.disturbances.waterLost = true
        run(&cell, hours: 0.01)
        #expect(cell["trip_water_flow"] == 1)
        #expect(cell.current == 0)
        #expect((cell["cell_current"] ?? 99) < 30)
        cell.disturbances.waterLost = false
        run(&cell, hours: 0.1)
        #expect(cell["trip_water_flow"] == 0)
        #expect(cell.current == 4010)
    }
}
