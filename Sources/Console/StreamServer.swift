import Annunciation
import Glibc
public import Logging
import NIOCore
import NIOPosix
import Plant
import Synchronization

/// The alarm stream on a Unix socket of its own: JSON lines out, acknowledgements in.
public final class StreamServer: Sendable {
    /// How long a reader may take to name a place. Whoever says nothing begins with what stands. With 1 200 readers that
    /// came at once on a busy machine of 2 cores, 200 ms were too short for some (measured).
    public static let helloPatience: Duration = .seconds(1)
    /// When the daemon stops, readers get what waits for them within this time.
    static let drainPatience: Duration = .seconds(1)
    /// Bytes the kernel is asked to keep for a reader (it doubles them): what waits there is neither read nor counted, so
    /// less than its usual 208 KiB, and still a hundred lines.
    static let sendBuffer: CInt = 65_536

    private let listener: StreamListener
    private let backend: any ConsoleBackend
    private let logger: Logger

    /// Whoever connects to the socket is served by `run`.
    public init(socket: consuming LocalSocket, backend: any ConsoleBackend, logger: Logger) throws {
        listener = try StreamListener(socket)
        self.backend = backend
        self.logger = logger
    }

    deinit { listener.stop() }

    /// Accepts nobody more; `run` ends when its readers have got what waits for them, or after `drainPatience`.
    public func stop() { listener.stop() }

    /// Serves until `stop`.
    public func run() async {
        let roster = backend.streams
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while (try? await Task.sleep(for: StreamRoster.patrolEvery)) != nil {
                        roster.patrol(at: SystemClock().monotonic())
                    }
                }
                for await connection in listener.connections { group.addTask { [self] in await serve(connection) } }
                backend.feed.close()
                let end = ContinuousClock.now + StreamServer.drainPatience
                while !roster.isEmpty, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
                roster.closeAll()
                group.cancelAll()
            }
        } onCancel: {
            listener.stop()
        }
    }

    private func serve(_ connection: StreamConnection) async {
        connection.limitSendBuffer(to: StreamServer.sendBuffer)
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .withConnectedSocket(connection.descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            logger.debug("stream: \(error)")
            return
        }
        let client = StreamClient(
            channel: channel.channel, backend: backend,
            who: connection.user.map { Peer(user: $0, groups: []).name } ?? "unknown")
        do {
            try await channel.executeThenClose { inbound, _ in
                let isCrowded = connection.isLow && backend.streams.count(via: .socket) >= StreamListener.lowLimit
                await client.run(inbound, isCrowded: isCrowded)
            }
        } catch {
            // It has gone, as readers do.
            logger.debug("stream of \(client.who): \(error)")
        }
    }
}
