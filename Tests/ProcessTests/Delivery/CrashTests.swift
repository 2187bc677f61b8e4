import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// kill -9 between the commit of an event and its delivery.
    @Suite(.serialized)
    struct Crashes {
        /// Every sink that acknowledges was failing when the daemon died: after the start each gets everything, in
        /// order, with repeats marked, and goes on with what is new.
        @Test func whatWasNotDeliveredBeforeAKillIsDeliveredAfterIt() throws {
            let server = try WebhookServer()
            let broker = try Broker()
            let plant = try AlarmYard()
            let hook = try Hook("pager", in: plant.yard)
            try plant.configure(
                sinks: """
                      - {name: pager, \(Hook.exec("pager")), events: all}
                      - {name: web, webhook: "http://127.0.0.1:\(server.port)/alarms"}
                      - {name: broker, mqtt: {server: "127.0.0.1:\(broker.port)", topic: t}}
                      - {name: log, file: {path: DIR/log/alarms.json, format: json}}
                    """)
            // Delivered before, so that repeats are possible at all.
            let events = try broker.subscribe("t/Test/events")
            var daemon = try plant.daemon()
            let first = try plant.newest()
            try plant.raise(0..<3)
            for sink in ["pager", "web", "broker"] { try plant.drain(sink) }

            try hook.does(Hook.fails)
            try server.answers("503")
            try events.stop()
            try broker.kill()
            try plant.raise(0..<12)
            for sink in ["pager", "web", "broker", "log"] {
                try plant.wait(for: sink, "failing") { $0.breaker == "open" && $0.fault != nil }
            }
            try plant.kill(daemon)

            // Meanwhile everything is mended. The register of one goes back while nobody looks.
            try hook.does(nil)
            try server.answers("204")
            try broker.restart()
            try FileManager.default.createDirectory(
                atPath: plant.yard.path + "/log", withIntermediateDirectories: true)
            let again = try broker.subscribe("t/Test/events")
            plant.set(0..<11)
            daemon = try plant.daemon()
            _ = try eventually("the clear of the one") { try plant.active() == 11 ? true : nil }
            try plant.raise(0..<13)
            for sink in ["pager", "web", "broker", "log"] { try plant.drain(sink) }
            let wanted = try plant.journalled(after: first)
            let last = try #require(wanted.last)
            #expect(wanted.count >= 14)

            #expect(try hook.lines().problems(expecting: wanted) == [])
            #expect(try server.taken(through: last).problems(expecting: wanted) == [])
            #expect(
                try ToldLine.all(in: plant.yard.path + "/log/alarms.json").problems(expecting: wanted) == [])
            try again.message { $0.payload.contains("\"seq\":\(last),") }
            let told = try (events.messages() + again.messages()).map { try ToldLine($0.payload) }
            #expect(told.problems(expecting: wanted) == [])
            // What came while the sinks failed may have been sent before, for all that the next daemon knows.
            #expect(try hook.lines().contains { $0.dup == true })
            // And the cursors have moved past it: the next start repeats nothing that was acknowledged.
            _ = try eventually("the cursors on disk") {
                let low = try plant.yard.sqlite(plant.yard.journal, "SELECT min(acked_seq) FROM sink")
                return Int64(low.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 >= last ? true : nil
            }
            let count = try hook.lines().count
            try plant.kill(daemon)
            daemon = try plant.daemon()
            try plant.drain("pager")
            let repeated = try hook.lines().dropFirst(count).filter { ($0.seq ?? 0) <= last }
            #expect(repeated == [])
            try plant.stop(daemon)
        }

        /// In the middle of a delivery the daemon cannot know whether it arrived: it comes again, marked.
        @Test func aLineOnItsWayDuringAKillComesAgainWithAMark() throws {
            let plant = try AlarmYard()
            let hook = try Hook("pager", in: plant.yard)
            try plant.configure(sinks: "  - {name: pager, \(Hook.exec("pager")), match: \"X.t0\", timeout: 60s}")
            let began = plant.yard.path + "/began"
            // It takes the line, and the daemon dies before it hears so.
            try hook.does("cat >> '\(plant.yard.path)/pager.got'; echo $$ > '\(began)'; exec sleep 1000")
            var daemon = try plant.daemon()
            try plant.raise(0..<1)
            let hung = try eventually("the line at the hook") {
                (try? String(contentsOfFile: began, encoding: .utf8)).flatMap {
                    Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
                }
            }
            try plant.kill(daemon)
            // Nobody else ends it: its daemon is gone.
            kill(hung, SIGKILL)
            try hook.does(nil)
            daemon = try plant.daemon()
            try plant.drain("pager")
            let lines = try hook.lines().events.filter { $0.id == AlarmYard.alarm(0) }
            #expect(lines.map(\.what) == ["raise", "raise"])
            #expect(lines.map { $0.dup == true } == [false, true])
            #expect(Set(lines.map(\.seq)).count == 1)
            try plant.stop(daemon)
        }
    }
}
