import ArgumentParser
import Console
import FoundationEssentials
import Glibc
import Plant
import Ring

/// The command line's end of the daemon's socket. It does not try again by itself, because a person wants to know at once
/// that nobody answers.
struct DaemonClient {
    static let timeout: Duration = .seconds(10)
    /// A sink may be busy with a program that has five minutes, and then has five for the test.
    static let trialTimeout: Duration = .seconds(660)
    /// A reload waits for the one before it, and starts everything anew where it must.
    static let reloadTimeout: Duration = .seconds(60)

    let socket: String

    /// Fetches and decodes.
    func get<Answer: Decodable>(_ path: String, as: Answer.Type = Answer.self) async throws -> Answer {
        try decode(try await getBytes(path))
    }

    func getText(_ path: String) async throws -> String { String(decoding: try await getBytes(path), as: UTF8.self) }

    func getBytes(_ path: String) async throws -> [UInt8] {
        try await answer(to: SocketExchange(socket: socket, path: path, patience: DaemonClient.timeout))
    }

    func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, patience: Duration = timeout, as: Answer.Type = Answer.self
    ) async throws -> Answer {
        let body = Array(try JSONEncoder().encode(body))
        return try decode(
            try await answer(to: SocketExchange(socket: socket, path: path, body: body, patience: patience)))
    }

    private func answer(to exchange: SocketExchange) async throws -> [UInt8] {
        let outcome = await withCheckedContinuation { continuation in
            do {
                _ = try Worker(name: "request") { continuation.resume(returning: exchange.perform()) }
            } catch {
                // No thread to be had: better on this one than not at all.
                continuation.resume(returning: exchange.perform())
            }
        }
        let answer = try outcome.get()
        guard answer.status == 200 else { try fail(answer) }
        return answer.body
    }

    private func fail(_ answer: SocketExchange.Answer) throws -> Never {
        if let problem = try? JSONDecoder().decode(ProblemReport.self, from: Data(answer.body)) {
            Output.complain("cupel: \(problem.title)\n\(problem.detail)")
            switch answer.status {
            case 400: throw ExitCode.configuration
            case 403: throw ExitCode.notAllowed
            case 404: throw ExitCode.data
            default: throw ExitCode.software
            }
        }
        Output.complain("cupel: the daemon answered \(answer.status)")
        throw ExitCode.software
    }

    private func decode<Answer: Decodable>(_ body: [UInt8]) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(body))
    }

    /// Percent-encodes everything that is not a letter, a digit or one of `-._~`.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII, Character(scalar).isLetter || Character(scalar).isNumber || "-._~".utf8.contains(byte) {
                escaped.unicodeScalars.append(scalar)
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                escaped += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return escaped
    }
}

/// The daemon cannot be reached, or is gone. Exit 69.
struct Unreachable: Error {
    /// What came of asking, in our words: an error's own text names functions and types of a library.
    enum Fault: Equatable {
        /// The system's reason.
        case system(CInt)
        /// Somebody took the connection, and said nothing.
        case silent(seconds: Int64)
        /// What answers speaks something else than HTTP.
        case stranger
        case hungUp
    }

    let socket: String
    let fault: Fault

    init(socket: String, _ fault: Fault) { (self.socket, self.fault) = (socket, fault) }

    /// There is no such socket.
    var isAbsent: Bool { fault == .system(ENOENT) }

    /// In a few words, for a sentence that names the socket.
    var reason: String {
        switch fault {
        case .system(let code): String(cString: strerror(code))
        case .silent(let seconds): "no answer within \(seconds) s"
        case .stranger: "what listens there is no console"
        case .hungUp: "the connection ended"
        }
    }

    var text: String {
        switch fault {
        case .system(EACCES): "this user may not use \(socket); its owner, and its group, may"
        case .system: "no daemon answers at \(socket) (\(reason)); is `cupel run` running with this --state?"
        case .silent(let seconds): "the daemon at \(socket) does not answer within \(seconds) s"
        case .stranger: "no daemon answers at \(socket): \(reason). The console's socket is cupel.sock as a rule"
        case .hungUp: "the daemon at \(socket) ended the connection before its answer"
        }
    }

    /// Says so in one line and ends the command.
    func explain() -> ExitCode {
        Output.complain("cupel: \(text)")
        return .unavailable
    }
}

/// Runs a command's body and turns an unreachable daemon into its message and exit code.
func reachingDaemon<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    do {
        return try await body()
    } catch let error as Unreachable {
        throw error.explain()
    }
}
