import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// Somebody is called about what nobody acts upon.
    @Suite(.serialized)
    struct Escalations {
        private static let sinks = """
              - {name: first, \(Hook.exec("first")), events: escalations}
              - {name: second, \(Hook.exec("second")), events: escalations}
              - {name: pager, \(Hook.exec("pager"))}
            """

        /// - Parameter wait: of the second step.
        private static func policy(first: String = "0s", wait: String) -> String {
            """
            escalation:
              - name: urgent
                priority: high
                match: "X.*"
                steps:
                  - {wait: \(first), sinks: [first]}
                  - {wait: \(wait), sinks: [second]}
            """
        }

        private static func plant(_ policy: String) throws -> (AlarmYard, first: Hook, second: Hook, pager: Hook) {
            let plant = try AlarmYard(sinks: sinks, extra: policy)
            let hooks = try ["first", "second", "pager"].map { try Hook($0, in: plant.yard) }
            return (plant, hooks[0], hooks[1], hooks[2])
        }

        private static func calls(_ hook: Hook, _ count: Int) throws -> [ToldLine] {
            try eventually("\(count) calls") {
                let lines = try hook.lines().filter { $0.what == "escalate" }
                return lines.count >= count ? lines : nil
            }
        }

        @Test func stepsCallTheirOwnSinksAlone() throws {
            let (plant, first, second, pager) = try Self.plant(Self.policy(wait: "1s"))
            let daemon = try plant.daemon()
            try plant.raise(0..<1)
            #expect(try Self.calls(first, 1).map(\.id) == [AlarmYard.alarm(0)])
            #expect(try Self.calls(second, 1).map(\.id) == [AlarmYard.alarm(0)])
            try plant.drain("pager")
            #expect(try first.lines().map(\.what) == ["escalate"])
            #expect(try second.lines().map(\.what) == ["escalate"])
            #expect(try pager.lines().map(\.what) == ["raise"])
            #expect(try plant.status().escalations.calls == 2)
            try plant.stop(daemon)
        }

        enum Act: String, CaseIterable { case ack, shelve, clear }

        /// The first step has called; what the operator does keeps the second from it. Another alarm's clock goes on, so
        /// that its call shows that the time of the first would have come.
        @Test(arguments: Act.allCases)
        func whoActsEndsIt(act: Act) throws {
            let (plant, first, second, _) = try Self.plant(Self.policy(wait: "3s"))
            let daemon = try plant.daemon()
            try plant.raise(0..<1)
            _ = try Self.calls(first, 1)
            switch act {
            case .ack: #expect(try plant.yard.cupel("alarms", "ack", AlarmYard.alarm(0)).status == 0)
            case .shelve:
                let answer = try plant.yard.cupel(
                    "alarms", "shelve", AlarmYard.alarm(0), "--for", "10m", "--why", "probe is changed")
                #expect(answer.status == 0)
            case .clear: try plant.raise(0..<0)
            }
            _ = try eventually("the end of the escalation") {
                try plant.status().escalations.running.isEmpty ? true : nil
            }
            try plant.raise(act == .clear ? 1..<2 : 0..<2)
            #expect(try Self.calls(second, 1).map(\.id) == [AlarmYard.alarm(1)])
            #expect(try Set(first.lines().map(\.id)) == [AlarmYard.alarm(0), AlarmYard.alarm(1)])
            try plant.stop(daemon)
        }

        /// A call that was made is not made again, and the next one comes.
        @Test func aKillNeitherForgetsNorRepeatsACall() throws {
            let (plant, first, second, _) = try Self.plant(Self.policy(wait: "4s"))
            var daemon = try plant.daemon()
            try plant.raise(0..<2)
            _ = try Self.calls(first, 2)
            try plant.drain("first")
            // The cursor is saved within a second: without it the call would be told twice, marked.
            let newest = try plant.newest()
            _ = try eventually("the cursor") {
                let row = try plant.yard.sqlite(plant.yard.journal, "SELECT acked_seq FROM sink WHERE name = 'first'")
                return Int64(row.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 >= newest ? true : nil
            }
            try plant.kill(daemon)
            daemon = try plant.daemon()
            let running = try plant.status().escalations.running
            #expect(running.map(\.alarm) == [AlarmYard.alarm(0), AlarmYard.alarm(1)], "\(running)")
            #expect(Set(try Self.calls(second, 2).map(\.id)) == [AlarmYard.alarm(0), AlarmYard.alarm(1)])
            try plant.drain("first")
            #expect(try first.lines().filter { $0.what == "escalate" }.count == 2)
            let rows = try plant.yard.sqlite(
                plant.yard.journal, "SELECT only_to, count(*) FROM alarm_event WHERE what = 'escalate' GROUP BY 1")
            #expect(rows.split(separator: "\n") == ["first|2", "second|2"])
            try plant.stop(daemon)
        }

        /// While nobody watched one alarm ended, the other goes on: its call says that nobody could acknowledge.
        @Test func afterADowntimeTheAlarmIsLookedAtFirst() throws {
            let (plant, first, second, _) = try Self.plant(Self.policy(first: "1h", wait: "1h"))
            var daemon = try plant.daemon()
            try plant.raise(0..<2)
            _ = try eventually("two that wait") { try plant.status().escalations.running.count == 2 ? true : nil }
            // A clean stop: what is saved is complete.
            try plant.stop(daemon)
            let late = try Program(
                "/usr/bin/sqlite3", [plant.yard.journal, "UPDATE escalation SET due = due - 7200000"])
            #expect(try late.exit().status == 0)
            plant.set(1..<2)
            daemon = try plant.daemon()
            let call = try #require(try Self.calls(first, 1).first)
            #expect(call.id == AlarmYard.alarm(1))
            #expect(call.text?.contains("the daemon was down when this call was due") == true)
            let running = try eventually("the end of the other") {
                let running = try plant.status().escalations.running
                return running.count == 1 ? running : nil
            }
            #expect(running.map(\.step) == [2])
            try plant.drain("first")
            #expect(try first.lines().map(\.id) == [AlarmYard.alarm(1)])
            #expect(try second.lines().isEmpty)
            try plant.stop(daemon)
        }

        /// While its sink fails a call waits, and it comes.
        @Test func aCallWaitsForASinkThatFails() throws {
            let (plant, first, second, _) = try Self.plant(Self.policy(wait: "1s"))
            try first.does(Hook.fails)
            var daemon = try plant.daemon()
            try plant.raise(0..<1)
            _ = try Self.calls(second, 1)
            try plant.wait(for: "first", "failing") { $0.breaker == "open" && $0.backlog == 1 }
            try plant.kill(daemon)
            try first.does(nil)
            daemon = try plant.daemon()
            let call = try Self.calls(first, 1)
            #expect(call.map(\.dup) == [true])
            try plant.stop(daemon)
        }
    }
}
