import ArgumentParser
import AsyncHTTPClient
import Console
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// The command line's end of the daemon's socket.
struct DaemonClient {
    /// No answer is larger: 100 000 tags at 200 bytes.
    static let answerLimit = 64 * 1024 * 1024
    static let timeout = TimeAmount.seconds(10)
    /// A sink may be busy with a program that has five minutes, and then has five for the test.
    static let trialTimeout = TimeAmount.minutes(11)
    /// A reload waits for the one before it, and starts everything anew where it must.
    static let reloadTimeout = TimeAmount.minutes(1)

    /// One for the process, never shut down: a command ends with its process. It does not try again by itself, because a
    /// person wants to know at once that nobody answers.
    private static let http = HTTPClient(
        eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    let socket: String

    /// Fetches and decodes.
    func get<Answer: Decodable>(_ path: String, as: Answer.Type = Answer.self) async throws -> Answer {
        try decode(try await fetch(HTTPClientRequest(url: url(path))))
    }

    func getText(_ path: String) async throws -> String {
        String(buffer: try await fetch(HTTPClientRequest(url: url(path))))
    }

    func getBytes(_ path: String) async throws -> [UInt8] {
        Array((try await fetch(HTTPClientRequest(url: url(path)))).readableBytesView)
    }

    func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, patience: TimeAmount = timeout, as: Answer.Type = Answer.self
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url(path))
        request.method = .POST
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        return try decode(try await fetch(request, patience: patience))
    }

    /// Calls `body` with each line of a stream until it ends, `body` answers false, or the daemon is gone.
    func lines(_ path: String, _ body: (String) throws -> Bool) async throws {
        let response = try await execute(HTTPClientRequest(url: url(path)), until: .distantFuture)
        guard response.status == .ok else { try await fail(response) }
        var rest = ByteBuffer()
        var parts = response.body.makeAsyncIterator()
        while var part = try await next(&parts) {
            rest.writeBuffer(&part)
            while let end = rest.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest.readString(length: end - rest.readerIndex) ?? ""
                rest.moveReaderIndex(forwardBy: 1)
                if try !body(line) { return }
            }
            rest.discardReadBytes()
        }
    }

    /// Whatever ends a stream before its time means that the daemon is gone.
    private func next(_ parts: inout HTTPClientResponse.Body.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await parts.next()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Unreachable(socket: socket, error)
        }
    }

    private func fetch(
        _ request: HTTPClientRequest, patience: TimeAmount = timeout
    ) async throws -> ByteBuffer {
        let response = try await execute(request, until: .now() + patience, patience: patience)
        guard response.status == .ok else { try await fail(response) }
        do {
            return try await response.body.collect(upTo: DaemonClient.answerLimit)
        } catch {
            throw Unreachable(socket: socket, error, patience: patience)
        }
    }

    private func execute(
        _ request: HTTPClientRequest, until: NIODeadline, patience: TimeAmount? = nil
    ) async throws -> HTTPClientResponse {
        do {
            return try await DaemonClient.http.execute(request, deadline: until)
        } catch {
            throw Unreachable(socket: socket, error, patience: patience)
        }
    }

    private func fail(_ response: HTTPClientResponse) async throws -> Never {
        let body = try await response.body.collect(upTo: DaemonClient.answerLimit)
        if let problem = try? JSONDecoder().decode(ProblemReport.self, from: Data(body.readableBytesView)) {
            Output.complain("cupel: \(problem.title)\n\(problem.detail)")
            switch response.status {
            case .badRequest: throw ExitCode.configuration
            case .notFound: throw ExitCode.data
            default: throw ExitCode.software
            }
        }
        Output.complain("cupel: the daemon answered \(response.status)")
        throw ExitCode.software
    }

    private func decode<Answer: Decodable>(_ buffer: ByteBuffer) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(buffer.readableBytesView))
    }

    private func url(_ path: String) -> String { "http+unix://\(Self.escape(socket))/\(path)" }

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

    /// - Parameter patience: how long an answer was waited for.
    init(socket: String, _ error: any Error, patience: TimeAmount? = nil) {
        self.socket = socket
        let tooLate: [HTTPClientError] = [.deadlineExceeded, .readTimeout, .connectTimeout]
        switch error {
        case let error as IOError: fault = .system(error.errnoCode)
        case is HTTPParserError: fault = .stranger
        case let error as HTTPClientError where tooLate.contains(error):
            fault = .silent(seconds: (patience ?? DaemonClient.timeout).nanoseconds / 1_000_000_000)
        default: fault = .hungUp
        }
    }

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
