import Foundation
import TestSupport
import Testing

/// The built binary, as an operator would start it.
enum Cupel {
    static var binary: String {
        ProcessInfo.processInfo.environment["CUPEL_BINARY"] ?? ""
    }

    static var python: String {
        ProcessInfo.processInfo.environment["CUPEL_PYTHON"] ?? ""
    }

    static func start(_ arguments: String...) throws -> Program { try Program(binary, arguments) }

    /// Runs to the end.
    @discardableResult
    static func run(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        try Program(binary, arguments).exit()
    }
}

/// A directory that goes away with the test, holding a configuration and the state.
final class Plantyard {
    let path: String
    var config: String { path + "/cupel.yaml" }
    var state: String { path + "/state" }
    var history: String { state + "/history.db" }
    var journal: String { state + "/journal.db" }

    init(_ yaml: String = "") throws {
        var template = Array("\(NSTemporaryDirectory())/cupel-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp: \(String(cString: strerror(errno)))") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try write(yaml)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ yaml: String) throws { try yaml.write(toFile: config, atomically: true, encoding: .utf8) }

    /// The daemon, once people can connect.
    func daemon() throws -> Program {
        let daemon = try Cupel.start("run", "--config", config, "--state", state)
        _ = try daemon.errorLine { $0.contains("socket \(state)/cupel.sock") }
        return daemon
    }

    func cupel(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        try Program(Cupel.binary, arguments + ["--config", config, "--state", state]).exit()
    }

    func sqlite(_ database: String, _ sql: String) throws -> String {
        let result = try Program("/usr/bin/sqlite3", ["-readonly", database, sql]).exit()
        guard result.status == 0 else { throw TestFailure("sqlite3: \(result.errors)") }
        return result.output
    }
}

/// A pymodbus server: see `Servers/pymodbus_server.py`.
final class PymodbusServer {
    let port: Int
    private let program: Program

    /// - Parameter setUp: lines of the script's language.
    init(unit: Int = 1, _ setUp: [String]) throws {
        let script = try #require(
            Bundle.module.path(forResource: "pymodbus_server", ofType: "py", inDirectory: "Servers"))
        program = try Program(Cupel.python, ["-W", "ignore", script])
        for line in setUp { program.send(line) }
        program.send("serve \(unit)")
        let line = try program.line { $0.hasPrefix("port ") }
        port = Int(line.dropFirst(5)) ?? 0
    }

    func write(_ address: Int, _ words: UInt16...) throws {
        program.send("write \(address) " + words.map { String($0, radix: 16) }.joined(separator: " "))
        let answer = try program.line { $0 == "written" || $0.hasPrefix("error") }
        if answer != "written" { throw TestFailure(answer) }
    }

    func kill() { program.signal(SIGKILL) }
}
