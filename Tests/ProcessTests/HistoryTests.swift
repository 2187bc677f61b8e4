import Foundation
import Glibc
import TestSupport
import Testing

/// The history under kills, locks and other users.
@Suite(.serialized)
struct HistoryTests {
    static func yard(_ port: Int) throws -> Plantyard {
        try Plantyard(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            history: {commit_every: 50ms}
            scan: {fast: 20ms}
            controllers:
              - name: X
                address: 127.0.0.1:\(port)
                unit: 1
                tags:
                  - {name: a, register: "holding:0", type: float32, order: abcd, scan: fast}
                  - {name: b, register: "holding:200", type: uint32, order: abcd, scan: fast}
            """)
    }

    static func server() throws -> PymodbusServer {
        try PymodbusServer(["words holding 0 44b5 4333", "words holding 200 1 e240"])
    }

    struct Status: Decodable {
        struct Recorder: Decodable {
            var newestSequences: [String: UInt64]
            var state: String
            var refusedBlocks: Int
        }
        var recorder: Recorder
    }

    static func status(_ yard: Plantyard) throws -> Status {
        try JSONDecoder().decode(Status.self, from: Data(yard.cupel("status", "--json").output.utf8))
    }

    @Test func whatWasCommittedSurvivesKills() throws {
        let server = try Self.server()
        let yard = try Self.yard(server.port)
        for _ in 0..<4 {
            let daemon = try yard.daemon()
            let before = try Self.status(yard).recorder.newestSequences["X/fast"] ?? 0
            let promised = try eventually("twenty more scans on disk") {
                let now = try Self.status(yard).recorder.newestSequences["X/fast"] ?? 0
                return now >= before + 20 ? now : nil
            }
            daemon.signal(SIGKILL)
            try daemon.exit()
            #expect(try yard.sqlite(yard.history, "PRAGMA integrity_check") == "ok")
            let held = try yard.sqlite(
                yard.history, "SELECT count(DISTINCT sequence), count(*), max(sequence) FROM hot WHERE v <> '[]'")
            let counts = held.split(separator: "|").compactMap { UInt64($0) }
            // Every scan up to the promised one is there, each once, and each whole.
            #expect(counts[2] >= promised)
            let missing = try yard.sqlite(
                yard.history,
                "SELECT count(*) FROM hot WHERE sequence <= \(promised)")
            #expect(UInt64(missing) == promised)
            #expect(
                try yard.sqlite(yard.history, "SELECT count(*) FROM hot WHERE json_array_length(v) NOT IN (0, 2)")
                    == "0")
        }
        let gaps = try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE text = 'daemon not running'")
        #expect(gaps == "3")
    }

    @Test func aLockedDatabaseDelaysNobodyAndLosesNothing() throws {
        let server = try Self.server()
        let yard = try Self.yard(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("scans on disk") {
            try Self.status(yard).recorder.newestSequences["X/fast"] ?? 0 > 5 ? true : nil
        }
        let shell = try Program("/usr/bin/sqlite3", [yard.history])
        // The daemon may be committing just now.
        shell.send(".timeout 5000")
        shell.send("BEGIN IMMEDIATE;")
        shell.send("SELECT 'locked';")
        _ = try shell.line { $0 == "locked" }
        _ = try eventually("degraded") { try Self.status(yard).recorder.state == "degraded" ? true : nil }
        #expect(try yard.cupel("now", "X.a").output.contains("good"))
        shell.send("COMMIT;")
        _ = try eventually("ok again") { try Self.status(yard).recorder.state == "ok" ? true : nil }
        #expect(try Self.status(yard).recorder.refusedBlocks == 0)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        let holes = try yard.sqlite(yard.history, "SELECT max(sequence) - min(sequence) + 1 - count(*) FROM hot")
        #expect(holes == "0")
    }

    @Test(.enabled(if: getuid() == 0, "only root can become another user"))
    func anotherUserReadsTheHistoryWithTheDaemonStopped() throws {
        let server = try Self.server()
        let yard = try Self.yard(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("scans on disk") {
            try Self.status(yard).recorder.newestSequences["X/fast"] ?? 0 > 5 ? true : nil
        }
        let binary = yard.path + "/cupel"
        try FileManager.default.copyItem(atPath: Cupel.binary, toPath: binary)
        for path in [yard.path, yard.state, binary] { chmod(path, 0o755) }
        func query() throws -> (status: Int32, output: String, errors: String) {
            try Program(
                "/usr/sbin/runuser",
                [
                    "-u", "nobody", "--", binary, "query", "X.b", "--from", "-1h", "--config", yard.config, "--state",
                    yard.state,
                ]
            ).exit()
        }
        #expect(try query().output.contains(",X.b,123456,,good"))
        daemon.signal(SIGTERM)
        try daemon.exit()
        let stopped = try query()
        #expect(stopped.status == 0)
        #expect(stopped.output.contains(",X.b,123456,,good"))
        // And leaves nothing behind that the daemon would stumble over.
        #expect(!FileManager.default.fileExists(atPath: yard.history + "-shm"))
    }

    @Test func aClosedPipeEndsAQueryQuietly() throws {
        let server = try Self.server()
        let yard = try Self.yard(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("a hundred scans") {
            try Self.status(yard).recorder.newestSequences["X/fast"] ?? 0 > 100 ? true : nil
        }
        let head = try Program(
            "/bin/sh",
            [
                "-c",
                "'\(Cupel.binary)' query X.a --from -1h --config '\(yard.config)' --state '\(yard.state)' | head -n 1",
            ]
        ).exit()
        #expect(head.output == "time,tag,value,unit,quality")
        #expect(head.errors.isEmpty)
        daemon.signal(SIGTERM)
        try daemon.exit()
    }
}

/// The simulator as a program: read by Debian's mbpoll, which is not ours, and by the daemon.
@Suite(.serialized)
struct SimulateTests {
    @Test func mbpollAndTheDaemonReadTheSame() throws {
        let (port, socket) = try ServiceTests.deadPort()
        close(socket)
        let yard = try Plantyard(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            history: {commit_every: 100ms}
            scan: {fast: 100ms}
            controllers:
              - name: F-01
                address: 127.0.0.1:\(port)
                unit: 1
                tags:
                  - {name: phase, register: "holding:4", type: uint16, scan: fast}
                  - {name: melt_temp, register: "holding:10", type: float32, order: abcd, unit: degC, scan: fast}
            """)
        let simulator = try Cupel.start("simulate", "--config", yard.config, "--seed", "7")
        _ = try simulator.errorLine { $0.contains("serving F-01") }
        let phase = try Program(
            "/usr/bin/mbpoll",
            ["-m", "tcp", "-a", "1", "-0", "-r", "4", "-t", "4", "-1", "-q", "-p", "\(port)", "127.0.0.1"]
        ).exit()
        #expect(phase.output.contains("[4]: \t70"))
        let temperature = try Program(
            "/usr/bin/mbpoll",
            ["-m", "tcp", "-a", "1", "-0", "-r", "10", "-t", "4:float", "-B", "-1", "-q", "-p", "\(port)", "127.0.0.1"]
        ).exit()
        let text = try #require(temperature.output.split(separator: "\t").last)
        let polled = try #require(Double(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let daemon = try yard.daemon()
        let csv = try eventually("readings") {
            // The scan groups of a furnace are not committed together.
            let csv = try yard.cupel("query", "F-01.*", "--from", "-1m", "--format", "csv")
            return ["F-01.phase", "F-01.melt_temp"].allSatisfy(csv.output.contains) ? csv.output : nil
        }
        #expect(csv.contains(",F-01.phase,70,,good"))
        let row = try #require(csv.split(separator: "\n").first { $0.contains("F-01.melt_temp") })
        let stored = try #require(Double(row.split(separator: ",")[2]))
        // The melt is in its soak near 1450 degC, and moves by its noise between the two looks.
        #expect(abs(stored - polled) < 30)
        daemon.signal(SIGTERM)
        try daemon.exit()
        simulator.signal(SIGTERM)
        #expect(try simulator.exit().status == 0)
    }
}
