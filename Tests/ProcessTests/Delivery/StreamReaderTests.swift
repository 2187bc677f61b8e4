import Foundation
import Glibc
import TestSupport
import Testing

extension Deliveries {
    /// Programs of others at the alarm stream's socket.
    @Suite(.serialized)
    struct StreamReaders {
        private static let sinks = "  - {name: log, file: {path: DIR/log, format: json}}"

        /// One that acknowledges hears everything at once, whatever those beside it do; the one that was stopped has all
        /// of it when it goes on and comes back.
        @Test func readersThatStopOrGoHarmNobody() throws {
            let plant = try AlarmYard(sinks: Self.sinks)
            let daemon = try plant.daemon()
            let first = try plant.newest()
            let pager = try StreamReader(plant, "pager", since: first, acks: true)
            let stopped = try StreamReader(plant, "stopped", since: first)
            try plant.raise(0..<1)
            for reader in [pager, stopped] { _ = try reader.event { $0.what == "raise" } }
            stopped.program.signal(SIGSTOP)

            // In the middle of a word of its own; in the middle of one of the daemon's.
            for (hello, bytes) in [
                ("{\"hello\":\"torn\",\"sin", 1), ("{\"hello\":\"torn\",\"since\":\(first)}\n", 200),
            ] {
                let torn = try StreamReader.program(plant, [hello, "\(bytes)"])
                #expect(try torn.line() == "closed")
                try torn.exit()
            }

            // Beyond the window of 1 000 lines, and the kernel's buffers.
            _ = try eventually("a reader that is a thousand lines behind") {
                try plant.toggle(1..<100, times: 1)
                let report = try plant.readers().first { $0.name == "stopped" }
                return report.map { $0.behind > 1000 } ?? true ? true : nil
            }
            try plant.scansGoOn()
            try plant.drain("log")
            let wanted = try plant.journalled(after: first)
            let last = try #require(wanted.last)
            #expect(try ToldLine.all(in: plant.yard.path + "/log").problems(expecting: wanted) == [])
            let acked = try eventually("the acknowledgement of \(last)") {
                try plant.readers().first { $0.name == "pager" && $0.acked ?? 0 >= last }
            }
            #expect(!acked.dead)
            #expect(try plant.readers().allSatisfy { $0.name != "torn" })

            stopped.program.signal(SIGCONT)
            // Cut off: with a word about it, or without one when it was stopped for too long.
            var told = try stopped.untilEnd()
            #expect(told.filter { $0.what == "gap" }.allSatisfy { ($0.to ?? 0) >= ($0.from ?? 0) })
            let heard = told.events.last?.seq ?? first
            #expect(heard < last)
            let returned = try StreamReader(plant, "returned", since: heard)
            _ = try returned.event { $0.seq == last }
            try plant.stop(daemon)
            told += try returned.untilEnd()
            #expect(told.problems(expecting: wanted) == [])
            #expect(try pager.untilEnd().problems(expecting: wanted) == [])
        }

        /// It named what it has: after either end was killed it gets the rest, and nothing twice without a mark.
        @Test func aReaderThatAcknowledgesGoesOnAfterEitherEndWasKilled() throws {
            let plant = try AlarmYard(sinks: Self.sinks)
            var daemon = try plant.daemon()
            let first = try plant.newest()
            var told: [ToldLine] = []
            for isDaemon in [false, true, false] {
                let reader = try StreamReader(plant, "pager", since: told.events.last?.seq ?? first, acks: true)
                try plant.toggle(0..<3, times: 1)
                let newest = try plant.newest()
                _ = try reader.event { $0.seq ?? 0 >= newest }
                if isDaemon {
                    try plant.kill(daemon)
                } else {
                    reader.program.signal(SIGKILL)
                }
                told += try reader.untilEnd()
                if isDaemon { daemon = try plant.daemon() }
                // Nobody listens to these.
                try plant.toggle(3..<5, times: 1)
            }
            let reader = try StreamReader(plant, "pager", since: told.events.last?.seq ?? first, acks: true)
            try plant.drain("log")
            let wanted = try plant.journalled(after: first)
            _ = try reader.event { $0.seq == wanted.last }
            try plant.stop(daemon)
            told += try reader.untilEnd()
            #expect(told.problems(expecting: wanted) == [])
        }
    }
}

/// A reader of the stream: see `Servers/reader.py`.
final class StreamReader {
    let program: Program

    /// - Parameter since: the number that it has.
    init(_ plant: AlarmYard, _ name: String, since: Int64, acks: Bool = false) throws {
        program = try Self.program(plant, ["{\"hello\":\"\(name)\",\"since\":\(since),\"acks\":\(acks)}\n"])
    }

    static func program(_ plant: AlarmYard, _ arguments: [String]) throws -> Program {
        let script = try #require(Bundle.module.path(forResource: "reader", ofType: "py", inDirectory: "Servers"))
        return try Program(Cupel.python, [script, plant.yard.state + "/alarms.sock"] + arguments)
    }

    /// The next event like that.
    func event(where wanted: (ToldLine) -> Bool) throws -> ToldLine {
        while true {
            let line = try ToldLine(try program.line())
            if line.isEvent, wanted(line) { return line }
        }
    }

    /// All that it got, whole lines only.
    func untilEnd() throws -> [ToldLine] {
        try program.exit().output.split(separator: "\n").map { try ToldLine($0) }
    }
}
