import CPosix
public import Foundation
import Synchronization

/// A program run by a test: its output is collected line by line, and it never outlives the test.
///
/// Not Foundation's `Process`: in Swift 6.3.1 its look at the open descriptors copies 256 bytes of each name, past the end
/// of readdir's buffer, and so ends the tests now and then (swift-corelibs-foundation pull request 5472).
public final class Program: Sendable {
    /// No step of a test takes longer, however slow the machine.
    public static let patience: TimeInterval = 60

    public let pid: Int32
    private let path: String
    private let input: CInt
    private let output: Lines
    private let errors: Lines
    /// What `waitpid` said, once it has.
    private let ended = Mutex<CInt?>(nil)

    public init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        // A program that ended must not end the tests with it when they write to it.
        Foundation.signal(SIGPIPE, SIG_IGN)
        self.path = path
        let (input, output, errors) = (try Plumbing(), try Plumbing(), try Plumbing())
        defer { for end in [input.reading, output.writing, errors.writing] { close(end) } }
        self.input = input.writing
        self.output = Lines(output.reading)
        self.errors = Lines(errors.reading)
        pid = try spawn(
            path, arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { _, new in new },
            descriptors: [input.reading, output.writing, errors.writing])
    }

    deinit {
        if isRunning {
            kill(pid, SIGKILL)
            _ = waitpid(pid, nil, 0)
        }
        close(input)
    }

    public var isRunning: Bool {
        ended.withLock { ended in
            var status: CInt = 0
            if ended == nil, waitpid(pid, &status, WNOHANG) == pid { ended = status }
            return ended == nil
        }
    }

    public func send(_ line: String) {
        var text = line + "\n"
        _ = text.withUTF8 { write(input, $0.baseAddress, $0.count) }
    }

    public func signal(_ number: Int32) { kill(pid, number) }

    /// The next line of standard output that satisfies the test, skipping others.
    public func line(where wanted: (String) -> Bool = { _ in true }) throws -> String {
        guard let line = output.next(where: wanted) else {
            throw TestFailure("no such line; standard output: \(output.all) standard error: \(errors.all)")
        }
        return line
    }

    /// The same for standard error.
    public func errorLine(where wanted: (String) -> Bool) throws -> String {
        guard let line = errors.next(where: wanted) else {
            throw TestFailure("no such line on standard error: \(errors.all)")
        }
        return line
    }

    /// Waits for the end. The status is the exit code, or the signal.
    @discardableResult
    public func exit() throws -> (status: Int32, output: String, errors: String) {
        let until = Date(timeIntervalSinceNow: Program.patience)
        while isRunning {
            guard Date() < until else {
                kill(pid, SIGKILL)
                throw TestFailure("\(path) did not end; \(errors.all)")
            }
            usleep(5000)
        }
        let status = ended.withLock { $0 ?? 0 }
        let (output, errors) = (try output.untilEnd(), try errors.untilEnd())
        return (status & 0x7f == 0 ? (status >> 8) & 0xff : status & 0x7f, output, errors)
    }
}

/// A pipe whose ends no other program inherits.
private struct Plumbing {
    let reading: CInt
    let writing: CInt

    init() throws {
        var ends: [CInt] = [-1, -1]
        guard cupel_pipe(&ends) == 0 else { throw TestFailure("pipe: \(String(cString: strerror(errno)))") }
        (reading, writing) = (ends[0], ends[1])
    }
}

/// Starts a program with these descriptors as its 0, 1, 2 and no others, and with the signals as a shell leaves them.
private func spawn(
    _ path: String, _ arguments: [String], environment: [String: String], descriptors: [CInt]
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }
    for (number, descriptor) in descriptors.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, descriptor, CInt(number))
    }
    cupel_spawn_closefrom(&actions, CInt(descriptors.count))
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, &attributes, &words, &variables)
    guard code == 0 else { throw TestFailure("\(path): \(String(cString: strerror(code)))") }
    return pid
}

/// The lines of a pipe as they come, read by a thread of their own: the threads that tests share are all waiting.
private final class Lines: Sendable {
    private struct State {
        var lines: [String] = []
        var partial: [UInt8] = []
        var taken = 0
        var ended = false
    }

    private let state = Mutex(State())

    /// - Parameter descriptor: the reading end, closed when the pipe ends.
    init(_ descriptor: CInt) {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                take(buffer.prefix(max(0, count)))
                if count <= 0 { break }
            }
            close(descriptor)
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        state.withLock { state in
            guard !bytes.isEmpty else {
                if !state.partial.isEmpty { state.lines.append(String(decoding: state.partial, as: UTF8.self)) }
                state.partial = []
                state.ended = true
                return
            }
            state.partial += bytes
            var parts = state.partial.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            state.partial = Array(parts.removeLast())
            state.lines += parts.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    func next(where wanted: (String) -> Bool) -> String? {
        let until = Date(timeIntervalSinceNow: Program.patience)
        while true {
            let (found, over) = state.withLock { state -> (String?, Bool) in
                while state.taken < state.lines.count {
                    defer { state.taken += 1 }
                    if wanted(state.lines[state.taken]) { return (state.lines[state.taken], false) }
                }
                return (nil, state.ended)
            }
            if let found { return found }
            if over || Date() > until { return nil }
            usleep(2000)
        }
    }

    var all: String { state.withLock { $0.lines.joined(separator: "\n") } }

    /// Everything, once nobody can write any more.
    func untilEnd() throws -> String {
        let until = Date(timeIntervalSinceNow: Program.patience)
        while !state.withLock({ $0.ended }) {
            guard Date() < until else { throw TestFailure("somebody keeps the pipe open after the end; \(all)") }
            usleep(2000)
        }
        return all
    }
}

public struct TestFailure: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Asks again until the answer is there; a failure says what was waited for.
public func eventually<Value>(
    _ what: String, within seconds: TimeInterval = Program.patience, _ body: () throws -> Value?
)
    throws
    -> Value
{
    let until = Date(timeIntervalSinceNow: seconds)
    while true {
        if let value = try body() { return value }
        guard Date() < until else { throw TestFailure("waited in vain for: \(what)") }
        usleep(20_000)
    }
}
