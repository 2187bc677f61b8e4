import Foundation
import Logging

@testable import Console

/// Runs a console on a socket of its own while a body asks it, on a thread that may block.
func servingConsole<Answer: Sendable>(
    _ backend: FakeBackend, _ body: @escaping @Sendable (_ path: String) throws -> Answer
) async throws -> Answer {
    let path = "\(NSTemporaryDirectory())/cupel-console-\(UUID().uuidString.prefix(8)).sock"
    let (listening, began) = AsyncStream.makeStream(of: Void.self)
    let server = ConsoleServer(
        socketPath: path, backend: backend, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { began.yield() }
    let running = Task { try await server.run() }
    for await _ in listening { break }
    let result = await withCheckedContinuation { (done: CheckedContinuation<Result<Answer, any Error>, Never>) in
        Thread.detachNewThread { done.resume(returning: Result { try body(path) }) }
    }
    running.cancel()
    _ = await running.result
    return try result.get()
}
