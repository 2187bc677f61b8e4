import Foundation
import Glibc
import Plant
import TestSupport
import Testing

@testable import Annunciation

@Suite struct ExecOutletTests {
    let scratch: PlaceScratch

    init() throws { scratch = try PlaceScratch() }

    private func outlet(
        _ script: String, timeout: Duration = .seconds(60), killAfter: Duration = .milliseconds(100),
        gate: ExecGate = ExecGate()
    ) -> ExecOutlet {
        ExecOutlet(argv: ["/bin/sh", "-c", script], timeout: timeout, gate: gate, killAfter: killAfter)
    }

    @Test func theProgramGetsTheLineOnItsStandardInput() throws {
        let outlet = ExecOutlet(argv: ["/usr/bin/tee", scratch.path + "/got"], timeout: .seconds(60), gate: ExecGate())
        let delivery = outlet.send([.place(7)])
        #expect(delivery.taken == 1 && delivery.trouble == nil)
        #expect(delivery.answer == #"exit 0; printed {"seq":7}"#)
        #expect(delivery.written != nil)
        #expect(try scratch.text("got") == "{\"seq\":7}\n")
        #expect(outlet.acknowledges && outlet.batchLimit == 1)
    }

    /// Whatever it says, a program that ran may have told somebody.
    @Test(arguments: [
        ("exit 75", Delivery.unavailable("/bin/sh exited with 75 (try again later)")),
        (
            "echo no line >&2; echo more >&2; exit 75",
            .unavailable("/bin/sh exited with 75 (try again later): no line")
        ),
        ("exit 64", .refused("/bin/sh exited with 64", answer: "exit 64; printed nothing")),
        ("echo number? >&2; exit 65", .refused("/bin/sh exited with 65: number?", answer: "exit 65; printed number?")),
        ("exit 1", .declined("/bin/sh exited with 1", answer: "exit 1; printed nothing")),
        ("exit 63", .declined("/bin/sh exited with 63", answer: "exit 63; printed nothing")),
        ("exit 66", .declined("/bin/sh exited with 66", answer: "exit 66; printed nothing")),
        ("/nonexistent 2>&-", .declined("/bin/sh exited with 127", answer: "exit 127; printed nothing")),
        (
            "echo; echo '  bad number' >&2; exit 2",
            .declined("/bin/sh exited with 2: bad number", answer: "exit 2; printed bad number")
        ),
        ("kill -9 $$", .declined("/bin/sh was ended by signal 9")),
    ])
    func itsEndDecides(script: String, answer: Delivery) {
        // However often.
        let outlet = outlet(script)
        for _ in 0..<6 { #expect(outlet.send([.place(1)]) == answer.unclear) }
    }

    @Test func aProgramWhoseEndNobodyKnowsDidNotSucceed() {
        #expect(ExecChild.end(of: 7, reaped: 7, status: 0, code: 0) == .exited(0))
        #expect(ExecChild.end(of: 7, reaped: 7, status: 75 << 8, code: 0) == .exited(75))
        #expect(ExecChild.end(of: 7, reaped: 7, status: 9, code: 0) == .signalled(9))
        #expect(ExecChild.end(of: 7, reaped: -1, status: 0, code: ECHILD) == .untold("No child processes"))
        #expect(ExecChild.end(of: 7, reaped: 0, status: 0, code: 0) != .exited(0))
    }

    @Test(arguments: [
        ("/nonexistent/pager", "/nonexistent/pager: No such file or directory"), ("/tmp", "/tmp: Permission denied"),
        ("/etc/passwd", "/etc/passwd: Permission denied"),
    ])
    func aProgramThatCannotBeStartedIsTriedAgain(path: String, words: String) {
        let outlet = ExecOutlet(argv: [path], timeout: .seconds(60), gate: ExecGate())
        for _ in 0..<6 { #expect(outlet.send([.place(1)]) == .unavailable(words)) }
    }

    @Test func aProgramThatIsBeingWrittenIsTriedAgain() throws {
        let path = scratch.path + "/busy"
        try FileManager.default.copyItem(atPath: "/bin/true", toPath: path)
        let writer = open(path, O_WRONLY)
        let outlet = ExecOutlet(argv: [path], timeout: .seconds(60), gate: ExecGate())
        #expect(outlet.send([.place(1)]) == .unavailable("\(path): Text file busy"))
        close(writer)
    }

    @Test func aProgramThatNeverReadsIsNotWaitedFor() {
        #expect(outlet("exec <&-; exit 0").send([.place(1, padding: 4000)]).isTaken)
        #expect(outlet("sleep 0.05; exit 0").send([.place(1, padding: 4000)]).isTaken)
    }

    /// Longer than its pipe: the program reads it in pieces.
    @Test func aLongInputGoesInAsItIsRead() throws {
        #expect(outlet("sleep 0.05; cat > \(scratch.path)/got").send([.place(1, padding: 1_000_000)]).isTaken)
        #expect(try scratch.text("got").utf8.count > 1_000_000)
    }

    @Test func itsEnvironmentIsTheLineAndNothingOfOurs() throws {
        setenv("PLACE_SECRET", "1", 1)
        let line = AlarmLine.place(
            4, [.alarm: "high:F1.t", .priority: "critical", .text: "a\0b \"c\"\nd", .response: "60"])
        #expect(outlet("exec env -0 > \(scratch.path)/env").send([line]).isTaken)
        let variables = Set(try scratch.text("env").split(separator: "\0").map(String.init))
        #expect(
            variables.subtracting(["PWD=\(FileManager.default.currentDirectoryPath)"]) == [
                "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "CUPEL_ALARM=high:F1.t", "CUPEL_PRIORITY=critical",
                "CUPEL_TEXT=ab \"c\"\nd", "CUPEL_RESPONSE_S=60", "CUPEL_SEQ=4",
            ])
    }

    /// A pager that lives on must not hold the socket of a controller.
    @Test func itInheritsNoOtherDescriptor() {
        let ours = dup(0)
        defer { close(ours) }
        #expect(outlet("test -e /proc/self/fd/0").send([.place(1)]).isTaken)
        #expect(ours > 2 && !outlet("test -e /proc/self/fd/\(ours)").send([.place(1)]).isTaken)
    }

    /// A shell that was started with SIGPIPE ignored cannot take it back, and its pipelines never end.
    @Test func ourSignalsAreNotItsSignals() throws {
        let answer = try #require(outlet("grep SigIgn /proc/self/status").send([.place(1)]).answer)
        let ignored = try #require(UInt64(answer.split(whereSeparator: \.isWhitespace).last ?? "", radix: 16))
        #expect(ignored & 1 << UInt64(SIGPIPE - 1) == 0)
    }

    @Test func aProgramThatIgnoresTermIsKilledWithItsGroup() throws {
        let script =
            "trap '' TERM; sh -c 'echo $$ > \(scratch.path)/child; exec sleep 1000' & echo why >&2; wait; sleep 1000"
        let outlet = outlet(script, timeout: .milliseconds(300))
        #expect(outlet.send([.place(1)]) == .unavailable("/bin/sh did not end within 0.3 seconds: why").unclear)
        try expectGone("child")
    }

    @Test func aProgramThatObeysTermIsNotKilled() throws {
        let outlet = outlet(
            "trap 'echo over > \(scratch.path)/term; exit 0' TERM; while :; do sleep 0.01; done",
            timeout: .milliseconds(300), killAfter: .seconds(60))
        // The shell may add that its `sleep` was terminated.
        let words = outlet.send([.place(1)]).unavailable
        #expect(words?.hasPrefix("/bin/sh did not end within 0.3 seconds") == true)
        #expect(try scratch.text("term") == "over\n")
    }

    @Test func whatItLeavesInItsGroupEndsWithIt() throws {
        #expect(
            outlet("sh -c 'echo $$ > \(scratch.path)/child; exec sleep 1000' & sleep 0.1; exit 0").send([.place(1)])
                .isTaken)
        try expectGone("child")
    }

