import Foundation
import Glibc
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Annunciation

/// A directory that goes away with the test.
final class PlaceScratch {
    let path: String

    init() throws {
        // A reader that leaves must not end the process: as the daemon does when it starts.
        signal(SIGPIPE, SIG_IGN)
        var template = Array("/tmp/place-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

extension AlarmLine {
    /// A line as the journal would make it, with these fields besides.
    static func place(
        _ sequence: Int64, kind: Kind = .event, text: String? = nil, announces: Bool = true, padding: Int = 0,
        members: [AlarmLine] = [], _ fields: [AlarmField: String] = [:]
    ) -> AlarmLine {
        var all = fields
        all[.sequence] = String(sequence)
        let more = padding > 0 ? #","pad":"\#(String(repeating: "x", count: padding))""# : ""
        let json = #"{"seq":\#(sequence)\#(fields[.state].map { #","state":"\#($0)""# } ?? "")\#(more)}"# + "\n"
        return AlarmLine(
            kind: kind, sequence: sequence, json: json, text: text ?? "line \(sequence)\n", severity: 2, rank: 3,
            announces: announces, fields: all, members: members)
    }

    /// What happened to one alarm.
    static func alarm(
        _ name: String, _ state: String, _ occurrence: Int, _ revision: Int, sequence: Int64 = 1, kind: Kind = .event
    ) -> AlarmLine {
        .place(
            sequence, kind: kind,
            [.alarm: name, .state: state, .occurrence: "\(occurrence)", .revision: "\(revision)", .boot: "b1"])
    }
}

extension Delivery {
    var isTaken: Bool { trouble == nil }

    /// Why not.
    var unavailable: String? {
        guard case .unavailable(let words, _) = trouble else { return nil }
        return words
    }

    var refused: String? {
        guard case .refused(let words) = trouble else { return nil }
        return words
    }
}

/// A call on a thread of its own, as a sink makes it, and what came of it.
final class InBackground<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    init(_ body: @escaping @Sendable () -> Value) {
        Thread.detachNewThread { [self] in
            let value = body()
            self.value.withLock { $0 = value }
        }
    }

    var isDone: Bool { value.withLock { $0 != nil } }
    func result() throws -> Value { try eventually("the end of a call") { value.withLock { $0 } } }
}

/// All that a non-blocking descriptor has to give.
func readAll(_ descriptor: CInt) -> String {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: text, as: UTF8.self) }
        text += buffer.prefix(count)
    }
}

/// The Python of the test servers.
let python = ProcessInfo.processInfo.environment["CUPEL_PYTHON"] ?? "/usr/bin/python3"

func serverScript(_ name: String) throws -> String {
    try #require(Bundle.module.resourcePath) + "/Servers/\(name)"
}
