import ArgumentParser
import Daemon
import Glibc
import Historian
import Plant
import PlantConfiguration

/// Where the plant's description and its data are.
struct PlaceOptions: ParsableArguments {
    @Option(help: "The configuration: a directory with cupel.yaml, or the file.")
    var config = "/etc/cupel"

    @Option(help: "The state directory, with the two databases.")
    var state = usualState

    /// The plant's, on which people type times; UTC when the configuration cannot say it.
    var clock: WallClock { (try? loadConfiguration(config))?.plant.clock ?? .utc }

    /// The configuration, or every error of it on standard error and exit 78.
    func load() throws -> LoadedConfiguration {
        do {
            let loaded = try loadConfiguration(config, state: state)
            for warning in loaded.warnings { Output.complain("\(warning)") }
            return loaded
        } catch {
            Output.complain("\(error)")
            // The unit does not start again after 78: a name server that is down for a while must not end the watch.
            throw error.mayPass ? ExitCode.temporary : ExitCode.configuration
        }
    }
}

extension PlaceOptions {
    /// Hosts of the configuration that the installed unit keeps the daemon from. Nothing is looked up for it: what a name
    /// of a sink means is left out.
    func fenced(_ loaded: LoadedConfiguration) -> [String] {
        InstalledFence(configuration: config)?.warnings(loaded.networkPeers { _ in [] }) ?? []
    }
}

/// How the command line finds the daemon.
struct SocketOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions

    @Option(help: "The daemon's socket; otherwise the configured one, or cupel.sock below the state directory.")
    var socket: String?

    var path: String {
        if let socket { return socket }
        // A daemon whose socket lies in the state directory that was named is the one that was meant.
        let own = "\(place.state)/cupel.sock"
        if access(own, F_OK) == 0 { return own }
        let configured = (try? loadConfiguration(place.config))?.plant.console.socket
        return StatePaths(state: place.state).socket(configured: configured)
    }

    /// Connects to the alarm stream: beside the other socket, unless it is configured elsewhere.
    func openStream() throws -> StreamSocket {
        let paths = StatePaths(state: place.state)
        let beside = paths.stream(configured: nil, beside: path)
        do {
            return try StreamSocket(beside)
        } catch let error as Unreachable where error.isUnused {
            // A daemon that was killed leaves its socket behind, and may have been told of another since.
            let configured = (try? loadConfiguration(place.config))?.plant.console.stream
            let path = paths.stream(configured: configured, beside: path)
            guard path != beside else { throw error }
            return try StreamSocket(path)
        }
    }

    var client: DaemonClient { DaemonClient(socket: path) }
}

extension Unreachable {
    /// Nobody listens there: no such socket, or one that was left behind.
    fileprivate var isUnused: Bool { fault == .system(ENOENT) || fault == .system(ECONNREFUSED) }
}
