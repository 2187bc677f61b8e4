import Simulation
import Testing

@Suite struct NoiseTests {
    @Test func firstNumbersAreThoseOfSplitMix64() {
        // Reference output for seed 1234567 (Vigna's splitmix64.c, as published with Rosetta Code's task).
        var noise = Noise(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        ]
        for number in expected { #expect(noise.next() == number) }
    }

    @Test func anotherNameIsAnotherSequence() {
        var first = Noise(seed: 1, name: "F-01")
        var second = Noise(seed: 1, name: "F-02")
        var again = Noise(seed: 1, name: "F-01")
        let number = first.next()
        #expect(number == again.next())
        #expect(number != second.next())
    }

    @Test func normalHasMeanZeroAndDeviationOne() {
        var noise = Noise(seed: 7)
        let samples = (0..<20_000).map { _ in noise.normal() }
        let mean = samples.reduce(0, +) / Double(samples.count)
        let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples.count)
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.05)
        #expect(samples.allSatisfy { $0.isFinite })
    }
}
