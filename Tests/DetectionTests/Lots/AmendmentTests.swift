import Foundation
import Plant
import TestSupport
import Testing

@testable import Detection

@Suite struct AmendmentTests {
    static let usual = LotChart.Rule.runs(.usual, Centre(mean: 99.83, sigma: 0.03))

    @Test func `the same lot with the same value is nothing new`() {
        var chart = Chart(Self.usual)
        #expect(chart.take(1, 99.83) != nil)
        #expect(chart.take(1, 99.83) == nil)
        #expect(chart.take(2, 99.83)?.isAmended == false)
        // The laboratory looks back at lot 1 and changes nothing.
        #expect(chart.take(1, 99.83) == nil)
        #expect(chart.take(2, 99.83) == nil)
        #expect(chart.memory.points.map(\.time) == [1000, 3000])
    }

    @Test func `a corrected assay says which signal it withdraws`() throws {
        var chart = Chart(Self.usual)
        chart.take(104, 99.83)
        #expect(chart.take(105, 99.71).isIn)
        let taken = chart.take(105, 99.83)
        let verdict = try #require(taken)
        #expect(verdict.finding.verdict == .out)
        #expect(verdict.finding.detail == "amended lot 105: 99.71 -> 99.83; rule 1 no longer fires")
        let amendment = try #require(verdict.amendment)
        #expect(amendment.before == 99.71 && amendment.after == 99.83 && amendment.isApplied)
        #expect(amendment.withdrawn == [LotSignal(lot: 105, name: "rule 1")])
        #expect(amendment.added.isEmpty)
    }

