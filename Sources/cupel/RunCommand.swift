import ArgumentParser
import Daemon
import Plant
import PlantConfiguration

/// The daemon, in the foreground: load, open, run, and an exit code that tells the service manager what to do.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the daemon in the foreground, until SIGTERM or SIGINT; SIGHUP reloads.")

    @OptionGroup var place: PlaceOptions

    func run() async throws {
        let loaded: LoadedConfiguration
        do {
            loaded = try place.load()
        } catch {
            Daemon.turnAway()
            throw error
        }
        for host in place.fenced(loaded) { Output.complain("cupel: \(host)") }
        let log = LogWriter()
        try log.start()
        defer { log.stop() }
        do throws(StartError) {
            let daemon = try Daemon(configuration: loaded, path: place.config, state: place.state, logWriter: log)
            try await daemon.run()
        } catch {
            log.write(severity: 2, "cupel: \(error)")
            throw ExitCode(error.exitCode)
        }
    }
}
