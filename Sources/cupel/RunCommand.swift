import Acquisition
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
        let loaded = try place.load()
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

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validates the configuration: prints every error of it, else the scan plan.")

    @OptionGroup var place: PlaceOptions

    func run() throws {
        let loaded = try place.load()
        Output.write(ScanPlan(plant: loaded.plant).description)
        for profile in loaded.profiles { Output.line(profile.line) }
    }
}

extension ProfileSummary {
    /// Where the facts of a register map come from, and how far that can be trusted.
    fileprivate var line: String {
        let trust: String =
            switch grade {
            case .manual: "from the vendor's manual"
            case .driver: "from a public driver"
            case .list: "from a third party's list"
            case .own: "designed for this plant"
            case nil: "of no stated origin"
            }
        let sources = sources.isEmpty ? "" : " (\(sources.joined(separator: "; ")))"
        return "profile \(name): \(model ?? "no model"), \(trust)\(sources)"
    }
}
