import Foundation
import Glibc
import TestSupport
import Testing

/// `cupel alarms follow` as a pipe: what its reader gets when anything in the chain ends, stops or comes back.
@Suite(.serialized)
struct FollowTests {
    /// A plant whose one controller is a closed port: each start of the daemon makes events by itself, and `note` more.
    private struct Yard {
        let yard: Plantyard
        private let dead: (port: Int, socket: CInt)

        init() throws {
            dead = try ServiceTests.deadPort()
            yard = try Plantyard(ServiceTests.yaml([dead.port]))
        }

        func follow(_ arguments: String...) throws -> Program {
            try Program(
                Cupel.binary, ["alarms", "follow", "--config", yard.config, "--state", yard.state] + arguments)
        }

        /// Makes an event, and says its number.
        @discardableResult
        func note() throws -> Int {
            let before = try newest()
            let test = try yard.cupel("alarms", "test", "comms:C-0")
            guard test.status == 0 else { throw TestFailure("test: \(test.output) \(test.errors)") }
            return try eventually("the event") { try newest() > before ? newest() : nil }
        }

        func newest() throws -> Int {
            Int(try yard.sqlite(yard.journal, "SELECT max(seq) FROM alarm_event")) ?? 0
        }

        func numbers(_ text: String) throws -> [Int] {
            try text.split(separator: "\n").compactMap { line in
                let number = try AlarmJourneyTests.json(String(line))["seq"] as? Int ?? 0
                return number > 0 ? number : nil
            }
        }
    }

    private static func sequence(_ line: String) -> Int { (try? AlarmJourneyTests.json(line))?["seq"] as? Int ?? 0 }

