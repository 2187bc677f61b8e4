import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// The machine fails under the alarms.
    @Suite(.serialized)
    struct Machines {
        /// Space for the databases and a while of their logs.
        private static let bytes = 12 << 20

        /// What the journal cannot take is told from memory at once, and once more with its number when there is space.
        @Test(.enabled(if: Mount.obstacleInMemory == nil, Comment(rawValue: Mount.obstacleInMemory ?? "")))
        func anAlarmOnAFullDiskIsToldAtOnceAndAgainWithItsNumber() throws {
            let server = try WebhookServer()
            let plant = try AlarmYard(
                sinks: """
                      - {name: pager, \(Hook.exec("pager")), match: "X.*"}
                      - {name: web, webhook: "http://127.0.0.1:\(server.port)/", match: "X.*", events: announcements}
                    """, disk: .memory(bytes: Self.bytes))
            let hook = try Hook("pager", in: plant.yard)
            let daemon = try plant.daemon()
            try plant.raise(0..<1)
            try plant.drain("pager")
            try plant.disk.fill()
            // The journal's log may have a page or two left.
            var raised = 1
            _ = try eventually("a journal that cannot be written") {
                raised = min(raised + 1, AlarmYard.tags)
                plant.set(0..<raised)
                _ = try eventually("\(raised) active alarms") { try plant.active() == raised ? true : nil }
                return try plant.status().journal.lastError != nil ? true : nil
            }
            raised += 1
            plant.set(0..<raised)
            let id = AlarmYard.alarm(raised - 1)
            let early = try eventually("the alarm from memory") { try hook.lines().first { $0.id == id } }
            #expect(early.unjournalled == true && early.seq == 0 && early.dup != true)
            try plant.scansGoOn()

            try plant.disk.free()
            let late = try eventually("the alarm with its number") {
                try hook.lines().first { $0.id == id && ($0.seq ?? 0) > 0 }
            }
            #expect(late.dup == true && late.unjournalled != true && late.occ == early.occ)
            _ = try eventually("a journal that works") { try plant.status().journal.lastError == nil ? true : nil }
            try plant.drain("pager")
            try plant.drain("web")
            let number = try plant.yard.sqlite(
                plant.yard.journal, "SELECT seq FROM alarm_event WHERE alarm = '\(id)' AND what = 'raise'")
            #expect(number.trimmingCharacters(in: .whitespacesAndNewlines) == "\(late.seq ?? 0)")
            // Nothing is missing anywhere, and what came twice is marked.
            let wanted = try plant.yard.sqlite(
                plant.yard.journal,
                "SELECT seq FROM alarm_event WHERE alarm LIKE 'a%:X.t%' AND what = 'raise' ORDER BY seq"
            ).split(separator: "\n").compactMap { Int64($0) }
            #expect(wanted.count == raised)
            #expect(try hook.lines().problems(expecting: wanted) == [])
            #expect(try server.taken(through: wanted.last ?? 0).problems(expecting: wanted) == [])
            try plant.stop(daemon)
        }

        /// Somebody sets the clock: what waits waits as long as before. With the clock back by an hour a pause that
        /// follows it would not end while the test has patience; forward, a step of ten minutes would come at once.
        @Test(
            .enabled(if: FaultShim.obstacle == nil, Comment(rawValue: FaultShim.obstacle ?? "")),
            arguments: [Duration.seconds(-3600), .seconds(3600)])
        func aStepOfTheClockTouchesNoPauseAndNoEscalation(step: Duration) throws {
            let plant = try AlarmYard(
                sinks: """
                      - {name: pager, \(Hook.exec("pager")), match: "X.*"}
                      - {name: first, \(Hook.exec("first")), events: escalations}
                      - {name: second, \(Hook.exec("second")), events: escalations}
                    """,
                extra: """
                    escalation:
                      - name: urgent
                        priority: high
                        match: "X.*"
                        steps: [{wait: 4s, sinks: [first]}, {wait: 10m, sinks: [second]}]
                    """)
            let hooks = try ["pager", "first", "second"].map { try Hook($0, in: plant.yard) }
            let shim = try FaultShim(in: plant.yard.path)
            try hooks[0].does(Hook.fails)
            let daemon = try plant.daemon(environment: try shim.environment)
            try plant.raise(0..<1)
            try plant.wait(for: "pager", "failing") { $0.breaker == "open" }
            #expect(try plant.status().escalations.running.map(\.step) == [1])
            shim.setClock(off: step)
            try plant.scansGoOn()
            try hooks[0].does(nil)
            try plant.drain("pager")
            #expect(try hooks[0].lines().filter { $0.what == "raise" }.map(\.id) == [AlarmYard.alarm(0)])
            _ = try eventually("the first call") { try hooks[1].lines().isEmpty ? nil : true }
            try plant.scansGoOn(50)
            let running = try plant.status().escalations.running
            #expect(running.map(\.step) == [2] && running.map(\.called) == [0], "\(running)")
            #expect(hooks[2].text == "")
            try plant.raise(0..<2)
            try plant.drain("pager")
            try plant.stop(daemon)
        }
    }
}
