import Modbus
import Plant
import Testing

@testable import Acquisition

@Suite struct LineScheduleTests {
    private static let millisecond: Int64 = 1_000_000

    /// One group every 100 ms, the grid at 1 000, 1 100, … ms.
    private func schedule() -> LineSchedule {
        let group = GroupPlan(
            group: 0, controller: 0, period: .milliseconds(100), phase: .zero, requests: [], verifies: false,
            computes: false)
        let plan = LinePlan(
            endpoints: [Endpoint(host: "127.0.0.1", port: 502)], controllers: [0], groups: [group], diagnostics: [])
        return LineSchedule(plan, now: 1000 * Self.millisecond)
    }

    struct Row: Sendable {
        let at: Int64
        let late: Bool
        let skipped: Int
        let next: Int64
    }

    @Test(arguments: [
        Row(at: 1000, late: false, skipped: 0, next: 1100), Row(at: 1001, late: false, skipped: 0, next: 1100),
        Row(at: 1010, late: false, skipped: 0, next: 1100), Row(at: 1011, late: true, skipped: 0, next: 1100),
        Row(at: 1099, late: true, skipped: 0, next: 1100), Row(at: 1100, late: true, skipped: 1, next: 1200),
        Row(at: 1101, late: true, skipped: 1, next: 1200), Row(at: 5050, late: true, skipped: 40, next: 5100),
    ])
    func aScanComesBackToItsGridAndLeavesOutWhatHasPassed(_ row: Row) {
        var schedule = schedule()
        let taken = schedule.take(0, at: row.at * Self.millisecond)
        #expect(taken.late == row.late && taken.skipped == row.skipped)
        #expect(taken.lateness == (row.at - 1000) * Self.millisecond)
        #expect(schedule.slots[0].due == row.next * Self.millisecond)
    }

    @Test func theGridNeverDrifts() {
        var schedule = schedule()
        var random = SplitMix(state: 42)
        for _ in 0..<1000 {
            let due = schedule.slots[0].due
            #expect(due % (100 * Self.millisecond) == 0)
            _ = schedule.take(0, at: due + Int64.random(in: 0..<(350 * Self.millisecond), using: &random))
            #expect(schedule.slots[0].due > due)
        }
    }

    @Test func aScanOutOfTurnIsNeitherLateNorLeavesOutOthers() {
        var schedule = schedule()
        schedule.call(0, at: 1030 * Self.millisecond)
        let taken = schedule.take(0, at: 9030 * Self.millisecond)
        #expect(!taken.late && taken.skipped == 0 && taken.lateness == nil)
        #expect(schedule.slots[0].due == 9100 * Self.millisecond)
        #expect(schedule.slots[0].onGrid)
    }

    @Test func aScanBeforeItsFirstTurnLeavesTheGridWhereItIs() {
        var schedule = schedule()
        schedule.call(0, at: 0)
        _ = schedule.take(0, at: 500 * Self.millisecond)
        #expect(schedule.slots[0].due == 1000 * Self.millisecond)
    }
}
