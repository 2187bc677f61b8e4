import Foundation
import Historian
import TestSupport
import Testing

extension Faults {
    @Suite(.serialized)
    struct Clocks {
        /// Somebody sets the machine's clock. No scan is lost or merged with another, and the step itself is told.
        @Test(
            .enabled(if: FaultShim.obstacle == nil, Comment(rawValue: FaultShim.obstacle ?? "")),
            arguments: [Duration.seconds(-3600), .seconds(86_400), .seconds(-30), .seconds(30)])
        func aStepOfTheClockIsToldAndLosesNothing(step: Duration) throws {
            let plant = try FaultYard()
            let shim = try FaultShim(in: plant.yard.path)
            let daemon = try plant.daemon(environment: try shim.environment)
            try plant.acknowledge(50)
            shim.setClock(off: step)
            try plant.acknowledge(100)
            // And back again, as after a mistake.
            shim.setClock(off: .zero)
            let status = try plant.acknowledge(100)
            #expect(status.duplicateScans == 0)
            #expect(status.missingScans == 0)
            try plant.stop(daemon)
            let steps = try Ledger(plant.yard.history).events.filter { $0.kind == .clockStep }
            #expect(steps.count >= 2, "\(steps)")
        }
    }
}
