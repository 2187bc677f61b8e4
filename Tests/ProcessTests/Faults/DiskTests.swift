import Foundation
import Glibc
import Historian
import TestSupport
import Testing

extension Faults {
    @Suite(.serialized)
    struct Disks {
        /// Space for the databases and a while of their logs.
        static let bytes = 12 << 20

        @Test(.enabled(if: Mount.obstacleInMemory == nil, Comment(rawValue: Mount.obstacleInMemory ?? "")))
        func aFullDiskDelaysNobodyAndNothingIsLostOnceThereIsSpace() throws {
            let plant = try FaultYard(disk: .memory(bytes: Disks.bytes))
            let daemon = try plant.daemon()
            try plant.acknowledge(20)
            for round in 1...2 {
                try plant.disk.fill()
                let full = try plant.wait(for: .degraded)
                #expect(full.lastError?.contains("no room") == true, "round \(round): \(full.lastError ?? "no error")")
                let seen = try plant.newestValue()
                _ = try eventually("polling goes on") { try plant.newestValue() > seen + 20 ? true : nil }
                // Once the owner of the disk makes it larger, once somebody cleans up.
                if round == 1 { try plant.disk.resize(bytes: 2 * Disks.bytes) } else { try plant.disk.free() }
                _ = try plant.wait(for: .ok)
                let status = try plant.acknowledge(20)
                #expect(status.refusedBlocks == 0)
            }
            try plant.stop(daemon)
            let ledger = try Ledger(plant.yard.history)
            #expect(ledger.count(.storage) == 2)
            #expect(try plant.yard.sqlite(plant.yard.history, "PRAGMA integrity_check") == "ok")
        }

        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            let fault: FaultShim.Fault
            let file: String
            /// One call in so many fails.
            let every: Int32
            var testDescription: String { "\(name), \(file), one in \(every)" }
        }

        static let cases = [
            Case(name: "EIO", fault: .write(errno: EIO), file: "history.db-wal", every: 1),
            Case(name: "EIO", fault: .write(errno: EIO), file: "history.db-wal", every: 7),
            Case(name: "ENOSPC", fault: .write(errno: ENOSPC), file: "history.db-wal", every: 5),
            Case(name: "EROFS", fault: .write(errno: EROFS), file: "history.db-wal", every: 1),
            Case(name: "EIO", fault: .write(errno: EIO), file: "history.db", every: 2),
            Case(name: "short", fault: .shortWrite, file: "history.db-wal", every: 3),
            Case(name: "fsync", fault: .sync(errno: EIO), file: "history.db-wal", every: 1),
            Case(name: "fsync", fault: .sync(errno: EIO), file: "history.db-wal", every: 5),
        ]

        @Test(
            .enabled(if: FaultShim.obstacle == nil, Comment(rawValue: FaultShim.obstacle ?? "")),
            arguments: cases)
        func aFailingDiskLosesNothing(_ test: Case) throws {
            let plant = try FaultYard()
            let shim = try FaultShim(in: plant.yard.path, file: test.file)
            let daemon = try plant.daemon(environment: try shim.environment)
            try plant.acknowledge(20)
            shim.begin(test.fault, every: test.every)
            let seen = try plant.newestValue()
            _ = try eventually("faults") {
                _ = try plant.status()
                return shim.hits >= 3 ? true : nil
            }
            _ = try eventually("polling goes on") { try plant.newestValue() > seen + 20 ? true : nil }
            shim.end()
            _ = try plant.wait(for: .ok)
            let status = try plant.acknowledge(20)
            #expect(status.refusedBlocks == 0)
            #expect(status.duplicateScans == 0)
            try plant.stop(daemon)
            #expect(try plant.yard.sqlite(plant.yard.history, "PRAGMA integrity_check") == "ok")
            if case .shortWrite = test.fault { return }
            // SQLite completes a short write by itself; the others leave a word.
            #expect(try Ledger(plant.yard.history).count(.storage) >= 1)
        }

        @Test(.enabled(if: Mount.obstacleOnDisk == nil, Comment(rawValue: Mount.obstacleOnDisk ?? "")))
        func aFileSystemThatTurnsReadOnlyStopsNoPolling() throws {
            let plant = try FaultYard(disk: .ext4(turnsReadOnly: true))
            let daemon = try plant.daemon()
            try plant.acknowledge(20)
            try plant.disk.breakDown()
            let refusing = try plant.wait(for: .degraded)
            #expect(refusing.lastError != nil)
            let seen = try plant.newestValue()
            _ = try eventually("polling goes on") { try plant.newestValue() > seen + 20 ? true : nil }
            // What could not be written is lost with the process, and that is told at the next start.
            daemon.signal(SIGTERM)
            try daemon.exit()
            try plant.disk.restart()
            let next = try plant.daemon()
            try plant.acknowledge(5)
            try plant.stop(next)
            #expect(try Ledger(plant.yard.history).count(.gap, text: "daemon not running") == 1)
        }
    }
}