    @Test func `an older lot that turns out beyond its limits is in alarm until the next lot`() {
        var chart = Chart(Self.usual)
        chart.take([99.83, 99.84, 99.83])
        let verdict = chart.take(2, 99.99)
        #expect(verdict.isIn)
        #expect(
            verdict.detail == """
                amended lot 2: 99.84 -> 99.99; rule 1 now fires; \
                rule 1: 1 point more than 3 sigma above, lot 2, z 5.33
                """)
        #expect(chart.memory.standing(chart.chart, priority: .high)?.verdict == .out)
        #expect(chart.take(4, 99.83)?.finding.verdict == .out)
    }

    @Test func `a signal that a later lot completed is withdrawn by name`() {
        var chart = Chart(.runs(.usual, .standard))
        chart.take(Array(repeating: 0.5, count: 11))
        let verdict = chart.take(5, -0.5)
        #expect(verdict?.finding.verdict == .out)
        #expect(verdict.detail == "amended lot 5: 0.5 -> -0.5; rule 2 no longer fires at lots 9, 10, 11")
        chart.take(Array(repeating: 0.5, count: 20), from: 12)
        #expect(
            chart.take(5, 0.5).detail.hasPrefix(
                "amended lot 5: -0.5 -> 0.5; rule 2 now fires at lots 9, 10, 11, 12, 13; "))
    }

    @Test func `more lots than a line can hold are counted`() {
        var chart = Chart(.cusum(k: 0.5, h: 5, restarts: false, .standard))
        chart.take([20] + Array(repeating: 0, count: 12))
        #expect(
            chart.take(1, 0).detail == "amended lot 1: 20 -> 0; C+ no longer fires at lots 1, 2, 3, 4, 5 and 8 more")
    }

    @Test func `a lot that is no longer kept cannot be amended, and that is said once`() throws {
        var chart = Chart(Self.usual)
        chart.take(Array(repeating: 99.83, count: LotMemory.pointLimit + 1))
        let before = chart.memory.points
        let taken = chart.take(1, 99.5)
        let verdict = try #require(taken)
        #expect(verdict.finding.verdict == .unknown)
        #expect(verdict.finding.detail == "amended lot 1: 99.5; lot too old to amend, nothing recomputed")
        #expect(verdict.isAmended && verdict.amendment?.isApplied == false)
        #expect(chart.memory.points == before)
        #expect(chart.take(1, 99.5) == nil)
        #expect(chart.take(2, 99.5)?.amendment?.isApplied == true)
    }

    @Test func `the oldest lot that is kept is judged with those before it`() {
        var chart = Chart(.runs(.usual, .standard))
        chart.take(Array(repeating: 0.5, count: 8) + (0..<200).map { $0 % 2 == 0 ? -0.5 : 0.5 })
        #expect(chart.memory.points.first?.lot == 9)
        let verdict = chart.take(9, 0.5)
        #expect(
            verdict.detail == """
                amended lot 9: -0.5 -> 0.5; rule 2 now fires at lots 9, 10; \
                rule 2: 9 points above the centre, lots 2-10, z 0.5
                """)
    }

    @Test func `a restart forgets the window but knows its lots`() {
        var chart = Chart(.runs(.usual, .standard))
        chart.take(Array(repeating: 0.5, count: 8))
        chart.memory.restart()
        #expect(chart.take(8, 0.5) == nil)
        #expect(chart.memory.points.isEmpty)
        #expect(chart.take(7, 0.6)?.amendment?.isApplied == false)
        #expect(chart.take(Array(repeating: 0.5, count: 8), from: 9).allSatisfy { $0?.finding.verdict == .out })
        #expect(chart.take(17, 0.5).isIn)
    }

    @Test func `below detection keeps its place and is not charted`() {
        var chart = Chart(.cusum(k: 0.5, h: 5, restarts: false, Centre(mean: 2, sigma: 0.1)), scale: .log10)
        #expect(chart.take(1, 1000)?.finding.verdict == .alarm(.fault))
        let below = chart.take(2, 0)
        #expect(below?.finding.verdict == .unknown)
        #expect(below.detail == "lot 2: 0 is below detection, not charted")
        // The sums hold: 9.5, then 9.0.
        #expect(((chart.take(3, 100)?.finding.figure ?? .nan) - 9).magnitude < 1e-9)
        #expect(((chart.take(2, 100)?.finding.figure ?? .nan) - 8.5).magnitude < 1e-9)
        #expect(chart.take(1, -1).detail == "amended lot 1: 1000 -> -1; C+ no longer fires at lots 1, 2, 3")
    }

    @Test func `what is no number is no sample`() {
        var chart = Chart(Self.usual)
        #expect(chart.take(1, .nan) == nil)
        #expect(chart.take(.infinity, 1) == nil)
        #expect(chart.memory == LotMemory())
    }

    static let rules: [LotChart.Rule] = [
        .runs(RunRules(rules: Array(1...8), side: 20, trend: 7), .standard), .runs(.westernElectric, .standard),
        .ewma(lambda: 0.2, width: 2.7, .standard), .cusum(k: 0.5, h: 4, restarts: true, .standard),
        .cusum(k: 0.5, h: 4, restarts: false, .standard),
        // With a memory longer than the lots that are kept.
        .ewma(lambda: 0.005, width: 0.5, .standard), .cusum(k: 0.01, h: 4, restarts: false, .standard),
        .capability(Capability(lower: -3, upper: 3, least: 1, lots: 40)),
        .conformity(Conformity(lower: -2, upper: 2, guardBand: 0.5, decimals: 1)),
    ]

    /// An amended chart says of every lot what a chart says that had the right values from the start, beyond the 200
    /// points that are kept too. Saved and loaded at any moment it goes on in the same way.
    @Test(arguments: rules, [1, 2] as [UInt64])
    func `amending equals having known better`(rule: LotChart.Rule, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var amended = Chart(rule)
        var values: [Double] = []
        func noise() -> Double { (0..<4).reduce(0) { sum, _ in sum + Double(random.next() % 1001) / 500 - 1 } }
        for lot in 1...300 {
            values.append(noise() + (lot % 90 > 70 ? 1 : 0))
            amended.take(Double(lot), values[lot - 1])
            if random.chance(10) {
                let index = max(0, lot - 1 - Int(random.next() % UInt64(min(lot, LotMemory.pointLimit))))
                values[index] = noise()
                let verdict = amended.take(Double(index + 1), values[index])
                #expect(verdict == nil || verdict?.amendment?.isApplied == true, "seed \(seed), lot \(lot)")
            }
            if random.chance(3) {
                let saved = try JSONEncoder().encode(amended.memory)
                let loaded = try JSONDecoder().decode(LotMemory.self, from: saved)
                #expect(loaded == amended.memory, "seed \(seed), lot \(lot)")
                amended.memory = loaded
            }
            guard lot % 60 == 0 else { continue }
            var scratch = Chart(rule)
            scratch.take(values)
            let standing = amended.memory.standing(amended.chart, priority: .high)
            #expect(standing == unbounded(values, amended.chart), "seed \(seed), lot \(lot)")
            #expect(
                peek(amended, 2.5)?.finding == unbounded(values + [2.5], amended.chart), "seed \(seed), lot \(lot)")
            let (right, found) = (scratch.memory.points.map(\.value), amended.memory.points.map(\.value))
            #expect(right == found, "seed \(seed), lot \(lot)")
            #expect(amended.memory.points.count <= LotMemory.pointLimit)
        }
    }

    /// What an amendment says it withdrew and added is the difference of two charts from scratch, whatever the verdict.
    @Test(arguments: rules.filter { if case .capability = $0 { false } else { true } }, [5, 6] as [UInt64])
    func `withdrawn and added are the difference of two charts`(rule: LotChart.Rule, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var values = (0..<60).map { _ in Double(random.next() % 701) / 100 - 3.5 }
        for round in 0..<10 {
            var chart = Chart(rule)
            let before = fired(chart.take(values))
            let index = Int(random.next() % 60)
            values[index] = Double(random.next() % 701) / 100 - 3.5
            guard let amendment = chart.take(Double(index + 1), values[index])?.amendment else { continue }
            var right = Chart(rule)
            let after = fired(right.take(values))
            // Not less than the lots that changed from quiet to firing and back.
            let (withdrawn, added) = (Set(amendment.withdrawn.map(\.lot)), Set(amendment.added.map(\.lot)))
            #expect(before.subtracting(after).isSubset(of: withdrawn), "seed \(seed), round \(round)")
            #expect(after.subtracting(before).isSubset(of: added), "seed \(seed), round \(round)")
            #expect(withdrawn.isSubset(of: before) && added.isSubset(of: after), "seed \(seed), round \(round)")
            #expect(withdrawn.union(added).allSatisfy { $0 >= Double(index + 1) }, "seed \(seed), round \(round)")
        }
    }

    /// What a chart says that keeps every lot there was.
    private func unbounded(_ values: [Double], _ chart: LotChart) -> Finding? {
        var sums: LotSums?
        let points = values.enumerated().map { LotPoint(lot: Double($0.offset + 1), value: $0.element, time: 0) }
        return LotSums.take(points, chart, .high, into: &sums).last?.finding
    }

    /// What the chart would say of one more lot.
    private func peek(_ chart: Chart, _ value: Double) -> LotVerdict? {
        var chart = chart
        return chart.take((chart.memory.points.last?.lot ?? 0) + 1, value)
    }

    private func fired(_ verdicts: [LotVerdict?]) -> Set<Double> {
        Set(verdicts.indices.filter { verdicts[$0].isIn }.map { Double($0 + 1) })
    }

    @Test func `a slip of the keyboard leaves the memory fit to be saved`() throws {
        for rule in Self.rules {
            var chart = Chart(rule)
            chart.take([1e308, 1e308, -1e308, 1e308] + Array(repeating: 1e308, count: 220))
            let saved = try JSONEncoder().encode(chart.memory)
            #expect(try JSONDecoder().decode(LotMemory.self, from: saved) == chart.memory)
        }
    }
}
