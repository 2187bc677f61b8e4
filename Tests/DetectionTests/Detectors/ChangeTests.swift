import Plant
import Testing

@testable import Detection

@Suite struct ChangeTests {
    /// epics-base recGblCheckDeadbandTest.c @ 022b8d468bf2, the rows with deadband 0: old, new, whether it is a change.
    ///
    /// EPICS tells changes to and from what is no number. Here those samples have no verdict: their quality is bad.
    @Test(
        arguments: [
            (1, 2, true), (0, 2, true), (0, 0, false), (-0.0, 0, false), (1, .nan, true), (1, .infinity, true),
            (1, -.infinity, true), (.nan, 1, true), (.nan, .nan, false), (.nan, .infinity, true),
            (.nan, -.infinity, true), (.infinity, 1, true), (.infinity, .nan, true), (.infinity, .infinity, false),
            (.infinity, -.infinity, true), (-.infinity, 1, true), (-.infinity, .nan, true),
            (-.infinity, .infinity, true), (-.infinity, -.infinity, false),
        ] as [(Double, Double, Bool)])
    func `a change is another number than before`(old: Double, new: Double, isChange: Bool) {
        var trial = Trial(.change)
        #expect(trial.take(0, old).verdict == .unknown)
        let isKnown = old.isFinite && new.isFinite
        #expect(trial.take(1, new).verdict == (isKnown ? isChange ? .fault : .out : .unknown))
    }

    @Test func `a change behind bad samples or a gap is a change`() {
        var trial = Trial(.change, maxGap: 3000)
        #expect(brief(trial.take([7, 7, nil, nil, 8, 8], period: 1000)) == "?.??!.")
        #expect(trial.take(100_000, 9) == Finding(.fault, priority: .high, detail: "8 to 9"))
        trial.memory.reset(trial.definition)
        #expect(trial.take(101_000, 10).verdict == .unknown)
    }
}

@Suite struct EdgeTests {
    private static func trial(_ count: Int, maxGap: Int64 = 3000) -> Trial {
        Trial(.edges(count: count, within: .seconds(5)), maxGap: maxGap)
    }

    @Test func `so many changes within the time are in`() {
        var trial = Self.trial(3)
        // Changes at 1, 2, 4; then 9, which sees only itself and 4.
        #expect(brief(trial.take([0, 1, 0, 0, 1, 1, 1, 1, 1, 0], period: 1000)) == "????!!!...")
        #expect(trial.take(10_000, 0).figure == 1)
    }

    @Test func `a change as old as the window counts, an older one does not`() {
        var trial = Self.trial(2)
        trial.take(0, 0)
        trial.take(100, 1)
        for time in stride(from: Int64(1000), through: 5000, by: 1000) { trial.take(time, 1) }
        #expect(trial.take(5100, 0).verdict == .fault)
        #expect(trial.take(5101, 0).verdict == .out)
    }

    @Test func `out is known when the window was watched`() {
        var trial = Self.trial(3)
        #expect(brief(trial.take([0, 0, 0, 0, 0, 0, 0], period: 1000)) == "?????..")
    }

    @Test func `no change is counted across a bad sample or a gap`() {
        var trial = Self.trial(2)
        #expect(brief(trial.take([0, 1, nil, 0, 1, 1], period: 1000)) == "??????")
        #expect(trial.take(8001, 0).verdict == .unknown)
        #expect(trial.take(9000, 1).figure == 1)
        #expect(trial.take(10_000, 0).verdict == .fault)
    }

    @Test func `a count beyond the limit is the limit`() {
        var trial = Trial(.edges(count: 1_000_000, within: .seconds(1_000_000)))
        let values = (0...EdgeCounter.limit).map { Double($0 % 2) as Double? }
        #expect(trial.take(values, period: 1).last == .fault)
    }
}
