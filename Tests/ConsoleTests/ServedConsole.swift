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
        socket: try LocalSocket(path: path), backend: backend,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let running = Task { try await server.run { began.yield() } }
    for await _ in listening { break }
    let result = await Task { try await onThreadOfItsOwn { try body(path) } }.result
    running.cancel()
    _ = await running.result
    return try result.get()
}

/// Work that blocks, away from the threads that the server shares with the test.
func onThreadOfItsOwn<Answer: Sendable>(_ body: @escaping @Sendable () throws -> Answer) async throws -> Answer {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Answer, any Error>) in
        Thread.detachNewThread { done.resume(with: Result { try body() }) }
    }
}
