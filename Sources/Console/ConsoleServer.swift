import Glibc
import Hummingbird
public import Logging
import NIOCore
import Synchronization

/// The HTTP server on the daemon's Unix socket.
public struct ConsoleServer: Sendable {
    private let application: Application<RouterResponder<PeerContext>>

    /// - Parameters:
    ///   - socketPath: at most 107 bytes (`sun_path`). A socket left behind by a dead daemon is removed: the database
    ///     lock has shown already that no other daemon is alive.
    ///   - onListening: called once clients can connect.
    public init(
        socketPath: String, backend: any ConsoleBackend, logger: Logger,
        onListening: @escaping @Sendable () async -> Void
    ) {
        application = Application(
            responder: Routes(backend: backend).router().buildResponder(),
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socketPath), serverName: "cupel"),
            onServerRunning: { _ in
                // The group may connect; who may do what is decided by the peer's credentials.
                chmod(socketPath, 0o660)
                await onListening()
            },
            logger: logger)
    }

    /// Serves until the task is cancelled or its service group shuts down.
    public func run() async throws { try await application.run() }
}
