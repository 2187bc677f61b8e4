import Foundation
import Glibc
import TestSupport
import Testing

/// How the daemon starts, reloads, stops and refuses, seen from outside.
@Suite(.serialized)
struct ServiceTests {
    /// Nobody listens there: bound, but never listening.
    static func deadPort() throws -> (port: Int, socket: CInt) {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(fd, pointer, length) == 0 && getsockname(fd, pointer, &length) == 0
            }
        }
        guard bound else { throw TestFailure("bind: \(String(cString: strerror(errno)))") }
        return (Int(UInt16(bigEndian: address.sin_port)), fd)
    }

    /// Accepts connections into its backlog and never answers.
    static func mutePort() throws -> (port: Int, socket: CInt) {
        let (port, fd) = try deadPort()
        guard listen(fd, 16) == 0 else { throw TestFailure("listen") }
        return (port, fd)
    }

    static func yaml(_ ports: [Int]) -> String {
        """
        plant: {name: Test, site: T, time_zone: UTC}
        controllers:

        """
            + ports.enumerated().map { index, port in
                """
                  - name: C-\(index)
                    address: 127.0.0.1:\(port)
                    unit: 1
                    timeout: 3s
                    tags:
                      - {name: x, register: "holding:0", type: uint16}

                """
            }.joined()
    }

    @Test func stopsWithinFiveSecondsWithEveryControllerDead() throws {
        let mute = try (0..<3).map { _ in try Self.mutePort() }
        let dead = try (0..<3).map { _ in try Self.deadPort() }
        defer { for (_, fd) in mute + dead { close(fd) } }
        let yard = try Plantyard(Self.yaml((mute + dead).map(\.port)))
        let daemon = try yard.daemon()
        _ = try eventually("all controllers down") {
            let down = try yard.cupel("alarms", "list").output
            return (0..<6).allSatisfy { down.contains("comms:C-\($0)") } ? true : nil
        }
        let begun = Date()
        daemon.signal(SIGTERM)
        let end = try daemon.exit()
        #expect(end.status == 0)
        // The one promise that is a time (5 s): the test leaves a busy machine twice that.
        #expect(Date().timeIntervalSince(begun) < 10)
        let events = try yard.sqlite(yard.history, "SELECT kind FROM event WHERE kind IN ('started', 'stopped')")
        #expect(events == "started\nstopped")
    }

    @Test func tellsSystemdReadyStatusAndStopping() throws {
        let yard = try Plantyard(Self.yaml([try Self.deadPort().port]))
        let path = yard.path + "/notify"
        let fd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(fd) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let daemon = try Program(
            Cupel.binary, ["run", "--config", yard.config, "--state", yard.state],
            environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"])
        var heard = ""
        func hear(_ what: String) -> Bool {
            while !heard.contains(what) {
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = recv(fd, &buffer, buffer.count, 0)
                guard count > 0 else { return false }
                heard += String(decoding: buffer[..<count], as: UTF8.self) + "\n"
            }
            return true
        }
        #expect(hear("EXTEND_TIMEOUT_USEC=30000000\nSTATUS=opening the databases"))
        #expect(!heard.contains("READY=1"))
        #expect(hear("READY=1"))
        #expect(hear("WATCHDOG=1"))
        #expect(heard.contains("STATUS=1 controllers"))
        daemon.signal(SIGTERM)
        #expect(hear("STOPPING=1"))
        #expect(try daemon.exit().status == 0)
    }

    /// The service runs with 077, people by hand with 022.
    @Test(arguments: [("077", "640 640"), ("022", "644 644")])
    func theGroupMayReadTheDatabasesWhateverTheMaskSays(mask: String, rights: String) throws {
        let yard = try Plantyard(Self.yaml([try Self.deadPort().port]))
        let daemon = try Program(
            "/bin/sh",
            [
                "-c", "umask \(mask); exec \"$@\"", "sh", Cupel.binary, "run", "--config", yard.config, "--state",
                yard.state,
            ])
        _ = try daemon.errorLine { $0.contains("socket \(yard.state)/cupel.sock") }
        let found = try [yard.history, yard.journal].map { path in
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(found.compactMap { $0.map { String($0, radix: 8) } }.joined(separator: " ") == rights)
        // SQLite gives its log what the database has, or a reader of the group would see nothing of it.
        let log = try FileManager.default.attributesOfItem(atPath: yard.history + "-wal")[.posixPermissions] as? Int
        #expect(log.map { String($0, radix: 8) } == rights.split(separator: " ").first.map(String.init))
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aBadConfigurationShowsEveryErrorAndExitsWith78() throws {
        let yard = try Plantyard("plant: {name: T, site: T, time_zone: UTC}\ncontrolers: []\nscan: {fast: 1 sec}\n")
        let end = try yard.cupel("run")
        #expect(end.status == 78)
        #expect(end.errors.contains("\(yard.config):2:1: "))
        #expect(end.errors.contains("\(yard.config):3:14: "))
    }

    @Test func reloadTakesAGoodConfigurationAndRefusesABadOne() throws {
        let dead = try Self.deadPort()
        defer { close(dead.socket) }
        let yard = try Plantyard(Self.yaml([dead.port]))
        let daemon = try yard.daemon()
        #expect(try yard.cupel("tags", "--json").output.contains("C-0.x"))

        try yard.write(Self.yaml([dead.port]) + "nonsense: 1\n")
        let refused = try yard.cupel("reload")
        #expect(refused.status == 78)
        #expect(refused.errors.contains("nonsense"))
        #expect(try yard.cupel("status", "--json").output.contains("nonsense"))

        let other = try Self.deadPort()
        defer { close(other.socket) }
        try yard.write(Self.yaml([dead.port, other.port]))
        daemon.signal(SIGHUP)
        _ = try daemon.errorLine { $0.contains("reloaded by SIGHUP") }
        #expect(try yard.cupel("tags", "--json").output.contains("C-1.x"))
        #expect(daemon.isRunning)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aSecondDaemonOnTheSameStateIsRefusedAndNamesTheFirst() throws {
        let dead = try Self.deadPort()
        defer { close(dead.socket) }
        let yard = try Plantyard(Self.yaml([dead.port]))
        let daemon = try yard.daemon()
        let second = try yard.cupel("run")
        #expect(second.status == 73)
        #expect(second.errors.contains("\(daemon.pid)"))
        #expect(try yard.cupel("status").status == 0)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func commandsSayWhenNoDaemonAnswers() throws {
        let yard = try Plantyard(Self.yaml([1]))
        for command in ["status", "now"] {
            let end = try yard.cupel(command)
            #expect(end.status == 69)
            #expect(end.errors.contains(yard.state + "/cupel.sock"))
        }
        let follow = try yard.cupel("alarms", "follow")
        #expect(follow.status == 69)
    }

    @Test(arguments: ["history.db", "journal.db"])
    func aFileThatIsNoDatabaseIsLeftAsItIs(name: String) throws {
        let yard = try Plantyard(Self.yaml([1]))
        let junk = String(repeating: "This is not a database. ", count: 200)
        try junk.write(toFile: yard.state + "/" + name, atomically: true, encoding: .utf8)
        let end = try yard.cupel("run")
        #expect(end.status == 65)
        #expect(end.errors.contains(name))
        #expect(try String(contentsOfFile: yard.state + "/" + name, encoding: .utf8) == junk)
    }

    @Test(arguments: ["history.db", "journal.db"])
    func aDatabaseOfANewerVersionIsLeftAsItIs(name: String) throws {
        let dead = try Self.deadPort()
        defer { close(dead.socket) }
        let yard = try Plantyard(Self.yaml([dead.port]))
        let daemon = try yard.daemon()
        daemon.signal(SIGTERM)
        try daemon.exit()
        let file = yard.state + "/" + name
        let change = try Program(
            "/usr/bin/sqlite3", [file, "INSERT INTO grdb_migrations VALUES ('99 from the future')"]
        ).exit()
        #expect(change.status == 0)
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        let end = try yard.cupel("run")
        #expect(end.status == 65)
        #expect(end.errors.contains("newer"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }
}
