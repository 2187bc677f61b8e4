import Plant
import Testing

@testable import Simulation

@Suite struct GenericModelTests {
    private let tags = [
        sampleTag("ranged", type: .float32, range: -100...300), sampleTag("free", type: .uint16),
        sampleTag("flag", type: .bool, bit: 3), sampleTag("mode", type: .uint16, states: [3: "auto", 5: "manual"]),
        sampleTag("pv", type: .float32, unit: "degC", range: 0...1600),
    ]

    @Test func numbersWanderInTheMiddleOfTheirRange() {
        var model = GenericModel(tags: tags, noise: Noise(seed: 9))
        var seen: [Double] = []
        for _ in 0..<2000 {
            model.advance(by: 1)
            seen.append(model["ranged"] ?? .nan)
            #expect((40.0...60.0).contains(model["free"] ?? .nan))
        }
        #expect(seen.allSatisfy { (60.0...140.0).contains($0) })
        #expect((seen.max() ?? 0) - (seen.min() ?? 0) > 10)
    }

    @Test func whatIsDiscreteStandsStill() {
        var model = GenericModel(tags: tags, noise: Noise(seed: 9))
        for _ in 0..<100 {
            model.advance(by: 1)
            #expect(model["flag"] == 0)
            #expect(model["mode"] == 3)
        }
        #expect(model["nothing"] == nil)
    }

    @Test func onlyTheControlTemperatureFeelsAnExcursion() {
        var calm = GenericModel(tags: tags, noise: Noise(seed: 9))
        var hot = calm
        hot.disturbances.overTemperature = 60
        for _ in 0..<20 {
            calm.advance(by: 1)
            hot.advance(by: 1)
        }
        #expect(abs((hot["pv"] ?? 0) - (calm["pv"] ?? 0) - 60) < 1e-9)
        #expect(hot["ranged"] == calm["ranged"])
    }
}
