import Performance
import Plant
import TestSupport
import Testing

@Suite struct NoiseTests {
    /// Nearly normal, mean 0 and sigma 1: twelve uniform numbers added (Irwin-Hall).
    static func normal(_ random: inout SeededRandom) -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
    }

    static func estimate(_ values: some Sequence<Double>) -> NoiseEstimate? {
        var meter = NoiseMeter(maxGap: .seconds(3))
        for (index, value) in values.enumerated() { meter.take(time: Int64(index) * 1000, value: value) }
        return meter.estimate
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `sigma of normal noise is found, beside a ramp and steps too`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let noise = (0..<4000).map { _ in 2 * Self.normal(&random) }
        let moved = noise.enumerated().map { $0.element + 0.5 * Double($0.offset) + ($0.offset % 50 < 25 ? 0 : 400) }
        #expect(abs(try #require(Self.estimate(noise)).sigma - 2) < 0.15, "seed \(seed)")
        #expect(abs(try #require(Self.estimate(moved)).sigma - 2) < 0.25, "seed \(seed)")
    }

    @Test func `by hand`() throws {
        // Differences 1, 2 ... 31: the median is 16, the median distance from it 8.
        let estimate = try #require(NoiseEstimate(differences: (1...31).map(Double.init)))
        #expect(abs(estimate.sigma - 1.4826 * 8 / 2.0.squareRoot()) < 1e-12)
        #expect(estimate.resolution == 1 && estimate.differences == 31)
        #expect(estimate.sigmas(2 * estimate.sigma) == 2)
        #expect(NoiseEstimate(differences: (1...29).map(Double.init)) == nil)
    }

    @Test func `of what mostly stands still the resolution is left`() throws {
        let steps = (0..<100).map { $0 % 10 == 0 ? 0.1 : 0.0 }
        #expect(abs(try #require(NoiseEstimate(differences: steps)).sigma - 0.1 / 12.0.squareRoot()) < 1e-12)
        #expect(NoiseEstimate(differences: Array(repeating: 0, count: 40))?.sigma == 0)
    }

    @Test func `samples across a gap and numbers that are none are no neighbours`() {
        var meter = NoiseMeter(maxGap: .seconds(3))
        for index in 0..<100 { meter.take(time: Int64(index) * 3001, value: Double(index)) }
        #expect(meter.estimate == nil)
        for index in 0..<100 { meter.take(time: 400_000 + Int64(index) * 3000, value: index % 2 == 0 ? .nan : 1) }
        #expect(meter.estimate == nil)
    }

    @Test func `memory is bounded and the whole time is seen`() throws {
        // Quiet at first, noisy for three quarters of the time.
        var random = SeededRandom(seed: 1)
        let values = (0..<100_000).map { ($0 < 25_000 ? 0.01 : 1) * Self.normal(&random) }
        let estimate = try #require(Self.estimate(values))
        #expect(estimate.differences <= NoiseMeter.limit)
        #expect(estimate.sigma > 0.5)
        // And the other way round: the newest does not outweigh the rest.
        let calmed = (0..<100_000).map { ($0 < 70_000 ? 1 : 0.01) * Self.normal(&random) }
        #expect(try #require(Self.estimate(calmed)).sigma > 0.4)
    }
}
