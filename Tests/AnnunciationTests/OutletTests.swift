import Foundation
import Glibc
import Testing

@testable import Annunciation

/// A directory that goes away with the test.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("\(NSTemporaryDirectory())/cupel-outlet-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// As the daemon does when it starts: a reader that leaves must not end the process.
private let ignoresBrokenPipes: Bool = {
    signal(SIGPIPE, SIG_IGN)
    return true
}()

struct FifoOutletTests {
    init() { #expect(ignoresBrokenPipes) }

    @Test func withoutAReaderNothingIsSwallowed() throws {
        let scratch = try Scratch()
        let outlet = FifoOutlet(path: scratch.path + "/alarms", snapshot: { [] })
        #expect(outlet.send(.test(1)) == .unavailable("nobody reads \(scratch.path)/alarms"))
    }

    @Test func aNewReaderFirstGetsWhatStands() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/alarms"
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let outlet = FifoOutlet(path: path, snapshot: { [.test(0)] })
        #expect(outlet.send(.test(5)) == .delivered)
        #expect(outlet.send(.test(6)) == .delivered)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(reader, &buffer, buffer.count)
        #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self) == "{\"seq\":0}\n{\"seq\":5}\n{\"seq\":6}\n")
    }

    @Test func aReaderThatDoesNotReadBlocksNobodyAndTearsNoLine() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/alarms"
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let outlet = FifoOutlet(path: path, snapshot: { [] })
        var taken = 0
        while outlet.send(.test(Int64(taken))) == .delivered { taken += 1 }
        #expect(taken > 100)
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(reader, &buffer, buffer.count)
            guard count > 0 else { break }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        #expect(text.hasSuffix("}\n"))
        #expect(text.split(separator: "\n").count == taken)
        #expect(outlet.send(.test(9)) == .delivered)
    }

    @Test func aReaderThatLeavesIsNoticed() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/alarms"
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        let outlet = FifoOutlet(path: path, snapshot: { [] })
        #expect(outlet.send(.test(1)) == .delivered)
        close(reader)
        #expect(outlet.send(.test(2)) != .delivered)
        #expect(outlet.send(.test(2)) == .unavailable("nobody reads \(path)"))
    }

    @Test func aFileInThePlaceOfThePipeIsLeftAlone() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/alarms"
        try "keep".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(
            FifoOutlet(path: path, snapshot: { [] }).send(.test(1)) == .unavailable("\(path) exists and is not a pipe"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "keep")
    }
}

struct ExecOutletTests {
    @Test func aStopDoesNotWaitForACommandThatTakesItsTime() {
        let outlet = ExecOutlet(argv: ["/bin/sleep", "1000"], timeout: .seconds(1000))
        outlet.interrupt()
        guard case .unavailable = outlet.send(.test(1)) else {
            Issue.record("taken")
            return
        }
    }

    init() { #expect(ignoresBrokenPipes) }

    @Test func theCommandGetsTheLineOnItsStandardInput() throws {
        let scratch = try Scratch()
        let outlet = ExecOutlet(argv: ["/usr/bin/tee", scratch.path + "/got"], timeout: .seconds(60))
        #expect(outlet.send(.test(7)) == .delivered)
        #expect(try String(contentsOfFile: scratch.path + "/got", encoding: .utf8) == "{\"seq\":7}\n")
    }

    @Test func exitCodesDecide() {
        func send(_ code: Int) -> Delivery {
            ExecOutlet(argv: ["/bin/sh", "-c", "exit \(code)"], timeout: .seconds(60)).send(.test(1))
        }
        #expect(send(0) == .delivered)
        #expect(send(75) == .unavailable("/bin/sh exited with 75"))
        #expect(send(3) == .unavailable("/bin/sh exited with 3"))
    }

    /// A pager that lives on must not hold the socket of a controller.
    @Test func theCommandInheritsNoOtherDescriptor() {
        let ours = dup(0)
        defer { close(ours) }
        func finds(_ descriptor: CInt) -> Delivery {
            ExecOutlet(argv: ["/usr/bin/test", "-e", "/proc/self/fd/\(descriptor)"], timeout: .seconds(60))
                .send(.test(1))
        }
        #expect(ours > 2 && finds(0) == .delivered)
        #expect(finds(ours) == .unavailable("/usr/bin/test exited with 1"))
    }

    @Test func aCommandThatIsNotThereIsTriedAgain() {
        guard case .unavailable = ExecOutlet(argv: ["/nonexistent/pager"], timeout: .seconds(60)).send(.test(1)) else {
            Issue.record("taken")
            return
        }
    }

    @Test func aCommandThatNeverEndsIsKilledWithItsChildren() throws {
        let scratch = try Scratch()
        let script = "trap '' TERM; sh -c 'echo $$ > \(scratch.path)/child; exec sleep 1000' & wait; sleep 1000"
        let outlet = ExecOutlet(argv: ["/bin/sh", "-c", script], timeout: .milliseconds(200))
        guard case .unavailable = outlet.send(.test(1)) else {
            Issue.record("taken")
            return
        }
        let child = try String(contentsOfFile: scratch.path + "/child", encoding: .utf8)
        let pid = try #require(pid_t(child.trimmingCharacters(in: .whitespacesAndNewlines)))
        // Killed; gone, or a zombie until its reaper comes round.
        let state = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ") Z"
        #expect(state.contains(") Z") || kill(pid, 0) != 0)
    }
}
