import Foundation
import Synchronization
import TestSupport

/// A plant whose alarms are raised and cleared at will: each register is a tag of its own, with one alarm.
final class AlarmYard {
    /// Enough for every test, and one request reads them all.
    static let tags = 100
    /// Above it, a register's alarm is raised.
    private static let limit = 100

    let yard: Plantyard
    let server: ScriptedServer
    private let registers: Registers
    private let priorities: [Int: String]
    private let extra: String
    private let socket: DaemonSocket
    private var mount: Mount?
    /// Raises and clears that the journal must have.
    private var changes = 0

    private final class Registers: Sendable {
        let values = Mutex<[UInt16]>(Array(repeating: 0, count: AlarmYard.tags))
    }

    /// - Parameters:
    ///   - sinks: the list, as the configuration has it; `DIR` is the yard's own directory.
    ///   - extra: further sections.
    ///   - priorities: of alarms that are not of high priority, by number.
    ///   - disk: where the state is kept; `nil` for the machine's own disk.
    init(
        sinks: String = "", extra: String = "", priorities: [Int: String] = [:], disk: Mount.Disk? = nil
    ) throws {
        let (server, registers) = (try ScriptedServer(), Registers())
        server.remember(history: { _, address in
            registers.values.withLock { $0.indices.contains(address) ? $0[address] : 0 }
        })
        (self.server, self.registers, self.priorities, self.extra) = (server, registers, priorities, extra)
        yard = try Plantyard()
        socket = DaemonSocket(yard.state + "/cupel.sock")
        mount = try disk.map { try Mount($0, at: yard.state) }
        try configure(sinks: sinks)
    }

    deinit {
        server.stop()
        mount = nil
    }

    var disk: Mount {
        get throws {
            guard let mount else { throw TestFailure("this yard has no disk of its own") }
            return mount
        }
    }

