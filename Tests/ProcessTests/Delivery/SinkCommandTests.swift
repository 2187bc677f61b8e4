import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// What a person sees of it at the command line.
    @Suite(.serialized)
    struct Commands {
        @Test func aTestSaysWhatCameBack() throws {
            let server = try WebhookServer()
            let plant = try AlarmYard(
                sinks: """
                      - {name: pager, \(Hook.exec("pager")), min_priority: critical}
                      - {name: web, webhook: "http://127.0.0.1:\(server.port)/"}
                      - {name: floor, fifo: DIR/floor}
                    """)
            let hook = try Hook("pager", in: plant.yard)
            let daemon = try plant.daemon()
            let good = try plant.yard.cupel("sinks", "test", "pager")
            #expect(good.status == 0)
            #expect(good.output.hasPrefix("pager: delivered and acknowledged in "))
            #expect(good.output.contains("exit 0"))
            let line = try #require(try hook.lines().first)
            #expect(line.what == "test" && line.test == true && line.text?.contains("no alarm, nothing to do") == true)

            try hook.does("echo out of paper >&2; exit 75")
            let bad = try plant.yard.cupel("sinks", "test", "pager", "--json")
            #expect(bad.status == 75)
            #expect(bad.output.contains("\"delivered\":false"))
            #expect(bad.output.contains("out of paper"))
            #expect(try plant.yard.cupel("sinks", "test", "floor").output.contains("NOT DELIVERED"))
            try server.answers("500")
            #expect(try plant.yard.cupel("sinks", "test", "web").status == 75)
            try server.answers("204")
            #expect(try plant.yard.cupel("sinks", "test", "web").output.contains("HTTP 204"))

            let unknown = try plant.yard.cupel("sinks", "test", "nobody")
            #expect(unknown.status == 65)
            #expect(unknown.errors.contains("nobody"))
            // A test tells nothing about the lines that wait, and leaves its trace.
            #expect(try plant.sink("pager").sent == 0)
            try plant.stop(daemon)
            let trail = try plant.yard.sqlite(
                plant.yard.journal, "SELECT subject || '|' || substr(answer, 1, 6) FROM audit WHERE what = 'sink-test'")
            #expect(
                trail.split(separator: "\n") == ["pager|ok", "pager|failed", "floor|failed", "web|failed", "web|ok"])
            #expect(try plant.yard.cupel("sinks", "test", "pager").status == 69, "nobody is there to ask")
        }

        @Test func theTimesOfADeliveryAreInOrder() throws {
            let server = try WebhookServer()
            let plant = try AlarmYard(
                sinks: """
                      - {name: pager, \(Hook.exec("pager"))}
                      - {name: web, webhook: "http://127.0.0.1:\(server.port)/"}
                      - {name: floor, fifo: DIR/floor}
                    """)
            _ = try Hook("pager", in: plant.yard)
            let daemon = try plant.daemon()
            let reader = try PipeReader(plant.yard.path + "/floor", in: plant.yard)
            try plant.raise(0..<5)
            for sink in ["pager", "web", "floor"] { try plant.drain(sink) }
            try reader.lines { $0.count { $0.what == "raise" } >= 5 }
            let raises = try plant.yard.sqlite(
                plant.yard.journal,
                "SELECT seq FROM alarm_event WHERE alarm LIKE 'a%:X.t%' AND what = 'raise' ORDER BY seq"
            ).split(separator: "\n").compactMap { Int64($0) }
            for sequence in raises {
                let deliveries = try eventually("three deliveries of \(sequence)") {
                    let output = try plant.yard.cupel("sinks", "deliveries", "--json", "--seq", "\(sequence)").output
                    let lines = try output.split(separator: "\n").map { try ToldDelivery($0) }
                    return lines.count >= 3 ? lines : nil
                }
                #expect(Set(deliveries.map(\.sink)) == ["pager", "web", "floor"])
                for delivery in deliveries {
                    #expect(delivery.outcome == "delivered" && delivery.tries >= 1)
                    // ISO 8601 in UTC, of one length: the order of the texts is the order of the times.
                    let times = [
                        delivery.t_source, delivery.t_received, delivery.t_committed, delivery.t_written,
                        delivery.t_acked,
                    ]
                    #expect((delivery.t_acked == nil) == (delivery.sink == "floor"), "\(delivery)")
                    #expect(times.prefix(4).allSatisfy { $0?.hasSuffix("Z") == true }, "\(delivery)")
                    let known = times.compactMap(\.self)
                    #expect(known == known.sorted(), "\(delivery)")
                }
            }
            let table = try plant.yard.cupel("sinks").output
            #expect(table.contains("BREAKER") && table.contains("closed"))
            #expect(table.split(separator: "\n").count == 4)
            let lines = try plant.yard.cupel("sinks", "--json").output.split(separator: "\n")
            #expect(lines.allSatisfy { $0.contains("\"written\":{\"count\":") })
            #expect(lines.count { $0.contains("\"acknowledged\":{\"count\":") } == 2)
            try plant.stop(daemon)
            // With the daemon stopped the journal still answers.
            let stored = try plant.yard.cupel("sinks", "deliveries", "--json", "--seq", "\(raises[0])")
            #expect(stored.status == 0 && stored.output.split(separator: "\n").count == 3)
        }

        /// A slip in a name must not read as health; a sink that is gone keeps its letters. The same without a daemon.
        @Test func lettersAreOfASinkThatIsOrWas() throws {
            let server = try WebhookServer()
            let web = "  - {name: web, webhook: \"http://127.0.0.1:\(server.port)/\", events: all}\n"
            let floor = "  - {name: floor, fifo: DIR/floor}\n"
            let plant = try AlarmYard(sinks: web + floor)
            try server.answers("400")
            var daemon = try plant.daemon()
            try plant.raise(0..<1)
            try plant.wait(for: "web", "a dead letter") { $0.dead > 0 && $0.backlog == 0 }
            try plant.stop(daemon)
            try plant.configure(sinks: floor)

            func expectAnswers(_ comment: Comment) throws {
                let gone = try plant.yard.cupel("sinks", "letters", "web", "--json")
                #expect(gone.status == 0 && gone.output.contains("\"sink\":\"web\""), comment)
                let none = try plant.yard.cupel("sinks", "letters", "floor")
                #expect(none.status == 0 && none.errors == "no dead letters", comment)
                let slip = try plant.yard.cupel("sinks", "letters", "wbe")
                #expect(slip.status == 65 && slip.output.isEmpty, comment)
                #expect(slip.errors.contains("no sink is called wbe") && slip.errors.contains("floor"), comment)
                let event = try plant.yard.cupel("sinks", "deliveries", "--seq", "99999")
                #expect(event.status == 65 && event.errors.contains("the journal has no event 99999"), comment)
            }
            try expectAnswers("stopped")
            daemon = try plant.daemon()
            try expectAnswers("running")
            #expect(try plant.yard.cupel("sinks", "resend", "nobody").status == 65)
            // What was not given up is not sent again, and leaves no trace.
            let before = try plant.newest()
            let nothing = try plant.yard.cupel("sinks", "resend", "floor")
            #expect(nothing.status == 0 && nothing.errors.contains("nothing to send again"))
            #expect(try plant.newest() == before)
            let twice = try plant.yard.cupel("sinks", "resend", "floor", "1", "2", "2", "2")
            #expect(twice.output.hasPrefix("2 events queued"))
            try plant.stop(daemon)
        }

        /// Whoever asks for what came after a number learns where it goes on.
        @Test func aPageOfTheHistorySaysThatMoreFollow() throws {
            let plant = try AlarmYard()
            let daemon = try plant.daemon()
            try plant.raise(0..<5)
            func expectPages() throws {
                let page = try plant.yard.cupel("alarms", "history", "--since", "1", "--limit", "2", "--json")
                #expect(try page.output.split(separator: "\n").map { try ToldLine($0).seq } == [2, 3])
                #expect(page.errors == "cupel: more follow: --since 3")
                let newest = try plant.yard.cupel("alarms", "history", "--limit", "2")
                #expect(newest.errors.isEmpty && newest.output.split(separator: "\n").count == 2)
            }
            try expectPages()
            let all = try plant.newest()
            let rest = try plant.yard.cupel("alarms", "history", "--since", "3", "--limit", "\(all - 3)")
            #expect(rest.errors.isEmpty && rest.output.split(separator: "\n").count == Int(all) - 3)
            try plant.stop(daemon)
            try expectPages()
        }

        /// What an operator types is text: it neither breaks a line nor speaks to a terminal.
        @Test func reasonsDoNotReachATerminalAsCommands() throws {
            let plant = try AlarmYard()
            let daemon = try plant.daemon()
            try plant.raise(0..<1)
            let why = "probe\nchanged \u{1B}[31mred\u{9B}2J"
            #expect(
                try plant.yard.cupel("alarms", "shelve", AlarmYard.alarm(0), "--for", "10m", "--why", why).status == 0)
            for arguments in [["alarms", "list"], ["alarms", "history"], ["alarms", "follow", "--since", "0"]] {
                let shown: String
                if arguments.contains("follow") {
                    let follow = try Program(
                        Cupel.binary, arguments + ["--config", plant.yard.config, "--state", plant.yard.state])
                    shown = try follow.line { $0.contains("SHELVE") }
                    follow.signal(SIGTERM)
                    try follow.exit()
                } else {
                    shown = try Program(
                        Cupel.binary, arguments + ["--config", plant.yard.config, "--state", plant.yard.state]
                    ).exit().output
                }
                #expect(shown.contains("probe changed  [31mred 2J"), "\(arguments)")
                #expect(!shown.contains("\u{1B}") && !shown.contains("\u{9B}"), "\(arguments)")
            }
            try plant.stop(daemon)
        }

        /// What listens there is not the console, or does not answer: in our words.
        @Test func whoCannotBeReachedIsSaidSo() throws {
            let plant = try AlarmYard()
            let daemon = try plant.daemon()
            let other = try plant.yard.cupel("status", "--socket", plant.yard.state + "/alarms.sock")
            #expect(other.status == 69)
            #expect(other.errors.contains("what listens there is no console") && !other.errors.contains("NIO"))
            daemon.signal(SIGSTOP)
            let silent = try plant.yard.cupel("status")
            daemon.signal(SIGCONT)
            #expect(silent.status == 69)
            #expect(silent.errors.hasSuffix("cupel.sock does not answer within 10 s"))
            try plant.stop(daemon)
        }
    }
}
