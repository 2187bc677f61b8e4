import Foundation
import Glibc
import TestSupport
import Testing

/// `cupel alarms follow` against a daemon that does what a daemon does seldom.
@Suite(.serialized)
struct FollowScriptTests {
    private typealias Line = ScriptedStream

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func text(of path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    private func numbers(_ lines: [String]) throws -> [Int] {
        try lines.map { try AlarmJourneyTests.json($0)["seq"] as? Int ?? -1 }
    }

    // MARK: Its place

    /// It was not heard in time: what stands and what is new is no answer to the place that it named.
    @Test func aStreamThatLeavesEventsOutIsLeft() throws {
        let stream = try ScriptedStream()
        let cursor = stream.folder + "/cursor"
        try write("{\"cupel_cursor\":1,\"boot\":\"b\"}", to: cursor)
        let follow = try stream.follow("--json", "--cursor", cursor)
        let (first, said) = try stream.greet(last: 7)
        #expect(said["since"] as? Int == 1)
        #expect(said["boot"] as? String == "b")
        first.say(Line.standing, Line.place(7), Line.event(8))
        // It is given time for a late answer first; no word comes of what is ahead.
        let (second, again) = try stream.greet(last: 8)
        #expect(again["since"] as? Int == 1)
        second.say((2...8).map { Line.event($0) })
        #expect(try numbers((2...8).map { _ in try follow.line() }) == Array(2...8))
        _ = try second.acknowledgements(upTo: 8)
        #expect(text(of: cursor) == "{\"boot\":\"b\",\"cupel_cursor\":8}\n")
        #expect(follow.isRunning)
    }

    /// A busy daemon hears the place late, and answers it on the same connection.
    @Test func aLateAnswerIsTaken() throws {
        let stream = try ScriptedStream()
        let follow = try stream.follow("--json", "--since", "1")
        let (peer, _) = try stream.greet(last: 7)
        peer.say([Line.standing, Line.place(7), Line.event(8)] + (2...9).map { Line.event($0) })
        #expect(try numbers((2...9).map { _ in try follow.line() }) == Array(2...9))
        #expect(try peer.acknowledgements(upTo: 9).last == 9)
        #expect(follow.isRunning)
    }

    @Test func whatComesTwiceIsHandedOverOnceAndAGapIsGoneOver() throws {
        let stream = try ScriptedStream()
        let follow = try stream.follow("--json", "--since", "1")
        let (peer, said) = try stream.greet(last: 7)
        #expect(said["boot"] == nil)
        peer.say([2, 3, 2, 3, 4].map { Line.event($0) })
        peer.say("{\"what\":\"gap\",\"from\":5,\"to\":6,\"lost\":2,\"text\":\"t\"}", Line.event(7))
        let lines = try (0..<5).map { _ in try follow.line() }
        #expect(try numbers(lines) == [2, 3, 4, -1, 7])
        #expect(try peer.acknowledgements(upTo: 7).last == 7)
    }

    @Test func anotherJournalBeginsWithWhatStands() throws {
        let stream = try ScriptedStream()
        let cursor = stream.folder + "/cursor"
        // As followers wrote it that knew no boot.
        try write("{\"cupel_cursor\":900}", to: cursor)
        let follow = try stream.follow("--json", "--cursor", cursor)
        let (peer, said) = try stream.greet(last: 3)
        #expect(said["since"] as? Int == 900)
        #expect(said["boot"] == nil)
        peer.say(
            "{\"what\":\"gap\",\"from\":4,\"to\":900,\"lost\":0,\"last\":3,\"boot\":\"b\",\"text\":\"t\"}",
            Line.standing, Line.place(3, boot: "a"))
        #expect(try numbers((0..<2).map { _ in try follow.line() }) == [-1, 0])
        #expect(try peer.acknowledgements(upTo: 3) == [3])
        #expect(text(of: cursor) == "{\"boot\":\"a\",\"cupel_cursor\":3}\n")
        peer.say(Line.event(4))
        #expect(try numbers([try follow.line()]) == [4])
    }

    // MARK: A pipe

    /// Its reader takes one line and ends; a hundred and more were in the pipe.
    @Test func whatStaysInThePipeComesAgain() throws {
        let stream = try ScriptedStream()
        let (cursor, end) = (stream.folder + "/cursor", stream.folder + "/end")
        #expect(mkfifo(end, 0o600) == 0)
        let shell = try stream.follow(
            after: "", "--json --since 1 --cursor '\(cursor)'", then: "| { read l; echo \"$l\"; read x < '\(end)'; }")
        let (peer, _) = try stream.greet(last: 100)
        peer.say((2...100).map { Line.event($0) })
        #expect(try numbers([try shell.line()]) == [2])
        #expect(try peer.acknowledgements(upTo: 2) == [2])
        try write("\n", to: end, appending: true)
        _ = try shell.exit()
        #expect(text(of: cursor) == "{\"boot\":\"b\",\"cupel_cursor\":2}\n")
    }

    /// While there is no connection its reader goes on reading, and after it no event comes.
    @Test func whatIsReadDuringAnOutageIsKept() throws {
        let stream = try ScriptedStream()
        let (cursor, end) = (stream.folder + "/cursor", stream.folder + "/end")
        #expect(mkfifo(end, 0o600) == 0)
        let shell = try stream.follow(
            after: "", "--json --retry --since 1 --cursor '\(cursor)'",
            then: "| { read l; echo \"$l\"; read x < '\(end)'; cat; }")
        let (peer, greeting) = try stream.greet(last: 100)
        // It would try again for ever, long after its shell.
        let follower = try #require((greeting["hello"] as? String)?.split(separator: " ").last.flatMap { pid_t($0) })
        defer { kill(follower, SIGKILL) }
        peer.say((2...100).map { Line.event($0) })
        #expect(try numbers([try shell.line()]) == [2])
        #expect(try peer.acknowledgements(upTo: 2) == [2])
        peer.say("{\"what\":\"error\",\"text\":\"busy\"}")
        _ = try shell.errorLine { $0.contains("the alarm daemon refuses") }
        try write("\n", to: end, appending: true)
        #expect(try numbers((3...100).map { _ in try shell.line() }) == Array(3...100))
        let (again, said) = try stream.greet(last: 100)
        #expect(said["since"] as? Int == 100)
        _ = try eventually("the cursor's move") {
            text(of: cursor) == "{\"boot\":\"b\",\"cupel_cursor\":100}\n" ? true : nil
        }
        again.say("{\"what\":\"heartbeat\",\"last\":100}")
        _ = try shell.errorLine { $0.contains("is back") }
    }

    /// The follower waits in its write nearly always; a batch of 64 KiB, which is 150 lines, takes its reader seconds.
    @Test func aSlowReadersPlaceMovesWithIt() throws {
        let stream = try ScriptedStream()
        let shell = try stream.follow(
            after: "", "--json --since 1", then: "| while read -r l; do echo x; sleep 0.03; done")
        let (peer, _) = try stream.greet(last: 600)
        peer.say((2...600).map { Line.event($0) })
        let places = try [1] + peer.acknowledgements(upTo: 350)
        let steps = zip(places.dropFirst(), places).map { $0 - $1 }
        #expect(steps.allSatisfy { $0 < 100 }, "\(places)")
        shell.signal(SIGTERM)
    }

    private func write(_ text: String, to path: String, appending: Bool) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        guard Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else { throw TestFailure(path) }
    }

