import Foundation
import Glibc
import Plant
import Synchronization
import TestSupport
import Testing

@testable import Annunciation

extension AlarmLine {
    /// A raised alarm, as the journal tells it.
    static func sample(
        _ sequence: Int64 = 7, kind: Kind = .event, text: String = "melt temperature 1502.3 degC >= 1500\n",
        json: String? = nil, severity: Int = 2, fields: [AlarmField: String] = sampleFields,
        members: [AlarmLine] = []
    ) -> AlarmLine {
        AlarmLine(
            kind: kind, sequence: sequence, json: json ?? "{\"seq\":\(sequence)}\n", text: text, severity: severity,
            rank: 2, announces: true, fields: fields, time: 1_767_434_400_123, members: members)
    }

    static let sampleFields: [AlarmField: String] = [
        .boot: "b1", .alarm: "F-01.melt_temp", .occurrence: "12", .revision: "3", .what: "raise", .state: "UNACK",
        .priority: "high",
    ]
}

/// A program in Python that plays the other side.
struct PostServer {
    let program: Program
    let port: Int

    init(_ name: String, _ arguments: [String] = []) throws {
        let python = try #require(
            ProcessInfo.processInfo.environment["CUPEL_PYTHON"], "CUPEL_PYTHON must name the tests' Python")
        let script = try #require(Bundle.module.url(forResource: name, withExtension: "py", subdirectory: "Servers"))
        program = try Program(python, [script.path] + arguments)
        port = try #require(Int(try program.line()))
    }

    /// The next thing it got.
    func next<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try program.line().utf8))
    }
}

/// A directory that goes away with the test.
final class PostScratch {
    let path: String

    init() throws {
        var template = Array("\(NSTemporaryDirectory())/cupel-post-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A certificate of our own for 127.0.0.1, and its key.
struct PostCertificate {
    let scratch: PostScratch
    var certificate: String { scratch.path + "/certificate.pem" }
    var key: String { scratch.path + "/key.pem" }

    init() throws {
        scratch = try PostScratch()
        let made = try Program(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                certificate,
            ]
        ).exit()
        try #require(made.status == 0, "\(made.errors)")
    }
}

extension Delivery {
    var isUnavailable: Bool {
        if case .unavailable = trouble { true } else { false }
    }

    /// What is said about the trouble, whichever it is.
    var reason: String {
        switch trouble {
        case .unavailable(let reason, _): reason
        case .declined(let reason), .refused(let reason): reason
        case nil: ""
        }
    }
}

extension Outlet {
    /// Sends from a thread of its own, interrupts once `ready` returns, and gives what `send` then said.
    func interrupted(sending lines: [AlarmLine], once ready: () throws -> Void) throws -> Delivery {
        let answer = Elsewhere { self.send(lines) }
        try ready()
        interrupt()
        return try answer.value("the end of an interrupted send")
    }
}

/// What a thread of its own brings.
final class Elsewhere<Value: Sendable>: Sendable {
    private let result = Mutex<Value?>(nil)

    init(_ work: @escaping @Sendable () -> Value) {
        Thread.detachNewThread { [self] in
            let value = work()
            result.withLock { $0 = value }
        }
    }

    func value(_ what: String) throws -> Value { try eventually(what) { result.withLock { $0 } } }
}
