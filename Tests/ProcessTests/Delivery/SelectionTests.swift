import Foundation
import TestSupport
import Testing

extension Deliveries {
    /// Who gets what, when, and in which words.
    @Suite(.serialized)
    struct Selections {
        @Test func eachSinkGetsWhatItIsFor() throws {
            let calendar = Calendar(identifier: .iso8601)
            var utc = calendar
            utc.timeZone = try #require(TimeZone(identifier: "UTC"))
            // Three days from today: never now, however long the test takes.
            let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            let another = days[(utc.component(.weekday, from: Date()) - 1 + 3) % 7]
            let plant = try AlarmYard(
                sinks: """
                      - {name: all, file: {path: DIR/all, format: json}, match: "X.*"}
                      - {name: high, file: {path: DIR/high, format: json}, match: "X.*", min_priority: high}
                      - {name: odd, file: {path: DIR/odd, format: json}, match: ["X.t1", "a3:X.t3"]}
                      - {name: rest, file: {path: DIR/rest, format: json}, match: "X.*", except: "*.t0"}
                      - {name: told, file: {path: DIR/told, format: json}, match: "X.*", events: announcements}
                      - {name: never, file: {path: DIR/never, format: json}, schedule: "\(another) 00:00-24:00"}
                      - {name: always, file: {path: DIR/always, format: json}, match: "X.*", schedule: "00:00-24:00"}
                      - {name: words, file: DIR/words, match: "X.t0", text: "{{alarm}} is {{state}}{{#value}} at {{value}}{{/value}} & more"}
                    """, priorities: [0: "critical", 1: "high", 2: "medium", 3: "low"])
            let daemon = try plant.daemon()
            try plant.raise(0..<4)
            try plant.raise(0..<0)
            let names = ["all", "high", "odd", "rest", "told", "never", "always", "words"]
            for sink in names { try plant.drain(sink) }
            func got(_ sink: String) throws -> Set<String> {
                try Set(
                    ToldLine.all(in: "\(plant.yard.path)/\(sink)").map {
                        "\($0.what) \($0.id?.split(separator: ".").last ?? "")"
                    })
            }
            func both(_ numbers: Int...) -> Set<String> { Set(numbers.flatMap { ["raise t\($0)", "clear t\($0)"] }) }
            #expect(try got("all") == both(0, 1, 2, 3))
            #expect(try got("high") == both(0, 1))
            #expect(try got("odd") == both(1, 3))
            #expect(try got("rest") == both(1, 2, 3))
            #expect(try got("told") == ["raise t0", "raise t1", "raise t2", "raise t3"])
            #expect(try got("never") == [])
            #expect(try got("always") == both(0, 1, 2, 3))
            let words = try String(contentsOfFile: plant.yard.path + "/words", encoding: .utf8)
            #expect(words == "a0:X.t0 is UNACK at 100 & more\na0:X.t0 is RTNUN at 0 & more\n")
            try plant.stop(daemon)
        }

        /// What is more than the rate waits and comes as one digest; critical alarms never wait.
        @Test func whatIsMoreThanTheRateComesAsADigest() throws {
            let plant = try AlarmYard(
                sinks: """
                      - {name: pager, \(Hook.exec("pager")), match: "X.*", rate_limit: {lines: 2, every: 5s}}
                    """, priorities: [20: "critical"])
            let hook = try Hook("pager", in: plant.yard)
            let daemon = try plant.daemon()
            // Two at once, and the others wait.
            try plant.raise(0..<1)
            try plant.drain("pager")
            try plant.raise(0..<2)
            try plant.drain("pager")
            #expect(try hook.lines().map(\.what) == ["raise", "raise"])
            try plant.raise(0..<20)
            try plant.drain("pager")
            let lines = try hook.lines()
            let digests = lines.filter { $0.what == "digest" }
            #expect(!digests.isEmpty)
            #expect(digests.compactMap(\.count).reduce(0, +) + lines.count { $0.what == "raise" } == 20)
            #expect(lines.count <= 8, "\(lines.map(\.what))")
            #expect(digests.first?.text?.contains("raise a2:X.t2") == true)

            let before = lines.count
            try plant.raise(0..<21)
            let last = try eventually("the critical alarm") {
                try hook.lines().dropFirst(before).first { $0.id == AlarmYard.alarm(20) }
            }
            #expect(last.what == "raise")
            // Each event of a digest is accounted for.
            try plant.drain("pager")
            _ = try eventually("21 deliveries on disk") {
                let rows = try plant.yard.sqlite(
                    plant.yard.journal, "SELECT count(DISTINCT seq) FROM delivery WHERE outcome = 'delivered'")
                return rows.trimmingCharacters(in: .whitespacesAndNewlines) == "21" ? true : nil
            }
            try plant.stop(daemon)
        }
    }
}
