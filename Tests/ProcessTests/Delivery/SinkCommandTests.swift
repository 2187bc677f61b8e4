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
            #expect(bad.status == 69)
            #expect(bad.output.contains("\"delivered\":false"))
            #expect(bad.output.contains("out of paper"))
            #expect(try plant.yard.cupel("sinks", "test", "floor").output.contains("NOT DELIVERED"))
            try server.answers("500")
            #expect(try plant.yard.cupel("sinks", "test", "web").status == 69)
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
    }
}
