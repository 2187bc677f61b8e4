import Acquisition
import Annunciation
import Console
import Glibc
import Logging
import Plant
public import PlantConfiguration
import Ring
import ServiceLifecycle
import Synchronization
import UnixSignals
import Watch

/// The daemon: one configuration at work, a socket for people, and systemd.
public final class Daemon: Sendable {
    public static let version = "0.1.0"

    /// Status and heartbeats to systemd and to readers of alarms come this often at least.
    static let beatEvery: Duration = .seconds(10)
    /// What a stop may take in all before systemd's own patience ends: 5 s are promised, the rest of them for the disk.
    static let stopLimit: Duration = .seconds(5)

    let configurationPath: String
    let paths: StatePaths
    let socket: String
    /// The alarm stream's.
    let streamSocket: String
    let feed = AlarmFeed()
    let streams = StreamRoster()
    let logger: Logger
    let notifier = ServiceNotifier()
    let current: Mutex<PlantRun>
    let configurationError = Mutex<String?>(nil)
    let reloads = Turnstile<Result<ReloadReport, ReloadRefusal>>()
    let isStopped = Mutex<Bool>(false)
    let turnedAway = TurnedAway()
    private let patience: StartPatience
    /// Sockets that systemd has opened for people (systemd.socket(5)), until they are served.
    private let opened: Mutex<KeptDescriptors>

    /// Opens everything the configuration asks for.
    ///
    /// - Parameter socket: overrides the configured one.
    /// - Throws: `StartError`, which knows its exit code.
    public init(
        configuration: LoadedConfiguration, path: String, state: String, socket: String? = nil, logWriter: LogWriter
    ) throws(StartError) {
        configurationPath = path
        paths = StatePaths(state: state)
        if let fault = paths.make() { throw StartError(fault, exitCode: 73) }
        logger = Logger(label: "cupel") { _ in WriterLogHandler(writer: logWriter) }
        self.socket = socket ?? paths.socket(configured: configuration.plant.console.socket)
        streamSocket = paths.stream(configured: configuration.plant.console.stream, beside: self.socket)
        for (key, path) in [("socket", self.socket), ("stream", streamSocket)]
        where path.utf8.count > LocalSocket.pathLimit {
            throw StartError(
                "console.\(key): \(path) is longer than the \(LocalSocket.pathLimit) bytes a Unix socket's path may have",
                exitCode: 78)
        }
        DescriptorLimit.raise()
        patience = StartPatience(notifier)
        do {
            var kept = KeptDescriptors.taken()
            current = Mutex(
                try PlantRun(
                    plant: configuration.plant, paths: paths, logger: logger, kept: &kept, notifier: notifier))
            opened = Mutex(kept)
        } catch {
            patience.end()
            throw StartError(error)
        }
        // After the databases: their locks know who the other daemon is.
        let opened = opened.withLock { $0.socketPaths }
        for socket in [self.socket, streamSocket]
        where !opened.contains(socket) && StatePaths.somebodyAnswers(at: socket) {
            throw StartError("the socket \(socket): another daemon answers there; stop it first", exitCode: 73)
        }
        for path in opened.subtracting([self.socket, streamSocket]).sorted() {
            logger.warning(
                """
                systemd listens at \(path), but console.socket is \(self.socket) and console.stream is \
                \(streamSocket): nobody is served there
                """)
        }
    }

    var run: PlantRun { current.withLock { $0 } }

    /// For a start that a person has to mend first: who waits at the sockets that systemd has opened is sent away.
    public static func turnAway() { KeptDescriptors.taken().turnAway() }