    /// Writes the configuration. The supervisors of floods and chatter are kept from summing up what the tests count.
    func configure(sinks: String, extra: String? = nil) throws {
        let tags = (0..<AlarmYard.tags).map {
            "      - {name: t\($0), register: \"holding:\($0)\", type: uint16, scan: fast}"
        }
        let alarms = (0..<AlarmYard.tags).map { number in
            "  - {id: a\(number), tag: X.t\(number), levels: {high: {limit: \(AlarmYard.limit), "
                + "priority: \(priorities[number] ?? "high")}}}"
        }
        try yard.write(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            history: {commit_every: 50ms}
            scan: {fast: 20ms}
            controllers:
              - name: X
                address: 127.0.0.1:\(server.port)
                unit: 1
                tags:
            \(tags.joined(separator: "\n"))
            alarms:
            \(alarms.joined(separator: "\n"))
            alarm_system: {flood: {starts: 1000}, chatter: {changes: 100, within: 1s, hold: 1s}}
            \(sinks.isEmpty ? "" : "sinks:\n" + sinks.replacingOccurrences(of: "DIR", with: yard.path))
            \(extra ?? self.extra)
            """)
    }

    static func alarm(_ number: Int) -> String { "a\(number):X.t\(number)" }

    // MARK: The daemon

    /// The daemon, once people can connect.
    ///
    /// - Parameter through: a program and its arguments that ends by turning into the one that is named after them.
    func daemon(environment: [String: String] = [:], through: [String] = []) throws -> Program {
        let words = through + [Cupel.binary, "run", "--config", yard.config, "--state", yard.state]
        let daemon = try Program(words[0], Array(words.dropFirst()), environment: environment)
        _ = try daemon.errorLine { $0.contains("socket \(yard.state)/cupel.sock") }
        return daemon
    }

    /// Ends as a crash does, in the middle of whatever it does.
    func kill(_ daemon: Program) throws {
        daemon.signal(SIGKILL)
        try daemon.exit()
    }

    func stop(_ daemon: Program) throws {
        daemon.signal(SIGTERM)
        let end = try daemon.exit()
        guard end.status == 0 else {
            throw TestFailure("the daemon ended with \(end.status): \(end.errors.suffix(2000))")
        }
    }

    struct Status: Decodable {
        struct Journal: Decodable {
            var lastSequence: Int64
            var lastError: String?
            var unjournalled: Int
        }
        struct Watch: Decodable { var readings: UInt64 }
        struct Escalations: Decodable {
            struct Running: Decodable {
                var alarm: String
                var step: Int?
                var called: Int
            }
            var running: [Running]
            var calls: Int
        }
        var journal: Journal
        var watch: Watch
        var escalations: Escalations
        var sinks: [SinkLine]
    }

    /// As `cupel sinks --json` shows it.
    struct SinkLine: Decodable {
        var name: String
        var backlog: Int
        var behind: Int64
        var sent: Int
        var lost: Int
        var dead: Int
        var sequence: Int64
        var breaker: String
        var fault: String?
    }

    func status() throws -> Status {
        guard let answer = socket.get("status") else { throw TestFailure("the daemon does not answer") }
        return try JSONDecoder().decode(Status.self, from: answer)
    }

    func sink(_ name: String) throws -> SinkLine {
        guard let sink = try status().sinks.first(where: { $0.name == name }) else {
            throw TestFailure("no sink \(name)")
        }
        return sink
    }

    /// As `cupel sinks readers --json` shows it.
    struct Reader: Decodable {
        var name: String?
        var acked: Int64?
        var behind: Int
        var dead: Bool
    }

    func readers() throws -> [Reader] {
        guard let answer = socket.get("sinks/readers") else { throw TestFailure("the daemon does not answer") }
        return try JSONDecoder().decode([Reader].self, from: answer)
    }

    @discardableResult
    func wait(for sink: String, _ what: String, until isThere: (SinkLine) -> Bool) throws -> SinkLine {
        var last: SinkLine?
        do {
            return try eventually("sink \(sink): \(what)") {
                let line = try self.sink(sink)
                last = line
                return isThere(line) ? line : nil
            }
        } catch {
            throw TestFailure("\(error); it was \(last.map { "\($0)" } ?? "never seen")")
        }
    }

    /// Waits until a sink needs nothing more of what has been journalled so far.
    func drain(_ sink: String) throws {
        let newest = try status().journal.lastSequence
        try wait(for: sink, "everything up to \(newest)") { $0.sequence >= newest && $0.backlog == 0 }
    }

    /// Scanning goes on: so many more readings come.
    func scansGoOn(_ scans: UInt64 = 5) throws {
        let before = try status().watch.readings
        _ = try eventually("\(scans) more scans") {
            try status().watch.readings >= before + scans * UInt64(AlarmYard.tags) ? true : nil
        }
    }

    // MARK: Alarms

    /// Raises exactly these alarms, clears all others, and waits until the daemon has seen it and the journal has it.
    func raise(_ numbers: Range<Int>) throws {
        changes += set(numbers)
        _ = try eventually("\(numbers.count) active alarms") { try active() == numbers.count ? true : nil }
        _ = try eventually("\(changes) changes in the journal") {
            let rows = try yard.sqlite(
                yard.journal,
                "SELECT count(*) FROM alarm_event WHERE alarm LIKE 'a%:X.t%' AND what IN ('raise', 'clear')")
            return Int(rows.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 >= changes ? true : nil
        }
    }

    /// Sets the registers, and waits for nothing.
    ///
    /// - Returns: how many alarms that changes.
    @discardableResult
    func set(_ numbers: Range<Int>) -> Int {
        registers.values.withLock { values in
            let before = values
            for index in values.indices { values[index] = numbers.contains(index) ? UInt16(AlarmYard.limit) : 0 }
            return zip(before, values).count { $0 != $1 }
        }
    }

    /// Alarms of the plant whose condition holds.
    func active() throws -> Int {
        struct Line: Decodable {
            var alarm: String
            var core: String
        }
        guard let answer = socket.get("alarms") else { throw TestFailure("the daemon does not answer") }
        return try JSONDecoder().decode([Line].self, from: answer)
            .count { $0.alarm.hasPrefix("a") && ["UNACK", "ACKED"].contains($0.core) }
    }

    /// Raises and clears these so often.
    func toggle(_ numbers: Range<Int>, times: Int) throws {
        for _ in 0..<times {
            try raise(numbers)
            try raise(0..<0)
        }
    }

    // MARK: The journal

    func newest() throws -> Int64 { try status().journal.lastSequence }

    /// The sequence numbers of all events after `sequence` that are for every sink.
    func journalled(after sequence: Int64) throws -> [Int64] {
        try yard.sqlite(
            yard.journal, "SELECT seq FROM alarm_event WHERE seq > \(sequence) AND only_to IS NULL ORDER BY seq"
        ).split(separator: "\n").compactMap { Int64($0) }
    }
}
