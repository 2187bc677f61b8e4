import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// Programs that do not behave.
    @Suite(.serialized)
    struct Hooks {
        /// The others have everything, scans go on, and the daemon ends when it is told to.
        @Test(arguments: [
            // Never reads, and stays.
            "exec sleep 1000",
            // Has a child that holds all its pipes.
            "sleep 1000 & exec sleep 1000",
            // Leaves its group, too: nobody but itself can end it, so it ends by itself.
            "setsid sh -c 'while [ -e DIR ]; do sleep 1; done' & exit 75",
            "trap '' TERM; while :; do sleep 1000; done",
            "trap '' TERM INT HUP; (trap '' TERM; while :; do sleep 1000; done) & wait",
            // Says more than anybody wants to know.
            "while :; do echo noise; echo noise >&2; done",
        ])
        func aHookThatDoesNotBehaveHarmsNobody(words: String) throws {
            let plant = try AlarmYard(
                sinks: """
                      - {name: pager, \(Hook.exec("pager")), timeout: 300s}
                      - {name: log, file: {path: DIR/log, format: json}}
                      - {name: other, \(Hook.exec("other"))}
                    """)
            let (hook, other) = (try Hook("pager", in: plant.yard), try Hook("other", in: plant.yard))
            let started = plant.yard.path + "/started"
            try hook.does(": > '\(started)'; " + words.replacingOccurrences(of: "DIR", with: "'\(plant.yard.path)'"))
            let daemon = try plant.daemon()
            let first = try plant.newest()
            try plant.raise(0..<10)
            _ = try eventually("the hook") { FileManager.default.fileExists(atPath: started) ? true : nil }
            for sink in ["log", "other"] { try plant.drain(sink) }
            let wanted = try plant.journalled(after: first)
            #expect(try ToldLine.all(in: plant.yard.path + "/log").problems(expecting: wanted) == [])
            #expect(try other.lines().events.filter { $0.what == "raise" }.count == 10)
            #expect(try plant.sink("pager").backlog == 10)
            try plant.scansGoOn()
            try plant.stop(daemon)
            #expect(try Self.left(in: plant.yard.path, mode: words) == "", "the group goes with the daemon")
            #expect(hook.text == "")
        }

        /// After its time a hook ends with its group, and its line is tried again.
        @Test func aHookThatTakesTooLongIsEndedAndItsLineTriedAgain() throws {
            let plant = try AlarmYard(sinks: "  - {name: pager, \(Hook.exec("pager")), timeout: 200ms}")
            let hook = try Hook("pager", in: plant.yard)
            let pids = plant.yard.path + "/pids"
            try hook.does("trap '' TERM; sleep 1000 & echo $! >> '\(pids)'; echo $$ >> '\(pids)'; wait; wait")
            let daemon = try plant.daemon()
            try plant.raise(0..<1)
            let failing = try plant.wait(for: "pager", "a hook that was ended") { $0.fault != nil }
            #expect(failing.fault?.contains("did not end within 0.2 seconds") == true, "\(failing)")
            let numbers = try String(contentsOfFile: pids, encoding: .utf8).split(separator: "\n").compactMap {
                Int32($0)
            }
            #expect(numbers.count >= 2)
            for number in numbers.prefix(2) {
                _ = try eventually("the end of \(number)") { kill(number, 0) != 0 ? true : nil }
            }
            try hook.does(nil)
            try plant.drain("pager")
            #expect(try hook.lines().filter { $0.what == "raise" }.map(\.id) == [AlarmYard.alarm(0)])
            try plant.stop(daemon)
        }

        /// EX_USAGE and EX_DATAERR are the program's word that the line will never do: it gets the next.
        @Test(arguments: [64, 65])
        func aHookThatSaysNoLosesTheLineToTheLetters(code: Int) throws {
            let plant = try AlarmYard(sinks: "  - {name: pager, \(Hook.exec("pager")), match: \"X.*\"}")
            let hook = try Hook("pager", in: plant.yard)
            let tries = plant.yard.path + "/tries"
            try hook.does(
                "echo x >> '\(tries)'; [ \"$CUPEL_ALARM\" = a0:X.t0 ] && { echo unwanted >&2; exit \(code); }")
            let daemon = try plant.daemon()
            try plant.raise(0..<1)
            try plant.wait(for: "pager", "one dead letter") { $0.dead == 1 }
            #expect(try String(contentsOfFile: tries, encoding: .utf8) == "x\n")
            try plant.raise(0..<2)
            try plant.drain("pager")
            #expect(try hook.lines().map(\.id) == [AlarmYard.alarm(1)])
            #expect(try plant.yard.cupel("sinks", "letters", "pager").output.contains("exited with \(code): unwanted"))
            try plant.stop(daemon)
        }

        /// Any other code may be a network that is down. Five of them are the end of a line of low priority, which lets
        /// the others pass; one of high priority is tried for ever, and each try after the first is marked.
        @Test func aHookThatFailsLosesNothingAndOneThatIsPickyOnlyThat() throws {
            let plant = try AlarmYard(
                sinks: """
                      - {name: picky, \(Hook.exec("picky")), match: "X.*"}
                      - {name: failing, \(Hook.exec("failing")), match: "X.*"}
                    """, priorities: [0: "low"])
            let (picky, failing) = (try Hook("picky", in: plant.yard), try Hook("failing", in: plant.yard))
            let tries = plant.yard.path + "/tries"
            try picky.does("[ \"$CUPEL_TAG\" = X.t0 ] && exit 7")
            try failing.does("cat >> '\(tries)'; exit 7")
            let daemon = try plant.daemon()
            try plant.raise(0..<2)
            try plant.wait(for: "picky", "one dead letter") {
                $0.dead == 1 && $0.backlog == 0 && $0.breaker == "closed"
            }
            #expect(try picky.lines().map(\.id) == [AlarmYard.alarm(1)])
            _ = try eventually("the fifth try") { try ToldLine.all(in: tries).count >= 5 ? true : nil }
            let waiting = try plant.sink("failing")
            #expect(waiting.dead == 0 && waiting.backlog == 2 && waiting.fault?.contains("exited with 7") == true)
            try failing.does(nil)
            try plant.drain("failing")
            // Whichever was tried first after it worked again: the second may be new to it even now.
            #expect(try Set(failing.lines().map(\.id)) == [AlarmYard.alarm(0), AlarmYard.alarm(1)])
            let tried = try Set(ToldLine.all(in: tries).map(\.id))
            #expect(try failing.lines().allSatisfy { ($0.dup == true) == tried.contains($0.id) })
            try plant.stop(daemon)
        }

        /// Four that hang until their timeout, and one that does not.
        @Test func hooksThatHangHoldUpNoOther() throws {
            let hanging = (1...4).map { "  - {name: hanging\($0), \(Hook.exec("hanging")), timeout: 300s}" }
            let plant = try AlarmYard(
                sinks: (hanging + ["  - {name: quick, \(Hook.exec("quick")), match: \"X.*\"}"]).joined(separator: "\n"))
            let (slow, quick) = (try Hook("hanging", in: plant.yard), try Hook("quick", in: plant.yard))
            let started = plant.yard.path + "/started"
            try slow.does("echo x >> '\(started)'; exec sleep 1000")
            let daemon = try plant.daemon()
            try plant.raise(0..<1)
            _ = try eventually("four hooks") {
                (try? String(contentsOfFile: started, encoding: .utf8)) == "x\nx\nx\nx\n" ? true : nil
            }
            try plant.raise(0..<10)
            try plant.drain("quick")
            #expect(try quick.lines().count == 10)
            #expect(try plant.sink("quick").fault == nil)
            #expect(try (1...4).allSatisfy { try plant.sink("hanging\($0)").sent == 0 })
            try plant.stop(daemon)
        }

        /// Some supervisors and shells start their programs with SIGCHLD ignored, and the kernel then forgets how a
        /// child ended.
        @Test func aFailureIsNoSuccessWhoeverStartedTheDaemon() throws {
            let plant = try AlarmYard(sinks: "  - {name: pager, \(Hook.exec("pager")), match: \"X.*\"}")
            let hook = try Hook("pager", in: plant.yard)
            try hook.does(Hook.fails)
            let daemon = try plant.daemon(through: ["/bin/sh", "-c", "trap '' CHLD; exec \"$@\"", "sh"])
            try plant.raise(0..<2)
            let failing = try plant.wait(for: "pager", "failing") { $0.fault != nil }
            #expect(failing.fault?.contains("exited with 75") == true && failing.sent == 0, "\(failing)")
            try hook.does(nil)
            try plant.drain("pager")
            #expect(try hook.lines().map(\.id) == [AlarmYard.alarm(0), AlarmYard.alarm(1)], "each of them once")
            try plant.stop(daemon)
        }

        /// The processes that still work for the yard's hook, apart from those that left their group.
        private static func left(in directory: String, mode: String) throws -> String {
            if mode.hasPrefix("setsid") { return "" }
            return try eventually("an end of the hook's processes", within: 20) {
                try Program("/usr/bin/env", ["pgrep", "-f", directory + "/pager.sh"]).exit().output == "" ? "" : nil
            }
        }
    }
}
