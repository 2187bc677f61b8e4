import Foundation
import Glibc
import Historian
import TestSupport
import Testing

extension Faults {
    /// People and programs that use the same files.
    @Suite(.serialized)
    struct OtherUsers {
        /// Somebody's Python on the history. It does a line at a time and says so.
        final class Python {
            private let program: Program

            init(_ path: String) throws {
                program = try Program(
                    Cupel.python,
                    [
                        "-u", "-c",
                        """
                        import sqlite3, sys
                        connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
                        for line in sys.stdin:
                            print(connection.execute(line).fetchone(), flush=True)
                        """, path,
                    ])
            }

            @discardableResult
            func run(_ sql: String) throws -> String {
                program.send(sql)
                return try program.line()
            }

            func end() throws {
                program.signal(SIGTERM)
                try program.exit()
            }
        }

        @Test(arguments: ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
        func aForeignLockDelaysNobodyAndLosesNothing(begin: String) throws {
            let plant = try FaultYard()
            let daemon = try plant.daemon()
            try plant.acknowledge(20)
            let python = try Python(plant.yard.history)
            try python.run(begin)
            _ = try plant.wait(for: .degraded)
            let seen = try plant.newestValue()
            _ = try eventually("polling goes on") { try plant.newestValue() > seen + 100 ? true : nil }
            try python.run("ROLLBACK")
            _ = try plant.wait(for: .ok)
            #expect(try plant.acknowledge(20).refusedBlocks == 0)
            try plant.stop(daemon)
            #expect(try Ledger(plant.yard.history).count(.storage) == 1)
        }

        @Test func aVacuumDelaysNobodyAndLosesNothing() throws {
            let plant = try FaultYard()
            let daemon = try plant.daemon()
            try plant.acknowledge(200)
            let python = try Python(plant.yard.history)
            for _ in 0..<3 { try python.run("VACUUM") }
            #expect(try plant.acknowledge(100).refusedBlocks == 0)
            try plant.stop(daemon)
        }

        /// A forgotten shell keeps the log from being emptied, and must not do more than that.
        @Test func aLongReaderOnlyMakesTheLogGrow() throws {
            let plant = try FaultYard(period: 5, commit: 10)
            let daemon = try plant.daemon()
            try plant.acknowledge(20)
            let python = try Python(plant.yard.history)
            try python.run("BEGIN")
            let before = try python.run("SELECT count(*), max(time) FROM hot")
            let length = try plant.acknowledge(1).logBytes
            let status = try plant.acknowledge(1000)
            #expect(status.logBytes > length)
            #expect(status.failures == 0)
            #expect(try python.run("SELECT count(*), max(time) FROM hot") == before)
            try python.end()
            try plant.stop(daemon)
            // Nobody needs the log any more: whoever looks now finds none, or makes an empty one.
            let log = try? FileManager.default.attributesOfItem(atPath: plant.yard.history + "-wal")
            #expect(log.map { $0[.size] as? Int64 ?? -1 } ?? 0 == 0)
        }

        /// Neither a query whose pipe nobody reads nor a follower that was stopped holds anything up.
        @Test func aStoppedReaderDelaysNobody() throws {
            let plant = try FaultYard(period: 5, commit: 10)
            let daemon = try plant.daemon()
            try plant.acknowledge(1000)
            let readers = try [
                ["query", "X.*", "--from", "-1h"], ["alarms", "follow"],
            ].map { arguments in
                let reader = try Program(
                    Cupel.binary, arguments + ["--config", plant.yard.config, "--state", plant.yard.state])
                reader.signal(SIGSTOP)
                return reader
            }
            let status = try plant.acknowledge(500)
            #expect(status.state == .ok)
            #expect(status.failures == 0)
            for reader in readers { reader.signal(SIGCONT) }
            #expect(try readers[0].exit().status == 0)
            readers[1].signal(SIGTERM)
            try plant.stop(daemon)
        }

        /// Another state directory does not make it another history.
        @Test func aSecondDaemonOnTheSameHistoryIsRefusedAndNamesTheFirst() throws {
            let plant = try FaultYard()
            let daemon = try plant.daemon()
            try plant.acknowledge(5)
            let text = try String(contentsOfFile: plant.yard.config, encoding: .utf8)
            let other = try Plantyard(
                text.replacingOccurrences(
                    of: "history: {", with: "history: {path: \"\(plant.yard.history)\", "))
            let second = try other.cupel("run")
            #expect(second.status == 73)
            #expect(second.errors.contains("\(daemon.pid)"))
            try plant.acknowledge(5)
            try plant.stop(daemon)
        }

        /// `rm *-wal` under the running daemon, by somebody who cleans up.
        @Test func aRemovedLogIsNoticedAndNothingIsLost() throws {
            let plant = try FaultYard()
            let daemon = try plant.daemon()
            for _ in 0..<3 {
                try plant.acknowledge(50)
                unlink(plant.yard.history + "-wal")
                _ = try eventually("a new log") {
                    FileManager.default.fileExists(atPath: plant.yard.history + "-wal") ? true : nil
                }
            }
            try plant.acknowledge(50)
            try plant.kill(daemon)
            try plant.audit()
            #expect(try Ledger(plant.yard.history).count(.storage) >= 1)
        }

        /// No descriptor is left for a client; the databases keep theirs.
        @Test func withoutDescriptorsTheHistoryGoesOn() throws {
            let plant = try FaultYard()
            let daemon = try plant.daemon()
            try plant.acknowledge(20)
            let held = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.pid)/fd")
            let most = held.compactMap { Int($0) }.max() ?? 0
            /// The hard limit stays: not even root may raise it everywhere.
            func limit(_ count: String) throws {
                let end = try Program("/usr/bin/prlimit", ["--pid", "\(daemon.pid)", "--nofile=\(count):"]).exit()
                #expect(end.status == 0, "\(end.errors)")
            }
            let usual = try Program(
                "/usr/bin/prlimit", ["--pid", "\(daemon.pid)", "--nofile", "--output", "SOFT", "--noheadings"]
            ).exit().output
            let polled = plant.server.requests.count
            try limit("\(most + 1)")
            // Clients get no answer meanwhile, so the controller tells that polling goes on.
            _ = try eventually("polling goes on") { plant.server.requests.count > polled + 200 ? true : nil }
            try limit(usual.trimmingCharacters(in: .whitespaces))
            let status = try plant.acknowledge(20)
            #expect(status.refusedBlocks == 0)
            try plant.stop(daemon)
        }
    }
}
