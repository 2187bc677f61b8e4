import Foundation
import Glibc
import TestSupport
import Testing

extension Deliveries {
    /// A place that cannot be told is an alarm at the others.
    @Suite(.serialized)
    struct SinkAlarms {
        /// A sink that works again must do so for a minute before its alarm clears.
        private static let patience = Program.patience + 90

        private static func told(_ plant: AlarmYard, _ what: String, _ id: String) throws -> ToldLine {
            try eventually("\(what) of \(id) at the other sink", within: patience) {
                try ToldLine.all(in: plant.yard.path + "/log").first { $0.what == what && $0.id == id }
            }
        }

        @Test func aSinkThatFailsIsAnAlarmAtTheOthersUntilItWorksAgain() throws {
            let plant = try AlarmYard(
                sinks: """
                      - {name: pager, \(Hook.exec("pager")), alarm_after: 1s, match: "X.*"}
                      - {name: log, file: {path: DIR/log, format: json}}
                    """)
            let hook = try Hook("pager", in: plant.yard)
            try hook.does(Hook.fails)
            let daemon = try plant.daemon()
            // Nothing to tell, nothing known.
            try plant.scansGoOn()
            #expect(try plant.sink("pager").fault == nil)
            try plant.raise(0..<1)
            let raised = try Self.told(plant, "raise", "sink:pager")
            #expect(raised.text?.contains("exited with 75") == true, "\(raised)")
            try hook.does(nil)
            _ = try Self.told(plant, "clear", "sink:pager")
            try plant.drain("pager")
            #expect(try hook.lines().map(\.id) == [AlarmYard.alarm(0)])
            try plant.stop(daemon)
        }

        /// This machine's journald may be there or not: where it is not, the sink says so and nobody else suffers.
        @Test(.enabled(if: access("/run/systemd/journal/socket", F_OK) != 0, "journald runs here"))
        func withoutJournaldItsSinkFailsAlone() throws {
            let plant = try AlarmYard(
                sinks: """
                      - {name: system, journald: true, alarm_after: 1s}
                      - {name: log, file: {path: DIR/log, format: json}}
                    """)
            let daemon = try plant.daemon()
            let first = try plant.newest()
            try plant.raise(0..<3)
            let raised = try Self.told(plant, "raise", "sink:system")
            #expect(raised.text?.contains("/run/systemd/journal/socket") == true, "\(raised)")
            #expect(try plant.sink("system").breaker == "open")
            try plant.drain("log")
            #expect(
                try ToldLine.all(in: plant.yard.path + "/log").problems(expecting: plant.journalled(after: first)) == []
            )
            #expect(try plant.yard.cupel("sinks", "test", "system").status == 75)
            try plant.stop(daemon)
        }

        /// Whoever read the daemon's own output has gone.
        @Test func aClosedStandardOutputIsAnAlarmElsewhereAndTheDaemonLives() throws {
            let plant = try AlarmYard(
                sinks: """
                      - {name: console, stdout: text, alarm_after: 1s}
                      - {name: log, file: {path: DIR/log, format: json}}
                    """)
            let errors = plant.yard.path + "/errors"
            // `head` takes one line and goes; the number of the daemon and its end are kept by the shell.
            let shell = try Program(
                "/bin/sh",
                [
                    "-c",
                    "{ '\(Cupel.binary)' run --config '\(plant.yard.config)' --state '\(plant.yard.state)' "
                        + "2> '\(errors)' & echo $! > '\(plant.yard.path)/pid'; wait $!; "
                        + "echo $? > '\(plant.yard.path)/end'; } | head -n 1",
                ])
            let pid = try eventually("the daemon") {
                let text = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
                guard text.contains("socket \(plant.yard.state)/cupel.sock") else { return Int32?.none }
                return try Int32(
                    String(contentsOfFile: plant.yard.path + "/pid", encoding: .utf8)
                        .trimmingCharacters(in: .whitespacesAndNewlines))
            }
            defer { kill(pid, SIGKILL) }
            try plant.raise(0..<1)
            _ = try shell.line()
            // It takes another line to find out.
            try plant.raise(0..<3)
            let raised = try eventually("the alarm") {
                try ToldLine.all(in: plant.yard.path + "/log").first { $0.what == "raise" && $0.id == "sink:console" }
            }
            #expect(raised.text?.contains("standard output is closed") == true, "\(raised)")
            try plant.scansGoOn()
            try plant.drain("log")
            kill(pid, SIGTERM)
            let end = try eventually("the daemon's end") {
                (try? String(contentsOfFile: plant.yard.path + "/end", encoding: .utf8)).flatMap {
                    $0.isEmpty ? nil : $0
                }
            }
            #expect(end == "0\n")
            try shell.exit()
        }
    }
}
