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
        gate: ExecGate = ExecGate(), patience: Duration = .seconds(60)
    ) -> ExecOutlet {
        ExecOutlet(
            argv: ["/bin/sh", "-c", script], timeout: timeout, gate: gate, gatePatience: patience, killAfter: killAfter)
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

    @Test(arguments: [
        ("exit 75", "/bin/sh exited with 75 (try again later)"),
        ("echo no line >&2; echo more >&2; exit 75", "/bin/sh exited with 75 (try again later): no line"),
        ("kill -9 $$", "/bin/sh was ended by signal 9"),
        ("exit 1", "/bin/sh exited with 1"),
        ("echo; echo '  bad number' >&2; exit 2", "/bin/sh exited with 2: bad number"),
    ])
    func itsEndDecides(script: String, words: String) {
        #expect(outlet(script).send([.place(1)]) == .unavailable(words))
    }

    @Test func aProgramThatTurnsALineDownIsBelievedTheFifthTime() {
        let outlet = outlet("exit 3")
        for _ in 1..<ExecOutlet.refusalTries {
            #expect(outlet.send([.place(1)]) == .unavailable("/bin/sh exited with 3"))
        }
        #expect(outlet.send([.place(1)]).refused == "/bin/sh exited with 3, 5 times in a row")
        // Another line has its own five, whatever came before it.
        for _ in 1..<ExecOutlet.refusalTries { #expect(outlet.send([.place(2)]).unavailable != nil) }
        for _ in 1..<ExecOutlet.refusalTries { #expect(outlet.send([.place(3)]).unavailable != nil) }
        #expect(outlet.send([.place(3)]).refused != nil)
    }

    @Test func aTemporaryFailureIsNeverARefusal() {
        let outlet = outlet("exit 75")
        for _ in 0...ExecOutlet.refusalTries { #expect(outlet.send([.place(1)]).unavailable != nil) }
    }

    @Test(arguments: [
        ("/nonexistent/pager", "/nonexistent/pager: No such file or directory"), ("/tmp", "/tmp: Permission denied"),
        ("/etc/passwd", "/etc/passwd: Permission denied"),
    ])
    func aProgramThatCannotBeStartedIsTriedAgain(path: String, words: String) {
        let outlet = ExecOutlet(argv: [path], timeout: .seconds(60), gate: ExecGate())
        for _ in 0...ExecOutlet.refusalTries { #expect(outlet.send([.place(1)]) == .unavailable(words)) }
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
        #expect(outlet.send([.place(1)]) == .unavailable("/bin/sh did not end within 0.3 seconds: why"))
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
        #expect(try sending.result() == .unavailable("the daemon is stopping"))
        #expect(outlet.send([.place(2)]) == .unavailable("the daemon is stopping"))
        try expectGone("child")
    }

    @Test func aStopEndsTheWaitForAPlace() throws {
        let gate = ExecGate(places: 0)
        let outlet = outlet("exit 0", gate: gate)
        let sending = InBackground { outlet.send([.place(1)]) }
        _ = try eventually("the wait") { gate.waiting == 1 ? true : nil }
        outlet.interrupt()
        #expect(try sending.result() == .unavailable("the daemon is stopping"))
        #expect(gate.waiting == 0)
    }

    @Test func theWaitForAPlaceIsBounded() {
        let words = outlet("exit 0", gate: ExecGate(places: 0), patience: .milliseconds(20)).send([.place(1)])
            .unavailable
        #expect(words == "/bin/sh: 0 other programs run, and none ended within 0.02 seconds")
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
