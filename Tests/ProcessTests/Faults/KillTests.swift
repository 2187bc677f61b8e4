import Foundation
import Historian
import TestSupport
import Testing

extension Faults {
    @Suite(.serialized)
    struct Kills {
        static let times = 100

        /// At any moment of a commit, a checkpoint or the making of a chunk.
        @Test func nothingAcknowledgedIsLostInAHundredKills() throws {
            var random = SeededRandom(seed: 5)
            let plant = try FaultYard(period: 5, commit: 10)
            for time in 1...Kills.times {
                let daemon = try plant.daemon()
                try plant.acknowledge(1 + random.next() % 60)
                // No wait for anything: the moment is to be any.
                usleep(UInt32(random.next() % 15_000))
                try plant.kill(daemon)
                try plant.audit()
                if time % 25 == 0 {
                    #expect(try plant.yard.sqlite(plant.yard.history, "PRAGMA integrity_check") == "ok")
                }
            }
            let ledger = try Ledger(plant.yard.history)
            // Every start but the first finds that the one before was cut off.
            #expect(ledger.count(.gap, text: "daemon not running") == Kills.times - 1)
            let spans = try plant.yard.sqlite(plant.yard.history, "SELECT count(*) FROM span")
            #expect(Int(spans) ?? 0 > 0, "nothing was sealed meanwhile")
        }
    }
}
