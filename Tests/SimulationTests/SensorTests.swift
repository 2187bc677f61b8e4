import Foundation
import Simulation
import Testing

@Suite struct SensorTests {
    @Test(arguments: [0.1, 1, 10]) func followsAStepTo63PercentInItsTimeConstant(step: Double) {
        var noise = Noise(seed: 1)
        var sensor = Sensor(at: 0, timeConstant: 60, noise: 0)
        for _ in 0..<Int(60 / step) { sensor.follow(100, for: step, noise: &noise) }
        #expect(abs(sensor.reading - 100 * (1 - exp(-1))) < 1e-6)
    }

    @Test func withoutTimeConstantItFollowsAtOnce() {
        var noise = Noise(seed: 1)
        var sensor = Sensor(at: 0, timeConstant: 0, noise: 0)
        sensor.follow(100, for: 0.1, noise: &noise)
        #expect(sensor.reading == 100)
    }

    @Test func driftsOnlyWhereItIsHot() {
        var noise = Noise(seed: 1)
        var hot = Sensor(at: 1450, timeConstant: 1, noise: 0, driftPerHour: -0.1, driftAbove: 1300)
        var warm = Sensor(at: 1200, timeConstant: 1, noise: 0, driftPerHour: -0.1, driftAbove: 1300)
        for _ in 0..<36_000 {
            hot.follow(1450, for: 1, noise: &noise)
            warm.follow(1200, for: 1, noise: &noise)
        }
        #expect(abs(hot.reading - 1449) < 0.001)
        #expect(warm.reading == 1200)
    }

    @Test func tremblesByItsNoise() {
        var noise = Noise(seed: 3)
        var sensor = Sensor(at: 10, timeConstant: 0, noise: 2)
        let deviations = (0..<5000).map { _ in
            sensor.follow(10, for: 1, noise: &noise)
            return sensor.reading - 10
        }
        let deviation = (deviations.reduce(0) { $0 + $1 * $1 } / 5000).squareRoot()
        #expect(abs(deviation - 2) < 0.1)
    }
}
