import Detection
import Plant
import Testing

@testable import Watch

struct DiagnosticGroupTests {
    private func overload(_ percent: Float) -> RawReading {
        RawReading(bits: UInt64(percent.bitPattern), slot: 0, quality: .good)
    }

    @Test func countersOfALostControllerDoNotBringItBack() {
        let rig = Rig(ComputedPlant.plant())
        rig.block(0, sequence: 1, [], loss: .timeout)
        #expect(rig.transitions.all.map(\.event.what) == [.raise])
        rig.clock.advance(.seconds(10))
        rig.block(2, sequence: 1, [overload(0)])
        #expect(rig.transitions.all.count == 1, "the alarm on the controller stands")
        #expect(rig.shared.latest[ComputedPlant.overload].quality == .good)
    }

    @Test func countersAreNoNewsOfAController() {
        let rig = Rig(ComputedPlant.plant())
        rig.block(2, sequence: 1, [], loss: .localFault)
        #expect(rig.transitions.all.isEmpty)
        rig.block(0, sequence: 1, [], loss: .timeout)
        #expect(rig.transitions.all.map(\.event.what) == [.raise], "the first that was heard of it")
    }

    @Test func theyRaiseAlarmsAndAreRecordedLikeReadings() {
        let rig = Rig(ComputedPlant.plant())
        rig.block(2, sequence: 4, [overload(5)])
        #expect(rig.transitions.all.map(\.alarm) == [2])
        #expect(rig.recorded().map(\.header.sequence) == [4])
    }
}
