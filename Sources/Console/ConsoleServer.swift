import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOExtras
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// The HTTP server on the daemon's Unix socket.
///
/// Hummingbird's connections and router; not its `Application`, which makes its sockets itself and so takes none that
/// systemd has opened.
public final class ConsoleServer: Sendable {
    /// Connections at a time; more wait. The process has 1 024 descriptors, and controllers come first.
    public static let connectionLimit = 256

    private let socket: LocalSocket
    private let responder: RouterResponder<PeerContext>
    private let logger: Logger

    public init(socket: consuming LocalSocket, backend: any ConsoleBackend, logger: Logger) {
        self.socket = socket
        responder = Routes(backend: backend).router().buildResponder()
        self.logger = logger
    }

    /// Serves until the task is cancelled or its service group shuts down.
    ///
    /// - Parameter onListening: called once clients are served.
    /// - Throws: when it cannot begin.
    public func run(onListening: @Sendable () async -> Void = {}) async throws {
        let connections = HTTP1Channel(responder: respond)
        let quiescing = ServerQuiescingHelper(group: .singletonMultiThreadedEventLoopGroup)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    try handlers.addHandler(
                        AvailableConnectionsChannelHandler(maxConnections: ConsoleServer.connectionLimit))
                    try handlers.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(socket.duplicate()) { [logger] in connections.setup(channel: $0, logger: logger) }
        // NIO made room for 128.
        try socket.listen()
        await withGracefulShutdownHandler {
            await onListening()
            await withDiscardingTaskGroup { [logger] group in
                do {
                    try await listener.executeThenClose { arriving in
                        for try await connection in arriving {
                            group.addTask { await connections.handle(value: connection, logger: logger) }
                        }
                    }
                } catch {
                    logger.critical("the console accepts nobody more: \(error)")
                }
            }
        } onGracefulShutdown: {
            quiescing.initiateShutdown(promise: nil)
        }
    }

    @Sendable private func respond(
        to request: Request, with writer: consuming ResponseWriter, on channel: any Channel
    ) async throws {
        var response: Response
        do {
            let context = PeerContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
            response = try await responder.respond(to: request, context: context)
        } catch let error as HTTPParserError {
            throw error
        } catch {
            // Whoever left in the middle is no mistake of ours.
            if channel.isActive { logger.error("\(request.method) \(request.uri.path): \(error)") }
            response = Response(status: .internalServerError)
        }
        response.headers[.date] = ConsoleServer.date()
        response.headers[.server] = "cupel"
        do {
            try await writer.write(response: response.head, body: response.body)
        } catch is HTTPParserError {
            // As such it would be answered, and this request has its answer.
            throw CancellationError()
        }
    }

    /// Now, as RFC 9110 writes it (5.6.7).
    private static func date() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        return String(unsafeUninitializedCapacity: 32) {
            $0.withMemoryRebound(to: CChar.self) {
                strftime($0.baseAddress!, $0.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            }
        }
    }
}
