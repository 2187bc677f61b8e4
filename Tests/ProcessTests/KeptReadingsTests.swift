import Foundation
import Synchronization
import TestSupport
import Testing

/// A process that is killed loses no reading that it had accepted, when somebody keeps its memory meanwhile.
@Suite(.serialized)
struct KeptReadingsTests {
    /// A controller whose register counts the replies, so that each reading can be told from all others.
    private final class Counter: Sendable {
        private let replies = Mutex<UInt16>(0)
        var count: Int { Int(replies.withLock { $0 }) }
        func next() -> UInt16 {
            replies.withLock { count in
                count += 1
                return count
            }
        }
    }

    private static func yaml(_ port: UInt16) -> String {
        """
        plant: {name: Test, site: T, time_zone: UTC}
        scan: {fast: 20ms}
        history: {commit_every: 10s}
        controllers:
          - name: C
            address: 127.0.0.1:\(port)
            unit: 1
            tags:
              - {name: n, register: "holding:0", type: uint16, scan: fast}
        """
    }

    @Test func noReadingIsLostByAKillAndNoneIsThereTwice() throws {
        let script = try #require(Bundle.module.path(forResource: "keeper", ofType: "py", inDirectory: "Servers"))
        let (server, counter) = (try ScriptedServer(), Counter())
        defer { server.stop() }
        server.remember(history: { _, _ in counter.next() })
        let yard = try Plantyard(Self.yaml(server.port))
        let keeper = try Program(
            Cupel.python,
            [
                script, yard.path + "/notify", yard.path + "/log", Cupel.binary, "run", "--config", yard.config,
                "--state",
                yard.state,
            ])
        let kills = 5
        for life in 0...kills {
            keeper.send("start")
            if life == 0 { _ = try keeper.line { $0 == "kept readings" } }
            _ = try keeper.line { $0 == "ready" }
            let seen = counter.count
            _ = try eventually("a second of scans") { counter.count >= seen + 50 ? true : nil }
            keeper.send(life < kills ? "kill" : "term")
            #expect(try keeper.line { $0.hasPrefix("ended") } == (life < kills ? "ended -9" : "ended 0"))
        }
        let values = try yard.cupel("query", "C.n", "--from", "-1h", "--format", "csv").output
        let log = try String(contentsOfFile: yard.path + "/log", encoding: .utf8)
        #expect(log.contains("blocks of readings that the run before had not written yet are written now"))
        let stored = values.split(separator: "\n").compactMap { line in
            line.split(separator: ",").dropFirst(2).first.flatMap { Double($0) }.map(Int.init)
        }
        #expect(stored == Array(Set(stored)).sorted(), "none twice, and in order")
        // What a kill meets on its way from the controller to the ring, and on the way to the controller after the start.
        let missing = Set(1...counter.count).subtracting(stored)
        #expect(missing.count <= 2 * kills + 1, "\(missing.sorted()) of \(counter.count)")
        let gaps = try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE text = 'daemon not running'")
        #expect(gaps == "\(kills)")
    }
}
