import Foundation
import TestSupport
import Testing

/// An HTTP server for a webhook: see `Servers/webhook.py`. It answers 204 until it is told otherwise.
final class WebhookServer {
    let port: Int
    private let program: Program
    private(set) var requests: [Request] = []

    /// What it was asked, and how it answered.
    struct Request: Decodable {
        var answer: String
        var path: String
        var key: String?
        var body: String

        /// The lines of a request.
        var lines: [ToldLine] {
            get throws { try JSONDecoder().decode([ToldLine].self, from: Data(body.utf8)) }
        }
    }

    /// - Parameter port: 0 for any.
    init(port: Int = 0) throws {
        let script = try #require(Bundle.module.path(forResource: "webhook", ofType: "py", inDirectory: "Servers"))
        program = try Program(Cupel.python, [script, "\(port)"])
        let line = try program.line { $0.hasPrefix("port ") }
        self.port = try #require(Int(line.dropFirst(5)))
    }

    /// A status, or `garbage`, `silence`, `close`: from the next request on.
    func answers(_ words: String) throws {
        program.send(words)
        _ = try request { $0.answer == "set \(words)" }
    }

    /// The next request like that; those before it are kept, too.
    @discardableResult
    func request(where wanted: (Request) -> Bool) throws -> Request {
        while true {
            let request = try JSONDecoder().decode(Request.self, from: Data(try program.line().utf8))
            if !request.answer.hasPrefix("set ") { requests.append(request) }
            if wanted(request) { return request }
        }
    }

    /// Reads on until it has taken these events.
    func taken(through sequence: Int64) throws -> [ToldLine] {
        while !(try taken().contains { $0.seq == sequence }) {
            try request { $0.answer == "204" }
        }
        return try taken()
    }

    /// All lines that it has taken so far.
    func taken() throws -> [ToldLine] { try requests.filter { $0.answer == "204" }.flatMap { try $0.lines } }

    /// Stops it in the middle of whatever it does, or lets it go on.
    func signal(_ number: Int32) { program.signal(number) }

    func stop() throws {
        program.signal(SIGKILL)
        try program.exit()
    }
}
