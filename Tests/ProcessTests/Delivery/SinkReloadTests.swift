import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// Sinks change while alarms come.
    @Suite(.serialized)
    struct Reloads {
        private static func file(_ name: String, _ more: String = "") -> String {
            "  - {name: \(name), file: {path: DIR/\(name), format: json}\(more)}\n"
        }

        private func reload(_ plant: AlarmYard, _ daemon: Program, _ sinks: String) throws {
            try plant.configure(sinks: sinks)
            daemon.signal(SIGHUP)
            let answer = try daemon.errorLine { $0.contains("by SIGHUP") }
            guard answer.contains("reloaded") else { throw TestFailure(answer) }
        }

        @Test func aReloadThatChangesAddsAndRemovesSinksLosesNothing() throws {
            let plant = try AlarmYard()
            let hook = try Hook("pager", in: plant.yard)
            func pager(_ more: String) -> String { "  - {name: pager, \(Hook.exec("pager")), events: all\(more)}\n" }
            try plant.configure(sinks: Self.file("kept") + Self.file("gone") + pager(", match: \"X.*\""))
            try hook.does(Hook.fails)
            let daemon = try plant.daemon()
            let first = try plant.newest()
            try plant.raise(0..<5)
            try plant.drain("gone")
            try plant.wait(for: "pager", "failing") { $0.breaker == "open" && $0.backlog == 5 }

            // One stays, one goes, one comes, one that has lines waiting is changed; alarms come meanwhile.
            plant.set(0..<40)
            try reload(plant, daemon, Self.file("kept") + Self.file("new") + pager(", match: \"X.*\", timeout: 20s"))
            try plant.raise(0..<45)
            try hook.does(nil)
            for sink in ["kept", "new", "pager"] { try plant.drain(sink) }
            #expect(try plant.status().sinks.map(\.name) == ["kept", "new", "pager"])
            let wanted = try plant.journalled(after: first)
            let kept = try ToldLine.all(in: plant.yard.path + "/kept")
            #expect(kept.problems(expecting: wanted) == [])
            #expect(kept.allSatisfy { $0.dup != true }, "one that did not change is left alone")
            let raises = kept.filter { $0.what == "raise" }.compactMap(\.seq)
            #expect(raises.count == 45)
            #expect(try hook.lines().problems(expecting: raises) == [])
            // The new one begins when it comes.
            let new = try ToldLine.all(in: plant.yard.path + "/new")
            let begin = try #require(new.events.first?.seq)
            #expect(new.problems(expecting: wanted.filter { $0 >= begin }) == [])
            #expect(begin > raises[4])
            // The removed one heard nothing more.
            let gone = try ToldLine.all(in: plant.yard.path + "/gone")
            let end = try #require(gone.events.last?.seq)
            #expect(gone.problems(expecting: wanted.filter { $0 <= end }) == [])
            #expect(end < (wanted.last ?? 0))

            // It comes back, and goes on where it was.
            try reload(plant, daemon, Self.file("kept") + Self.file("gone"))
            try plant.raise(0..<46)
            try plant.drain("gone")
            let all = try plant.journalled(after: first)
            #expect(try ToldLine.all(in: plant.yard.path + "/gone").problems(expecting: all) == [])
            try plant.stop(daemon)
        }

        /// Again and again while alarms come: whoever keeps his name misses nothing.
        @Test func manyReloadsLoseNothing() throws {
            let plant = try AlarmYard(sinks: Self.file("kept"))
            let hook = try Hook("pager", in: plant.yard)
            let daemon = try plant.daemon()
            let first = try plant.newest()
            for round in 1...8 {
                plant.set(0..<(round * 10))
                try reload(
                    plant, daemon,
                    Self.file("kept", ", give_up_after: \(round)h")
                        + "  - {name: pager, \(Hook.exec("pager")), events: all, timeout: \(round + 10)s}\n")
            }
            try plant.raise(0..<90)
            for sink in ["kept", "pager"] { try plant.drain(sink) }
            let wanted = try plant.journalled(after: first)
            let kept = try ToldLine.all(in: plant.yard.path + "/kept")
            #expect(kept.problems(expecting: wanted) == [])
            #expect(Set(kept.filter { $0.what == "raise" }.map(\.id)).count == 90)
            let begin = try #require(hook.lines().events.first?.seq)
            #expect(try hook.lines().problems(expecting: wanted.filter { $0 >= begin }) == [])
            try plant.stop(daemon)
        }

        /// Faster than a reload is done: none is refused, and the last configuration is the one that runs.
        @Test func reloadsInABurstAreNotLost() throws {
            let plant = try AlarmYard()
            let daemon = try plant.daemon()
            for round in 1...10 {
                try plant.configure(sinks: Self.file("round\(round)"))
                daemon.signal(SIGHUP)
                // Some by the other way in, at the same time.
                if round.isMultiple(of: 5) {
                    let asked = try (0..<3).map { _ in
                        try Program(
                            Cupel.binary, ["reload", "--config", plant.yard.config, "--state", plant.yard.state])
                    }
                    for reload in asked {
                        let end = try reload.exit()
                        #expect(end.status == 0 && end.output.hasPrefix("ok: "), "\(end)")
                    }
                }
            }
            _ = try eventually("the last configuration") {
                try plant.status().sinks.map(\.name) == ["round10"] ? true : nil
            }
            let refused = try plant.yard.sqlite(
                plant.yard.journal, "SELECT count(*) FROM alarm_event WHERE what = 'reload-refused'")
            #expect(refused.hasPrefix("0"))
            try plant.stop(daemon)
        }
    }
}