    /// Runs until SIGTERM or SIGINT; then everything is drained, committed and closed.
    public func run() async throws(StartError) {
        // A reader that closes its pipe must not end the daemon.
        signal(SIGPIPE, SIG_IGN)
        try await startPlant()
        let backend = DaemonBackend(daemon: self)
        let stream: StreamServer
        let server: ConsoleServer
        do {
            stream = try StreamServer(socket: listen(at: streamSocket), backend: backend, logger: logger)
            server = ConsoleServer(socket: try listen(at: socket), backend: backend, logger: logger)
        } catch {
            await stopPlant()
            throw StartError("the socket \(error)", exitCode: 73)
        }
        opened.withLock { $0 = KeptDescriptors() }
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: ConsoleService(server: server, daemon: self),
                    successTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: StreamService(server: stream)),
                .init(service: Beat(daemon: self)),
                .init(service: SelfCheck(daemon: self)),
                .init(service: AuditWitness(daemon: self)),
                .init(service: Reloader(daemon: self)),
                // Last in, first out: the plant stops while operators are still connected, and hear of it.
                .init(service: PlantService(daemon: self)),
            ], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
        // A reader that was suspended (Ctrl-Z) never takes the end of its stream, and must not keep the daemon from ending.
        configuration.maximumGracefulShutdownDuration = Daemon.stopLimit
        let group = ServiceGroup(configuration: configuration)
        do {
            try await group.run()
        } catch {
            // Cut short by a reader that would not go: the plant itself has stopped in order.
            if !isStopped.withLock({ $0 }) {
                await stopPlant()
                throw StartError("the socket \(socket): \(error)", exitCode: 73)
            }
        }
        logger.notice("stopped")
    }

    /// The socket that systemd has opened there, or one of our own.
    private func listen(at path: String) throws(LocalSocketError) -> LocalSocket {
        try LocalSocket(path: path, opened: opened.withLock { $0.take(listeningAt: path) })
    }

    /// Readings can be committed and people can connect.
    fileprivate func listening() {
        let plant = run.plant
        logger.notice(
            "cupel watches \(plant.name): \(plant.controllers.count) controllers, \(plant.tagCount) tags, \(plant.alarms.count) alarms; socket \(socket)"
        )
        patience.end()
        notifier.ready(status: statusLine())
    }

    // MARK: Health

    /// One line for `systemctl status`.
    func statusLine() -> String { StatusReport(self).summary }

    fileprivate func beat() {
        let run = self.run
        let clock = SystemClock()
        let health = ServiceHealth(run, now: clock.monotonic())
        if health.isWell {
            notifier.feed(status: statusLine())
        } else {
            let text = "STUCK: \(health.stuck.joined(separator: ", "))"
            notifier.status(text)
            logger.critical("watchdog not fed: \(text)")
        }
    }

    fileprivate func heartbeat() {
        let run = self.run
        let (active, unacknowledged) = AlarmSnapshot.counts(run.watch.alarms().states)
        let line = AlarmLine.heartbeat(
            plant: run.plant.name, time: SystemClock().wall() / 1_000_000, last: feed.lastSequence, active: active,
            unacknowledged: unacknowledged)
        feed.publish([line])
        run.sinks.offer([line])
    }

    fileprivate func startPlant() async throws(StartError) {
        let fault: String? = await onThread("start") { [self] in
            do {
                try run.start(feed: feed)
                return nil
            } catch {
                return "\(error)"
            }
        }
        if let fault { throw StartError(fault, exitCode: 70) }
    }

    fileprivate func stopPlant() async {
        notifier.stopping()
        logger.notice("stopping")
        _ = await onThread("stop") { [self] in
            isStopped.withLock { stopped in
                stopped = true
                run.stop()
            }
        }
        feed.close()
    }
}

/// The lines, the watch and the databases as one service.
private struct PlantService: Service {
    let daemon: Daemon

    func run() async throws {
        try? await gracefulShutdown()
        await daemon.stopPlant()
    }
}

/// Feeds systemd's watchdog at half its period, and readers' patience.
private struct Beat: Service {
    let daemon: Daemon

    func run() async throws {
        let every = min(daemon.notifier.watchdog.map { $0 / 2 } ?? Daemon.beatEvery, .seconds(5))
        await cancelWhenGracefulShutdown {
            var sinceHeartbeat = Duration.zero
            while !Task.isCancelled {
                try? await Task.sleep(for: every)
                if Task.isCancelled { return }
                daemon.beat()
                sinceHeartbeat += every
                if sinceHeartbeat >= Daemon.beatEvery {
                    daemon.heartbeat()
                    sinceHeartbeat = .zero
                }
            }
        }
    }
}

/// SIGHUP. One that comes during a reload is answered by the next: the configuration may have changed since.
private struct Reloader: Service {
    let daemon: Daemon

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { reloads in
                for await _ in await UnixSignalsSequence(trapping: .sighup) {
                    reloads.addTask { _ = await daemon.reload(who: "SIGHUP") }
                }
            }
        }
    }
}

/// The alarm stream.
private struct StreamService: Service {
    let server: StreamServer

    func run() async throws {
        await withGracefulShutdownHandler {
            await server.run()
        } onGracefulShutdown: {
            server.stop()
        }
    }
}

/// The console is a service like the others.
private struct ConsoleService: Service {
    let server: ConsoleServer
    let daemon: Daemon

    func run() async throws {
        do {
            try await server.run { daemon.listening() }
        } catch {
            // A daemon that nobody can speak to is no daemon; the others end in order and would say nothing of it.
            daemon.logger.critical("nobody can be served at the socket \(daemon.socket): \(error)")
            throw error
        }
    }
}

/// Runs blocking work on a thread of its own and waits for it without blocking the cooperative pool.
func onThread<Result: Sendable>(_ name: String, _ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        do {
            _ = try Worker(name: name) { continuation.resume(returning: body()) }
        } catch {
            // No thread to be had: better slow than not at all.
            continuation.resume(returning: body())
        }
    }
}
