import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// Debian's own broker, which comes and goes.
    @Suite(.serialized)
    struct Brokers {
        /// Restarted without any memory: all events arrive, and it knows all states again.
        @Test func aBrokerThatIsRestartedHearsEverythingAndKnowsTheStates() throws {
            let broker = try Broker()
            let plant = try AlarmYard(
                sinks: "  - {name: broker, mqtt: {server: \"127.0.0.1:\(broker.port)\", topic: t}}")
            let daemon = try plant.daemon()
            let first = try plant.newest()
            let before = try broker.subscribe("t/Test/events")
            try plant.raise(0..<4)
            try plant.drain("broker")
            let early = try plant.newest()
            try before.message { $0.payload.contains("\"seq\":\(early),") }
            try before.stop()
            try broker.kill()
            // One of them goes, one comes, and one is acknowledged while nobody listens.
            try plant.raise(1..<5)
            #expect(try plant.yard.cupel("alarms", "ack", AlarmYard.alarm(2)).status == 0)
            try plant.wait(for: "broker", "failing") { $0.breaker == "open" }
            try plant.scansGoOn()
            try broker.restart()
            let after = try broker.subscribe("t/Test/events")
            try plant.drain("broker")
            let wanted = try plant.journalled(after: first)
            try after.message { $0.payload.contains("\"seq\":\(wanted.last ?? 0),") }
            let told = try (before.messages() + after.messages()).map { try ToldLine($0.payload) }
            #expect(told.problems(expecting: wanted) == [])

            // Whoever comes now gets what stands, and that the daemon is there.
            let late = try broker.subscribe("t/Test/#")
            var states: [String: String] = [:]
            _ = try eventually("the states of five alarms") {
                for message in try late.messages() where message.isRetained && message.topic.hasSuffix("/state") {
                    states[String(message.topic.dropFirst("t/Test/alarm/".count).dropLast("/state".count))] =
                        try ToldLine(message.payload).state
                }
                return states.count >= 5 ? true : nil
            }
            #expect(
                states == [
                    "a0:X.t0": "RTNUN", "a1:X.t1": "UNACK", "a2:X.t2": "ACKED", "a3:X.t3": "UNACK", "a4:X.t4": "UNACK",
                ])
            let online = try late.message { $0.topic == "t/Test/status" }
            #expect(online.isRetained && online.payload.contains("\"online\""))
            try plant.stop(daemon)
            try late.message { $0.topic == "t/Test/status" && $0.payload.contains("\"offline\"") }
        }

        /// Stopped while lines come, and let go: nobody else waits, and its readers have everything in order, what may
        /// have come before with a mark.
        @Test func aBrokerThatIsStoppedHearsEverythingAfterwards() throws {
            let broker = try Broker()
            let plant = try AlarmYard(
                sinks: """
                      - {name: broker, mqtt: {server: "127.0.0.1:\(broker.port)", topic: t}}
                      - {name: log, file: {path: DIR/log, format: json}}
                    """)
            let daemon = try plant.daemon()
            let first = try plant.newest()
            let reader = try broker.subscribe("t/Test/events")
            try plant.raise(0..<1)
            try plant.drain("broker")
            try reader.message { $0.payload.contains("\"what\":\"raise\"") }
            broker.signal(SIGSTOP)
            try plant.toggle(1..<10, times: 3)
            try plant.wait(for: "broker", "failing") { $0.breaker == "open" && $0.fault != nil }
            try plant.drain("log")
            try plant.scansGoOn()
            let waiting = try plant.journalled(after: first)
            #expect(try ToldLine.all(in: plant.yard.path + "/log").problems(expecting: waiting) == [])
            #expect(try plant.sink("broker").backlog > 0)

            broker.signal(SIGCONT)
            try plant.raise(0..<12)
            try plant.drain("broker")
            let wanted = try plant.journalled(after: first)
            try reader.message { $0.payload.contains("\"seq\":\(wanted.last ?? 0),") }
            let told = try reader.messages().map { try ToldLine($0.payload) }
            #expect(told.problems(expecting: wanted) == [])
            #expect(try plant.sink("broker").dead == 0)
            try plant.stop(daemon)
        }

        /// Nobody is left to say goodbye: the broker does.
        @Test func theBrokerSaysThatADaemonWasKilled() throws {
            let broker = try Broker()
            let plant = try AlarmYard(
                sinks: "  - {name: broker, mqtt: {server: \"127.0.0.1:\(broker.port)\", topic: t}}")
            var daemon = try plant.daemon()
            let reader = try broker.subscribe("t/Test/status")
            try plant.raise(0..<1)
            try plant.drain("broker")
            try reader.message { $0.payload.contains("\"online\"") }
            try plant.kill(daemon)
            try reader.message { $0.payload.contains("\"offline\"") }
            let late = try broker.subscribe("t/Test/status")
            #expect(try late.message { _ in true }.payload.contains("\"offline\""), "kept for whoever comes later")
            daemon = try plant.daemon()
            try plant.raise(0..<2)
            _ = try eventually("online again") {
                try reader.messages().last?.payload.contains("\"online\"") == true ? true : nil
            }
            try plant.stop(daemon)
        }
    }
}
