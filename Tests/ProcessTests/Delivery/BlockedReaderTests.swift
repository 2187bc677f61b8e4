import Foundation
import Glibc
import TestSupport
import Testing

extension Deliveries {
    /// Readers that stop reading, or go.
    @Suite(.serialized)
    struct BlockedReaders {
        private static let sinks = """
              - {name: floor, fifo: DIR/floor}
              - {name: pager, \(Hook.exec("pager")), events: all, match: "X.t0", timeout: 120s}
              - {name: log, file: {path: DIR/log, format: json}}
            """

        /// Both stopped, all others have everything, and scans go on. Let go, the pipe's reader has everything or knows
        /// how many it has missed, and the program has everything.
        @Test func stoppedReadersDelayNobodyAndLearnWhatTheyMissed() throws {
            let plant = try AlarmYard(sinks: Self.sinks)
            let hook = try Hook("pager", in: plant.yard)
            let pid = plant.yard.path + "/pager.pid"
            let daemon = try plant.daemon()
            let first = try plant.newest()
            let reader = try PipeReader(plant.yard.path + "/floor", in: plant.yard)
            try plant.raise(0..<1)
            try plant.raise(0..<0)
            try reader.lines { $0.contains { $0.what == "clear" } }
            try plant.drain("pager")

            // Stopped while it has the first line of what comes now.
            try hook.does("echo $$ > '\(pid)'; kill -STOP $$")
            reader.program.signal(SIGSTOP)
            try plant.toggle(0..<1, times: 1)
            let stopped = try eventually("the program's number") {
                (try? String(contentsOfFile: pid, encoding: .utf8)).flatMap {
                    Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
                }
            }
            // More than the pipe (64 KiB) and the queue (1 000 lines) take.
            try plant.toggle(1..<100, times: 7)
            try plant.scansGoOn()
            try plant.drain("log")
            let wanted = try plant.journalled(after: first)
            #expect(try ToldLine.all(in: plant.yard.path + "/log").problems(expecting: wanted) == [])
            let full = try plant.wait(for: "floor", "a reader that does not read") {
                $0.lost > 0 && $0.behind == 0 && $0.fault?.contains("does not read") == true
            }
            let own = try plant.yard.sqlite(
                plant.yard.journal, "SELECT what FROM alarm_event WHERE alarm = 'a0:X.t0' ORDER BY seq"
            ).split(separator: "\n").map(String.init)
            #expect(own.count { $0 == "raise" } == 2)
            let heard = try hook.lines().count
            #expect(heard == 2)
            #expect(try plant.sink("pager").backlog == own.count - heard)

            try hook.does(nil)
            kill(stopped, SIGCONT)
            reader.program.signal(SIGCONT)
            try plant.drain("pager")
            #expect(try hook.lines().map(\.what) == own)
            try plant.wait(for: "floor", "all that is left") { $0.backlog == 0 && $0.fault == nil }
            let lines = try reader.lines { lines in
                lines.contains { $0.seq == wanted.last && $0.isEvent } && lines.contains { $0.what == "gap" }
            }
            let told = Set(lines.events.compactMap(\.seq)).intersection(wanted)
            let missed = lines.filter { $0.what == "gap" }.compactMap(\.lost).reduce(0, +)
            #expect(missed == wanted.count - told.count)
            #expect(missed == full.lost)
            #expect(lines.problems(expecting: []) == [])
            let missing = Set(wanted).subtracting(told)
            #expect(
                lines.filter { $0.what == "gap" }.allSatisfy { gap in
                    missing.contains(gap.from ?? 0) && missing.contains(gap.to ?? 0)
                })
            try plant.stop(daemon)
        }

        /// A reader that goes in the middle of a line: the next one gets whole lines, and learns what stands.
        @Test func aReaderThatLeavesInTheMiddleOfALineHarmsNobody() throws {
            let plant = try AlarmYard(sinks: Self.sinks)
            _ = try Hook("pager", in: plant.yard)
            let daemon = try plant.daemon()
            let first = try plant.newest()
            let path = plant.yard.path + "/floor"
            _ = try eventually("the pipe") { FileManager.default.fileExists(atPath: path) ? true : nil }
            let torn = open(path, O_RDONLY | O_CLOEXEC)
            try #require(torn >= 0)
            try plant.raise(0..<5)
            var half = [UInt8](repeating: 0, count: 50)
            #expect(read(torn, &half, half.count) == half.count)
            #expect(!half.contains(UInt8(ascii: "\n")))
            close(torn)

            // Nobody reads: these wait, and nobody else does.
            try plant.raise(0..<8)
            try plant.wait(for: "floor", "without a reader") { $0.breaker == "open" && $0.backlog > 0 }
            try plant.drain("log")
            let wanted = try plant.journalled(after: first)
            #expect(try ToldLine.all(in: plant.yard.path + "/log").problems(expecting: wanted) == [])
            try plant.scansGoOn()

            let reader = try PipeReader(path, in: plant.yard)
            let lines = try reader.lines { lines in lines.contains { $0.isEvent && $0.seq == wanted.last } }
            #expect(lines.first?.what == "snapshot")
            let standing = Set(lines.filter { $0.what == "snapshot" }.compactMap(\.id))
            #expect(standing == Set((0..<8).map(AlarmYard.alarm)))
            try plant.stop(daemon)
            #expect(try reader.program.exit().status == 0, "the end of the daemon is the end of the pipe")
        }
    }
}

/// `cat` of a named pipe into a file: all it has read is there when it is stopped.
final class PipeReader {
    let program: Program
    private let path: String

    init(_ pipe: String, in yard: Plantyard) throws {
        path = pipe + ".got"
        program = try Program("/bin/sh", ["-c", "exec cat '\(pipe)' > '\(path)'"])
    }

    /// The lines, once they are like that.
    @discardableResult
    func lines(until wanted: ([ToldLine]) -> Bool) throws -> [ToldLine] {
        var count = 0
        do {
            return try eventually("the lines of a pipe") {
                let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                let lines = try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
                    try ToldLine($0)
                }
                count = lines.count
                return wanted(lines) ? lines : nil
            }
        } catch {
            throw TestFailure("\(error); there were \(count)")
        }
    }
}
