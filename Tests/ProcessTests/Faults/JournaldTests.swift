import Foundation
import Glibc
import TestSupport
import Testing

extension Faults {
    /// The journal of systemd, which the daemon finds at its usual place in a view of the file system of its own.
    ///
    /// Not beside those that mount disks: the view would hold a disk that they unmount, and a power cut would not end.
    @Suite(.serialized, .enabled(if: geteuid() == 0, "the place of journald's socket can be set by root only"))
    struct Journalds {
        private static let sinks = """
              - {name: system, journald: true}
              - {name: log, file: {path: DIR/log, format: json}}
            """
        private static let away = "no journald answers at /run/systemd/journal/socket"

        /// Away for longer than the queue lasts, there, gone and there again: it has everything that it was not told is
        /// lost, in order, and nobody else waits.
        @Test func aJournaldThatComesLateHasEverythingOrKnowsWhatIsLost() throws {
            let plant = try AlarmYard(sinks: Self.sinks)
            let daemon = try plant.daemon(through: Journald.view(of: plant.yard))
            let first = try plant.newest()
            try plant.toggle(0..<100, times: 6)
            try plant.wait(for: "system", "without a journald") {
                $0.fault == Self.away && $0.lost > 0 && $0.breaker == "open"
            }
            try plant.drain("log")
            try plant.scansGoOn()
            var wanted = try plant.journalled(after: first)
            #expect(try ToldLine.all(in: plant.yard.path + "/log").problems(expecting: wanted) == [])

            let journald = try Journald(in: plant.yard)
            let entries = try journald.entries(through: try #require(wanted.last))
            #expect(entries.first?.what == "gap")
            let told = entries.compactMap(\.number)
            #expect(told == told.sorted() && Set(told).count == told.count)
            // Some of the daemon's own, from before, may be among what is lost.
            let missing = Set(1...(wanted.last ?? 1)).subtracting(told)
            let lost = entries.filter { $0.what == "gap" }.compactMap { Int($0.message.split(separator: " ")[1]) }
            #expect((missing.filter { $0 > first }.count...missing.count).contains(lost.reduce(0, +)))
            try plant.wait(for: "system", "well") { $0.fault == nil && $0.breaker == "closed" && $0.backlog == 0 }

            try journald.kill()
            let before = try plant.newest()
            try plant.raise(0..<5)
            try plant.wait(for: "system", "without a journald") { $0.fault == Self.away && $0.backlog > 0 }
            let second = try Journald(in: plant.yard)
            wanted = try plant.journalled(after: before)
            let later = try second.entries(through: try #require(wanted.last))
            #expect(later.compactMap(\.number).filter { $0 > before } == wanted)
            #expect(later.allSatisfy { $0.what != "gap" })
            try plant.stop(daemon)
        }

        /// One that was stopped holds up nobody, and has everything when it goes on.
        @Test func aJournaldThatIsStoppedHasEverythingAfterwards() throws {
            let plant = try AlarmYard(sinks: Self.sinks)
            let journald = try Journald(in: plant.yard)
            let daemon = try plant.daemon(through: Journald.view(of: plant.yard))
            let first = try plant.newest()
            try plant.raise(0..<1)
            _ = try journald.entry { $0.what == "raise" }
            journald.program.signal(SIGSTOP)
            // More than the kernel keeps for it, whatever this machine's limit (512 with systemd), less than the queue.
            try plant.toggle(0..<100, times: 3)
            try plant.wait(for: "system", "a journald that does not read") {
                $0.fault?.contains("journald does not read its socket") == true
            }
            try plant.drain("log")
            try plant.scansGoOn()
            journald.program.signal(SIGCONT)
            let wanted = try plant.journalled(after: first)
            let entries = try journald.entries(through: try #require(wanted.last))
            // The first of them was read above.
            let raised = try #require(wanted.first)
            #expect([raised] + entries.compactMap(\.number) == wanted)
            #expect(try plant.sink("system").lost == 0)
            try plant.stop(daemon)
        }
    }
}

/// A stand-in for journald: see `Servers/journald.py`.
private final class Journald {
    struct Entry: Decodable {
        var what: String?
        var message: String
        private var sequence: String?
        /// Of an event.
        var number: Int64? { sequence.flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil } }

        private enum CodingKeys: String, CodingKey {
            case what = "WHAT"
            case message = "MESSAGE"
            case sequence = "SEQ"
        }
    }

    let program: Program

    /// Starts a program where `/run/systemd/journal` is a directory of the yard, and all else of `/run` is not there.
    static func view(of yard: Plantyard) throws -> [String] {
        let place = yard.path + "/journal"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let script = """
            mount -t tmpfs none /run && mkdir -p /run/systemd/journal \
            && mount --bind '\(place)' /run/systemd/journal && exec "$@"
            """
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh"]
    }

    init(in yard: Plantyard) throws {
        _ = try Self.view(of: yard)
        let script = try #require(Bundle.module.path(forResource: "journald", ofType: "py", inDirectory: "Servers"))
        program = try Program(Cupel.python, [script, yard.path + "/journal/socket"])
        _ = try program.line { $0 == "ready" }
    }

    /// The next entry like that.
    func entry(where wanted: (Entry) -> Bool) throws -> Entry {
        while true {
            let entry = try JSONDecoder().decode(Entry.self, from: Data(try program.line().utf8))
            if wanted(entry) { return entry }
        }
    }

    /// The next entries, up to that of this event.
    func entries(through last: Int64) throws -> [Entry] {
        var entries: [Entry] = []
        while entries.last?.number != last { entries.append(try entry { _ in true }) }
        return entries
    }

    func kill() throws {
        program.signal(SIGKILL)
        try program.exit()
    }
}
