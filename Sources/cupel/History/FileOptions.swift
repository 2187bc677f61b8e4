import ArgumentParser
import Daemon
import Glibc
import Historian
import Plant
import PlantConfiguration
import Store

/// The two databases of a plant, for commands that read the files themselves.
struct FileOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions

    /// The configured history, or the default one where the configuration cannot be read: files must be cared for even
    /// when the plant's description is broken.
    var history: String {
        let configured = try? loadConfiguration(place.config)
        return StatePaths(state: place.state).path(configured?.plant.history.path ?? HistorySettings().path)
    }

    var journal: String {
        let configured = try? loadConfiguration(place.config)
        return StatePaths(state: place.state).path(configured?.plant.journal.path ?? JournalSettings().path)
    }

    /// Turns an error about a file into its message and exit code.
    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as StoreError {
            Output.complain("cupel: \(error)")
            throw ExitCode(error.exitCode)
        }
    }
}

extension ProgressBar {
    /// Of a command that prints nothing before its end.
    static var onTerminal: ProgressBar { ProgressBar(isShown: isatty(STDERR_FILENO) == 1) }

    func reached(_ progress: CareProgress) {
        let part = progress.total > 0 ? Double(progress.done) / Double(progress.total) : 1
        reached(part, "\(progress.file): \(progress.step.rawValue)")
    }
}

extension Output {
    /// `1.2 GB`, `340 MB`, `12 kB`.
    static func bytes(_ count: Int64) -> String {
        switch count {
        case 1_000_000_000...: "\(Double(count / 10_000_000) / 100) GB"
        case 1_000_000...: "\(count / 1_000_000) MB"
        default: "\((count + 999) / 1000) kB"
        }
    }
}