    @Test func aReaderThatHasEnoughEndsItAtOnce() throws {
        let yard = try Yard()
        let daemon = try yard.yard.daemon()
        _ = try eventually("an alarm") { try yard.yard.cupel("alarms", "list").output.contains("comms") ? true : nil }
        // No event comes after the first line: the pipe's end alone must be noticed.
        let shell = try Program(
            "/bin/sh", ["-c", "'\(Cupel.binary)' alarms follow --state '\(yard.yard.state)' | head -1; echo over"])
        #expect(try shell.line().contains("comms:C-0"))
        #expect(try shell.line() == "over")
        let end = try shell.exit()
        #expect(end.errors == "")
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aCursorGoesOnWhereItWasAfterEitherEndWasKilled() throws {
        let yard = try Yard()
        var daemon = try yard.yard.daemon()
        let cursor = yard.yard.path + "/cursor"
        func kept() -> Int {
            let text = (try? String(contentsOfFile: cursor, encoding: .utf8)) ?? ""
            return (try? AlarmJourneyTests.json(text))?["cupel_cursor"] as? Int ?? -1
        }
        var follow = try yard.follow("--json", "--cursor", cursor)
        _ = try eventually("the cursor") { kept() >= 0 ? true : nil }
        let first = try yard.note()
        _ = try follow.line { Self.sequence($0) == first }
        _ = try eventually("the cursor's move") { kept() == first ? true : nil }
        // The follower is killed: what happens meanwhile is not lost.
        follow.signal(SIGKILL)
        try follow.exit()
        let second = try yard.note()
        #expect(kept() == first)
        follow = try yard.follow("--json", "--cursor", cursor)
        #expect(Self.sequence(try follow.line { Self.sequence($0) > 0 }) == first + 1)
        _ = try eventually("the cursor's move") { kept() == second ? true : nil }
        // The daemon is killed: the follower says so, and the next goes on.
        daemon.signal(SIGKILL)
        try daemon.exit()
        let end = try follow.exit()
        #expect(end.status == 69)
        #expect(end.errors.contains("THE ALARM DAEMON IS GONE"))
        #expect(end.errors.contains("the last event seen was \(second)"))
        #expect(!end.errors.contains("--since"), "the cursor has it")
        #expect(end.errors.split(separator: "\n").count == 1)
        daemon = try yard.yard.daemon()
        follow = try yard.follow("--json", "--cursor", cursor)
        #expect(Self.sequence(try follow.line { Self.sequence($0) > 0 }) == second + 1)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        #expect(try follow.exit().status == 69)
    }

    /// What a daemon that was killed left at the usual place is not the stream; and where it is changes with a restart only.
    @Test func theConfiguredStreamIsFoundBesideOneLeftBehind() throws {
        let yard = try Yard()
        let yaml = try String(contentsOfFile: yard.yard.config, encoding: .utf8)
        var daemon = try yard.yard.daemon()
        daemon.signal(SIGKILL)
        try daemon.exit()
        #expect(access(yard.yard.state + "/alarms.sock", F_OK) == 0)
        try yard.yard.write(yaml + "console: {stream: \(yard.yard.path)/other.sock}\n")
        daemon = try yard.yard.daemon()
        let follow = try yard.follow("--json", "--since", "0")
        #expect(Self.sequence(try follow.line()) == 1)
        try yard.yard.write(yaml)
        let refused = try yard.yard.cupel("reload")
        #expect(refused.status == 78)
        #expect(refused.errors.contains("console.stream: found nothing, expected \(yard.yard.path)/other.sock"))
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aSecondFollowerOfOneCursorIsRefused() throws {
        let yard = try Yard()
        let daemon = try yard.yard.daemon()
        let cursor = yard.yard.path + "/cursor"
        let first = try yard.follow("--cursor", cursor)
        _ = try eventually("the cursor") { access(cursor, F_OK) == 0 ? true : nil }
        let second = try yard.follow("--cursor", cursor).exit()
        #expect(second.status == 73)
        #expect(second.errors.contains("another follower"))
        try "something else".write(toFile: yard.yard.path + "/other", atomically: true, encoding: .utf8)
        let other = try yard.follow("--cursor", yard.yard.path + "/other").exit()
        #expect(other.status == 65)
        #expect(other.errors.contains("is no cursor: expected"))
        #expect(first.isRunning)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func withRetryNothingIsMissedAndNothingDoubled() throws {
        let yard = try Yard()
        // Before there is a daemon: at boot either may be first.
        let follow = try yard.follow("--json", "--retry", "--since", "0")
        _ = try follow.errorLine { $0.contains("the alarm daemon is gone") }
        var daemon = try yard.yard.daemon()
        _ = try follow.errorLine { $0.contains("the alarm daemon is back") }
        let first = try yard.note()
        _ = try follow.line { Self.sequence($0) == first }
        for signal in [SIGKILL, SIGTERM] {
            daemon.signal(signal)
            try daemon.exit()
            _ = try follow.errorLine { $0.contains("the alarm daemon is gone") }
            daemon = try yard.yard.daemon()
            try yard.note()
            _ = try follow.errorLine { $0.contains("the alarm daemon is back") }
        }
        let last = try yard.note()
        _ = try follow.line { Self.sequence($0) == last }
        follow.signal(SIGTERM)
        let end = try follow.exit()
        #expect(try yard.numbers(end.output) == Array(1...last))
        #expect(end.errors.split(separator: "\n").count == 6, "one line for each end and each return: \(end.errors)")
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    @Test func aProgramGetsEachEventUntilItTakesIt() throws {
        let yard = try Yard()
        let daemon = try yard.yard.daemon()
        let (tries, got) = (yard.yard.path + "/tries", yard.yard.path + "/got")
        let cursor = yard.yard.path + "/cursor"
        let script = "echo x >> '\(tries)'; [ $(wc -l < '\(tries)') -ge 3 ] && cat >> '\(got)' || exit 75"
        let newest = try yard.newest()
        let follow = try yard.follow(
            "--since", "\(newest)", "--cursor", cursor, "--match", "comms*", "--all", "--exec", "/bin/sh", "-c", script)
        let first = try yard.note()
        let complaint = try follow.errorLine { $0.contains("until it takes it") }
        #expect(complaint.contains("/bin/sh: exit 75"))
        let second = try yard.note()
        _ = try eventually("the cursor's move") {
            (try? String(contentsOfFile: cursor, encoding: .utf8))?.contains(":\(second)}") == true ? true : nil
        }
        let given = try yard.numbers(String(contentsOfFile: got, encoding: .utf8))
        #expect(given.filter { $0 >= first } == Array(first...second))
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        #expect(try follow.exit().status == 69)
    }

    /// Stopped for longer than its backlog lasts, it comes back with everything: cut off, it resumes from the journal.
    @Test func aStoppedFollowerComesBackWithEverything() throws {
        let yard = try Yard()
        let daemon = try yard.yard.daemon()
        let follow = try yard.follow("--json", "--since", "0")
        let first = try yard.note()
        _ = try follow.line { Self.sequence($0) == first }
        follow.signal(SIGSTOP)
        struct Stream: Decodable {
            struct Client: Decodable { var behind: Int }
            struct Streams: Decodable { var clients: [Client] }
            var streams: Streams
        }
        // Beyond its window and the kernel's buffers.
        _ = try eventually("a thousand lines behind") {
            try burst(yard.yard, 400)
            let status = try yard.yard.cupel("status", "--json").output
            let report = try JSONDecoder().decode(Stream.self, from: Data(status.utf8))
            return (report.streams.clients.first?.behind ?? 0) > 1000 ? true : nil
        }
        follow.signal(SIGCONT)
        let last = try yard.note()
        _ = try follow.line { Self.sequence($0) == last }
        #expect(follow.isRunning)
        follow.signal(SIGTERM)
        #expect(try yard.numbers(try follow.exit().output) == Array(1...last))
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    /// So many test events in one request.
    private func burst(_ yard: Plantyard, _ count: Int) throws {
        let list = "[" + Array(repeating: "{\"alarm\":\"comms:C-0\"}", count: count).joined(separator: ",") + "]"
        let end = try Program(
            "/usr/bin/curl",
            ["-s", "--unix-socket", yard.state + "/cupel.sock", "-d", list, "http://cupel/alarms/test"]
        ).exit()
        guard end.status == 0, end.output.contains("\"") else { throw TestFailure("curl: \(end.errors) \(end.output)") }
    }
}
