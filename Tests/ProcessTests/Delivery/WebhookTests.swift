import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// What a webhook's server may answer.
    @Suite(.serialized)
    struct Webhooks {
        private static func sinks(_ port: Int) -> String {
            """
              - {name: web, webhook: "http://127.0.0.1:\(port)/alarms", match: "X.*"}
              - {name: log, file: {path: DIR/log, format: json}}
            """
        }

        private static func log(_ plant: AlarmYard) throws -> [ToldLine] {
            try ToldLine.all(in: plant.yard.path + "/log")
        }

        /// What may pass is waited for, and nothing of it is given up.
        @Test(arguments: ["500", "503", "429", "garbage", "close"])
        func whatMayPassIsTriedAgain(answer: String) throws {
            let server = try WebhookServer()
            let plant = try AlarmYard(sinks: Self.sinks(server.port))
            let daemon = try plant.daemon()
            let first = try plant.newest()
            try server.answers(answer)
            try plant.raise(0..<5)
            try plant.wait(for: "web", "failing") { $0.breaker == "open" && $0.backlog == 5 }
            try plant.drain("log")
            try plant.scansGoOn()
            try server.answers("204")
            try plant.drain("web")
            let raised = try Self.log(plant).events.filter { $0.what == "raise" }.compactMap(\.seq)
            #expect(raised.count == 5 && raised.allSatisfy { $0 > first })
            #expect(try server.taken(through: raised.max() ?? 0).problems(expecting: raised) == [])
            #expect(try plant.sink("web").dead == 0)
            try plant.stop(daemon)
        }

        /// A server that takes the request and says nothing costs the sink its patience, and nobody else anything; the
        /// end of the daemon does not wait for it.
        @Test func aServerThatSaysNothingHoldsUpNobody() throws {
            let server = try WebhookServer()
            let plant = try AlarmYard(sinks: Self.sinks(server.port))
            let daemon = try plant.daemon()
            try server.answers("silence")
            try plant.raise(0..<3)
            try server.request { $0.answer == "silence" }
            try plant.raise(0..<6)
            try plant.drain("log")
            try plant.scansGoOn()
            #expect(try plant.sink("web").backlog == 6)
            // In the middle of a request.
            try plant.stop(daemon)
        }

        /// Stopped with its connections open, and let go: nobody else waits, and it has everything in order. What it was
        /// asked in vain it finds, too; only the first of those requests is without a mark.
        @Test func aServerThatIsStoppedHearsEverythingAfterwards() throws {
            let server = try WebhookServer()
            let plant = try AlarmYard(sinks: Self.sinks(server.port))
            let daemon = try plant.daemon()
            let first = try plant.newest()
            try plant.raise(0..<1)
            try plant.drain("web")
            server.signal(SIGSTOP)
            try plant.toggle(1..<10, times: 3)
            try plant.wait(for: "web", "failing") { $0.breaker == "open" && $0.fault != nil }
            try plant.drain("log")
            try plant.scansGoOn()
            #expect(try plant.sink("web").backlog > 0)

            server.signal(SIGCONT)
            try plant.raise(0..<12)
            try plant.drain("web")
            let wanted = try Self.log(plant).events.filter { ["raise", "clear"].contains($0.what) }.compactMap(\.seq)
                .filter { $0 > first }
            let told = try server.taken(through: try #require(wanted.last)).events
            var firsts: [Int64] = []
            for line in told { if let number = line.seq, !firsts.contains(number) { firsts.append(number) } }
            #expect(firsts == firsts.sorted())
            #expect(Set(wanted).isSubset(of: firsts))
            let fresh = told.filter { $0.dup != true }.compactMap(\.seq)
            #expect(fresh.count == Set(fresh).count, "what comes again is marked")
            #expect(told.contains { $0.dup == true })
            #expect(try plant.sink("web").dead == 0)
            try plant.stop(daemon)
        }

        /// A server that will not have a line gets it once; the others hear of that, and once it is mended a person sends
        /// it again.
        @Test(arguments: ["400", "301 http://127.0.0.1:9/elsewhere"])
        func whatIsRefusedBecomesADeadLetterAndCanBeSentAgain(answer: String) throws {
            let server = try WebhookServer()
            let plant = try AlarmYard(sinks: Self.sinks(server.port))
            let daemon = try plant.daemon()
            try server.answers(answer)
            try plant.raise(0..<2)
            try plant.wait(for: "web", "two dead letters") { $0.dead == 2 && $0.backlog == 0 }
            let told = try eventually("the word at the other sink") {
                try Self.log(plant).first { $0.what == "undelivered" }
            }
            #expect(told.text?.contains("sink web gave up a") == true)
            #expect(told.text?.contains("HTTP \(answer.prefix(3))") == true)
            // A refusal is no failure of the sink: what comes later is tried at once.
            #expect(try plant.sink("web").breaker == "closed")
            #expect(try server.requests.allSatisfy { try $0.lines.allSatisfy { $0.what != "undelivered" } })

            // What became of a line is on disk within a second.
            let dead = try eventually("two letters") {
                let lines = try plant.yard.cupel("sinks", "letters", "web", "--json").output.split(separator: "\n")
                return lines.count >= 2 ? try lines.map { try ToldDelivery($0) } : nil
            }
            #expect(dead.map(\.outcome) == ["refused", "refused"])
            #expect(dead.allSatisfy { $0.reason?.contains("HTTP \(answer.prefix(3))") == true })
            #expect(try plant.yard.cupel("sinks", "letters").output.contains("refused: http://127.0.0.1:"))
            #expect(try plant.yard.cupel("sinks", "letters", "log", "--json").output == "")

            try server.answers("204")
            let sent = try plant.yard.cupel("sinks", "resend", "web")
            #expect(sent.status == 0 && sent.output.hasPrefix("2 events queued for web"))
            let taken = try server.taken(through: dead.map(\.seq).max() ?? 0)
            #expect(Set(taken.compactMap(\.seq)) == Set(dead.map(\.seq)))
            #expect(taken.allSatisfy { $0.dup == true })
            _ = try eventually("no letters") {
                try plant.yard.cupel("sinks", "letters", "--json").output == "" ? true : nil
            }
            // The next event goes the usual way.
            try plant.raise(0..<3)
            try plant.drain("web")
            #expect(try plant.yard.cupel("sinks", "resend", "web", "999999").status == 65)
            try plant.stop(daemon)
        }
    }
}

/// As `cupel sinks deliveries --json` and `letters --json` show it.
struct ToldDelivery: Decodable {
    var seq: Int64
    var sink: String
    var outcome: String
    var reason: String?
    var tries: Int
    var t_source: String?
    var t_received: String?
    var t_committed: String?
    var t_written: String?
    var t_acked: String?

    init(_ line: some StringProtocol) throws {
        self = try JSONDecoder().decode(ToldDelivery.self, from: Data(line.utf8))
    }
}