    /// It holds our pipes, and neither blocks us nor is ended.
    @Test func aGrandchildThatLeavesTheGroupLivesOn() throws {
        let script =
            "setsid sh -c 'echo $$ > \(scratch.path)/daemon; exec sleep 1000' & "
            + "while ! test -s \(scratch.path)/daemon; do sleep 0.01; done; echo done"
        #expect(outlet(script).send([.place(1)]).answer == "exit 0; printed done")
        let pid = try #require(pid_t(try scratch.text("daemon").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(pid, 0) == 0)
        kill(pid, SIGKILL)
    }

    /// More than any pipe holds, on both, and only the beginning is kept.
    @Test func aProgramThatPrintsMegabytesNeitherBlocksNorFills() {
        let outlet = outlet("echo first; yes | head -c 3000000; yes no | head -c 3000000 >&2; exit 0")
        #expect(outlet.send([.place(1)]).answer == "exit 0; printed first")
        var kept = KeptOutput()
        let pipe = PipeEnds()
        let text = [UInt8](repeating: 65, count: 60_000)
        _ = write(pipe.writing, text, text.count)
        _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK)
        kept.drain(pipe.reading)
        #expect(kept.bytes.count == 4096)
        #expect(readAll(pipe.reading).isEmpty)
    }

    @Test func aProgramThatPrintsForEverIsEnded() {
        #expect(outlet("exec yes", timeout: .milliseconds(200)).send([.place(1)]).unavailable != nil)
    }

    @Test func aStopEndsARunningProgram() throws {
        let outlet = outlet("echo $$ > \(scratch.path)/child; exec sleep 1000", timeout: .seconds(1000))
        let sending = InBackground { outlet.send([.place(1)]) }
        _ = try eventually("the program's start") { self.scratch.exists("child") ? true : nil }
        outlet.interrupt()
        #expect(try sending.result() == .unavailable("the daemon is stopping").unclear)
        #expect(outlet.send([.place(2)]) == .unavailable("the daemon is stopping"))
        try expectGone("child")
    }

    @Test func aStopEndsTheWaitForAPlace() throws {
        let gate = ExecGate(places: 0, hold: .seconds(3600))
        let outlet = outlet("exit 0", gate: gate)
        let sending = InBackground { outlet.send([.place(1)]) }
        _ = try eventually("the wait") { gate.waiting == 1 ? true : nil }
        outlet.interrupt()
        #expect(try sending.result() == .unavailable("the daemon is stopping"))
        #expect(gate.waiting == 0)
    }

    /// Each of them hangs for longer than any test: the fifth runs beside them.
    @Test func programsThatHangHoldUpNoOther() throws {
        let gate = ExecGate(places: ExecGate.places, hold: .milliseconds(50))
        let hanging = (0..<ExecGate.places).map { number in
            outlet("echo $$ > \(scratch.path)/\(number); exec sleep 1000", timeout: .seconds(1000), gate: gate)
        }
        let sending = hanging.map { outlet in InBackground { outlet.send([.place(1)]) } }
        for number in hanging.indices {
            _ = try eventually("the start of \(number)") { scratch.exists("\(number)") ? true : nil }
        }
        let quick = outlet("exit 0", gate: gate)
        for _ in 0..<10 { #expect(try InBackground { quick.send([.place(2)]) }.result().isTaken) }
        #expect(sending.allSatisfy { !$0.isDone })
        for outlet in hanging { outlet.interrupt() }
        for sending in sending { _ = try sending.result() }
    }

    private func expectGone(_ name: String) throws {
        let pid = try #require(pid_t(try scratch.text(name).trimmingCharacters(in: .whitespacesAndNewlines)))
        // Killed; gone, or a zombie until its reaper comes round.
        _ = try eventually("the end of \(pid)", within: 10) {
            let state = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ") Z"
            return state.contains(") Z") ? true : nil
        }
    }
}