    /// What stands was not read by anybody: the next run begins with it as well.
    @Test func thePlaceIsKeptAfterWhatStandsWasRead() throws {
        let stream = try ScriptedStream()
        let (cursor, end) = (stream.folder + "/cursor", stream.folder + "/end")
        #expect(mkfifo(end, 0o600) == 0)
        let shell = try stream.follow(
            after: "", "--json --cursor '\(cursor)'",
            // It sees that something is in the pipe, and leaves it there.
            then: "| bash -c 'until read -t 0; do sleep 0.02; done; echo there; read x < \(end)'")
        let (peer, _) = try stream.greet(last: 7)
        peer.say(Line.standing, Line.place(7))
        #expect(try shell.line() == "there")
        try write("\n", to: end, appending: true)
        _ = try shell.exit()
        #expect(text(of: cursor) == "")
        let reader = try stream.follow("--json", "--cursor", cursor)
        let (again, said) = try stream.greet(last: 7)
        #expect(said["since"] == nil)
        again.say(Line.standing, Line.place(7))
        #expect(try numbers([try reader.line()]) == [0])
        _ = try again.acknowledgements(upTo: 7)
        #expect(text(of: cursor) == "{\"boot\":\"b\",\"cupel_cursor\":7}\n")
    }

    // MARK: A program

    @Test(arguments: [("", [2, 6]), ("--all", [2, 3, 4, 5, 6]), ("--announcements", [2, 6])])
    func aProgramIsGivenWhatASinksProgramIs(option: String, wanted: [Int]) throws {
        let stream = try ScriptedStream()
        let got = stream.folder + "/got"
        let script = "read l; echo \"$CUPEL_SEQ $CUPEL_WHAT $CUPEL_ALARM $CUPEL_OCC $CUPEL_TEXT $CUPEL_X\" >> '\(got)'"
        let follow = try stream.follow(
            after: "CUPEL_X=inherited exec", "--since 1 \(option) --exec /bin/sh -c", then: "'\(script.shellQuoted)'")
        let (peer, _) = try stream.greet(last: 6)
        peer.say(
            Line.event(2), Line.event(3, "ack"), Line.event(4, told: "digest"), Line.event(5, to: ["pager"]),
            Line.event(6))
        #expect(try peer.acknowledgements(upTo: 6).last == 6)
        let lines = text(of: got).split(separator: "\n").map(String.init)
        #expect(lines.map { Int($0.prefix { $0 != " " }) } == wanted)
        #expect(lines.first == "2 raise hot:T-1 7 T-1 is hot ")
        #expect(follow.isRunning)
    }

