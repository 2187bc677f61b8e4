import Glibc
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import Synchronization

/// The HTTP server on the daemon's Unix socket.
public struct ConsoleServer: Sendable {
    /// Connections at a time; more wait. The process has 1 024 descriptors, and controllers come first.
    public static let connectionLimit = 256

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
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: socketPath), serverName: "cupel",
                availableConnectionsDelegate: MaximumAvailableConnections(ConsoleServer.connectionLimit)),
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
