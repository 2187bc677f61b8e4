import Plant
import Simulation
import Testing

@testable import Simulation

@Suite struct ProcessModelTests {
    @Test func kindIsReadOffTheTagsAndTheName() {
        let plant = SamplePlant.plant
        #expect(plant.controllers.map { plant.kind(of: $0) } == [.furnace, .cell, .other])
    }

    @Test(arguments: [
        ("K-3", "Nd cell 3", ProcessKind.cell), ("K-3", "Cellar furnace", .furnace), ("ec9", "", .cell),
        ("F-02", "", .furnace),
    ])
    func aSharedMapIsACellOnlyWhereItSaysSo(name: String, description: String, kind: ProcessKind) {
        var builder = SamplePlant.Builder()
        builder.add(name, description: description, port: 1, unit: 1) { SamplePlant.plcTags(&$0) }
        #expect(builder.plant.kind(of: builder.plant.controllers[0]) == kind)
    }

    @Test func excursionRampsLinearlyInTenSeconds() {
        var excursion = Excursion()
        for _ in 0..<50 { excursion.advance(by: 0.1, toward: 60) }
        #expect(abs(excursion.kelvin - 30) < 1e-9)
        for _ in 0..<60 { excursion.advance(by: 0.1, toward: 60) }
        #expect(excursion.kelvin == 60)
        for _ in 0..<110 { excursion.advance(by: 0.1, toward: 0) }
        #expect(excursion.kelvin == 0)
    }
}