    @Test func aProgramsFailureIsSeenBySomebodyWhoIgnoresItsEnd() throws {
        let stream = try ScriptedStream()
        let cursor = stream.folder + "/cursor"
        let follow = try stream.follow(
            after: "trap '' CHLD; exec", "--since 1 --cursor '\(cursor)' --exec /bin/sh -c 'exit 3'")
        let (peer, _) = try stream.greet(last: 2)
        peer.say(Line.event(2))
        #expect(try follow.errorLine { $0.contains("until it takes it") }.contains("/bin/sh: exit 3"))
        #expect(text(of: cursor) == "{\"cupel_cursor\":1}\n")
    }

    @Test(arguments: [SIGTERM, SIGHUP]) func aHangingProgramEndsWithTheCommand(number: CInt) throws {
        let stream = try ScriptedStream()
        let mark = stream.folder + "/pids"
        let follow = try stream.follow(
            "--since", "1", "--exec", "/bin/sh", "-c", "sleep 600 & echo $$ $! > '\(mark)'; wait")
        let (peer, _) = try stream.greet(last: 2)
        peer.say(Line.event(2))
        let pids = try eventually("the program") { () -> [Int32]? in
            let all = text(of: mark).split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
            return all.count == 2 ? all : nil
        }
        follow.signal(number)
        #expect(try follow.exit().status == number)
        for pid in pids {
            // Nobody may have reaped it here: then it is a zombie, without a command line.
            let ended = try eventually("the end of \(pid)") { () -> Bool? in
                kill(pid, 0) != 0 || text(of: "/proc/\(pid)/cmdline").isEmpty ? true : nil
            }
            #expect(ended)
        }
    }

    /// On a disk that takes nothing, the program would be run again for the same event at each start.
    @Test func aCursorThatCannotBeKeptIsSeenBeforeAProgramRuns() throws {
        let stream = try ScriptedStream()
        let (cursor, ran) = (stream.folder + "/cursor", stream.folder + "/ran")
        try write("{\"cupel_cursor\":1}", to: cursor)
        let end = try stream.follow(
            after: "trap '' XFSZ; ulimit -f 0; exec", "--cursor '\(cursor)' --exec /usr/bin/mkdir '\(ran)'"
        ).exit()
        #expect(end.status == 74)
        #expect(end.errors.contains("cursor.new"))
        #expect(access(ran, F_OK) != 0)
        #expect(text(of: cursor) == "{\"cupel_cursor\":1}")
    }

    // MARK: What it says

    @Test(arguments: [false, true]) func aRefusalIsNoEnd(hasPlace: Bool) throws {
        let stream = try ScriptedStream()
        let follow = try hasPlace ? stream.follow("--since", "5") : stream.follow()
        let (peer, _) = try stream.greet(last: 7)
        peer.say("{\"what\":\"error\",\"text\":\"no place\"}")
        let end = try follow.exit()
        #expect(end.status == 69)
        let advice = hasPlace ? "; the last event seen was 5: resume with --since 5" : ""
        #expect(end.errors == "cupel: the alarm daemon refuses: no place\(advice)")
    }

    /// It answers each time, and each time it refuses: that is one state, and not news every 5 s.
    @Test func aRefusalIsSaidOnceUntilItIsOver() throws {
        let stream = try ScriptedStream()
        let follow = try stream.follow("--json", "--retry", "--since", "1")
        for _ in 0..<3 {
            let (peer, _) = try stream.greet(last: 7)
            peer.say("{\"what\":\"error\",\"text\":\"no place\"}")
        }
        let (peer, _) = try stream.greet(last: 7)
        peer.say(Line.event(2))
        _ = try follow.line()
        #expect(try peer.acknowledgements(upTo: 2) == [2])
        follow.signal(SIGTERM)
        let said = try follow.exit().errors.split(separator: "\n")
        #expect(said.count == 2, "\(said)")
        #expect(said.first?.contains("the alarm daemon refuses at ") == true)
        #expect(said.last?.contains("is back at ") == true)
        #expect(said.last?.hasSuffix("; going on after event 1") == true)
    }

    @Test(arguments: [
        (["--exec"], 64, "--exec: expected a program"), (["--exec", ""], 64, "--exec: expected a program"),
        (["--cursor", ""], 64, "--cursor: expected a file"), (["--since=-5"], 64, "--since: found -5"),
        (["--cursor", "/tmp"], 73, "/tmp is a directory"),
    ])
    func aMistakeIsNamed(arguments: [String], status: Int32, message: String) throws {
        let end = try Program(Cupel.binary, ["alarms", "follow"] + arguments).exit()
        #expect(end.status == status)
        #expect(end.errors.contains(message))
        #expect(access("/tmp.lock", F_OK) != 0 && access(".lock", F_OK) != 0)
    }
}

extension String {
    /// Within single quotes.
    fileprivate var shellQuoted: String { replacingOccurrences(of: "'", with: "'\\''") }
}
