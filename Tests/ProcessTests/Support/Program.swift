import Foundation
import Synchronization
import Testing

/// A program run by a test: its output is collected line by line, and it never outlives the test.
final class Program: Sendable {
    /// No step of a test takes longer, however slow the machine.
    static let patience: TimeInterval = 60

    private let process: Process
    private let input = Pipe()
    private let output: Lines
    private let errors: Lines

    init(_ path: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil) throws {
        // A program that ended must not end the tests with it when they write to it.
        Foundation.signal(SIGPIPE, SIG_IGN)
        process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        let out = Pipe()
        let err = Pipe()
        process.standardInput = input
        process.standardOutput = out
        process.standardError = err
        output = Lines(out.fileHandleForReading)
        errors = Lines(err.fileHandleForReading)
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var pid: pid_t { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    func send(_ line: String) { input.fileHandleForWriting.write(Data((line + "\n").utf8)) }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The next line of standard output that satisfies the test, skipping others.
    func line(where wanted: (String) -> Bool = { _ in true }) throws -> String {
        guard let line = output.next(where: wanted) else {
            throw TestFailure("no such line; standard output: \(output.all) standard error: \(errors.all)")
        }
        return line
    }

    /// The same for standard error.
    func errorLine(where wanted: (String) -> Bool) throws -> String {
        guard let line = errors.next(where: wanted) else {
            throw TestFailure("no such line on standard error: \(errors.all)")
        }
        return line
    }

    /// Waits for the end.
    @discardableResult
    func exit() throws -> (status: Int32, output: String, errors: String) {
        let until = Date(timeIntervalSinceNow: Program.patience)
        while process.isRunning {
            guard Date() < until else {
                kill(process.processIdentifier, SIGKILL)
                throw TestFailure("\(process.executableURL?.path ?? "") did not end; \(errors.all)")
            }
            usleep(5000)
        }
        return (process.terminationStatus, output.untilEnd(), errors.untilEnd())
    }
}

/// The lines of a pipe as they come.
final class Lines: Sendable {
    private struct State {
        var lines: [String] = []
        var partial = Data()
        var taken = 0
        var ended = false
    }

    private let state = Mutex(State())

    init(_ handle: FileHandle) {
        handle.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.take(data)
        }
    }

    private func take(_ data: Data) {
        state.withLock { state in
            guard !data.isEmpty else {
                if !state.partial.isEmpty { state.lines.append(String(decoding: state.partial, as: UTF8.self)) }
                state.partial = Data()
                state.ended = true
                return
            }
            state.partial.append(data)
            while let end = state.partial.firstIndex(of: UInt8(ascii: "\n")) {
                state.lines.append(String(decoding: state.partial[..<end], as: UTF8.self))
                state.partial = Data(state.partial[(end + 1)...])
            }
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

    func untilEnd() -> String {
        let until = Date(timeIntervalSinceNow: 5)
        while !state.withLock({ $0.ended }), Date() < until { usleep(2000) }
        return all
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Asks again until the answer is there; a failure says what was waited for.
func eventually<Value>(_ what: String, within seconds: TimeInterval = Program.patience, _ body: () throws -> Value?)
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
