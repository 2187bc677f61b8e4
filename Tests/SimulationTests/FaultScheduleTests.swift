import Plant
import Testing

@testable import Simulation

@Suite struct FaultScheduleTests {
    private func fault(_ at: Int, _ fault: Fault, _ lasting: Int?) -> ScheduledFault {
        ScheduledFault(at: .seconds(at), controller: "F-01", fault: fault, lasting: lasting.map { .seconds($0) })
    }

    @Test func faultsBeginAndEndAtTheirTimes() {
        let first = fault(10, .waterLoss, 5)
        let second = fault(12, .thermocoupleOpen, nil)
        var schedule = FaultSchedule([first, second])
        var notices: [SimulationNotice] = []
        var active: [Double: [Fault]] = [:]
        for time in [9.9, 10, 11.9, 12, 14.9, 15, 100] {
            _ = schedule.advance(to: time, notices: &notices)
            active[time] = schedule.activeFaults
        }
        #expect(
            active == [
                9.9: [], 10: [.waterLoss], 11.9: [.waterLoss], 12: [.waterLoss, .thermocoupleOpen],
                14.9: [.waterLoss, .thermocoupleOpen], 15: [.thermocoupleOpen], 100: [.thermocoupleOpen],
            ])
        #expect(notices == [.faultStarted(first), .faultStarted(second), .faultEnded(first, at: .seconds(15))])
    }

    @Test func onlyAChangeIsReportedAsOne() {
        var schedule = FaultSchedule([fault(1, .feedStop, 2)])
        var notices: [SimulationNotice] = []
        let changes = [0.5, 1, 1.5, 2.9, 3, 3.5].map { schedule.advance(to: $0, notices: &notices) }
        #expect(changes == [false, true, false, false, true, false])
    }

    @Test func noticesReadLikeALog() {
        let water = fault(3725, .waterLoss, 5)
        #expect(SimulationNotice.faultStarted(water).description == "+1:02:05 F-01: water-loss begins, for 5 s")
        #expect(
            SimulationNotice.faultEnded(water, at: .seconds(3730)).description == "+1:02:10 F-01: water-loss is over")
    }
}
