import Plant
import Testing

@testable import Detection

/// Charts on the board: the tag of the assay and the tag of the lot's number in one scan.
@Suite struct LotAlarmTests {
    private static let alarm = AlarmDefinition.on(
        0, 0,
        .lots(
            LotChart(lot: 1, rule: .runs(RunRules(rules: [1]), Centre(mean: 99.7, sigma: 0.05))), priority: .high))

    @Test func aLotIsAPointHoweverOftenItIsRead() {
        var rig = BoardRig([Self.alarm])
        rig.scan(0, at: 0, 99.7, 101)
        #expect(rig.board.takeCharted() == [0])
        rig.scan(0, at: 1000, 99.7, 101)
        #expect(rig.board.takeCharted().isEmpty)
        #expect(rig.scan(0, at: 2000, 99.5, 102) == ["raise!0@2000"])
        #expect(rig.scan(0, at: 3000, 99.7, 103) == ["clear0@3000"])
    }

    @Test func aCorrectedAssayIsAnEventOfItsOwn() throws {
        var rig = BoardRig([Self.alarm])
        rig.scan(0, at: 0, 99.5, 101)
        #expect(rig.scan(0, at: 1000, 99.72, 101) == ["amended!0@1000", "clear0@1000"])
        let detail = try #require(rig.happened.first { $0.event.what == .amended }?.event.detail)
        #expect(detail.contains("99.5 -> 99.72") && detail.contains("no longer fires"), "\(detail)")
    }

    @Test func neitherABadAssayNorABadLotIsAPoint() {
        var rig = BoardRig([Self.alarm])
        rig.scan(0, at: 0, 99.0, 101, quality: .timeout)
        #expect(rig.board.takeCharted().isEmpty && rig.happened.isEmpty)
    }

    @Test func theChartSurvivesARestartAndTheLastLotIsJudgedOnceMore() {
        var rig = BoardRig([Self.alarm])
        rig.scan(0, at: 0, 99.7, 101)
        rig.scan(0, at: 1000, 99.5, 102)
        var next = BoardRig([Self.alarm], states: rig.board.states)
        next.board.restart([0], at: 9000)
        _ = next.gather()
        #expect(next.scan(0, at: 10_000, 99.5, 102) == [], "it is the same lot, and stands")
        #expect(next.board.states[0].core == .unack)
        #expect(next.scan(0, at: 11_000, 99.71, 102) == ["amended!0@11000", "clear0@11000"])
    }
}
