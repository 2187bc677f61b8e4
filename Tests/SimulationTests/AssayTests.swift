import Testing

@testable import Simulation

@Suite struct AssayTests {
    private let typical = Assay.Impurities(iron: 900, carbon: 180, oxygen: 220, calcium: 40, others: 500)

    @Test func purityIsByDifference() {
        // 1700 ppm of impurities are 0.17 wt%: the lot of titanium that read 99.83.
        let impurities = Assay.Impurities(iron: 900, carbon: 300, oxygen: 400, calcium: 0, others: 100)
        #expect(abs(impurities.purity - 99.83) < 1e-9)
    }

    @Test func resultComesTwentyMinutesAfterTheSample() {
        var noise = Noise(seed: 5)
        var assay = Assay(typical: typical, sample: 7)
        assay.take(sample: 8)
        for _ in 0..<1199 { assay.advance(by: 1, noise: &noise) }
        #expect(assay.sequence == 1)
        #expect(assay.sample == 7)
        for _ in 0..<2 { assay.advance(by: 1, noise: &noise) }
        #expect(assay.sequence == 2)
        #expect(assay.sample == 8)
        #expect(assay.latest != typical)
    }

    @Test func resultsScatterByFivePercentAndFivePpm() {
        var noise = Noise(seed: 11)
        var assay = Assay(typical: typical, sample: 0)
        let iron = (1...4000).map { sample in
            assay.take(sample: sample)
            assay.advance(by: 1201, noise: &noise)
            return assay.latest.iron - 900
        }
        let deviation = (iron.reduce(0) { $0 + $1 * $1 } / 4000).squareRoot()
        #expect(abs(deviation - 50) < 2.5)
    }
}
