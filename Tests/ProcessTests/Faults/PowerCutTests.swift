import Foundation
import TestSupport
import Testing

extension Faults {
    @Suite(.serialized)
    struct PowerCuts {
        @Test(
            .enabled(if: Mount.obstacleOnDisk == nil, Comment(rawValue: Mount.obstacleOnDisk ?? "")),
            arguments: [1, 2, 3])
        func nothingAcknowledgedIsLost(seed: UInt64) throws {
            var random = SeededRandom(seed: seed)
            let plant = try FaultYard(disk: .ext4())
            for _ in 1...2 {
                let daemon = try plant.daemon()
                try plant.acknowledge(20 + random.next() % 100)
                // No wait for anything: the moment is to be any.
                usleep(UInt32(random.next() % 20_000))
                // What was acknowledged before the cut is on the disk; after it nothing gets there.
                _ = try plant.status()
                try plant.disk.cutPower()
                try plant.kill(daemon)
                try plant.disk.restart()
                try plant.audit()
                #expect(try plant.yard.sqlite(plant.yard.history, "PRAGMA integrity_check") == "ok")
            }
            let daemon = try plant.daemon()
            try plant.acknowledge(5)
            try plant.stop(daemon)
        }
    }
}
