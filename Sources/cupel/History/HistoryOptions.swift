import Archive
import ArgumentParser
import Daemon
import Historian
import Plant
import PlantConfiguration
import Store

/// What the history's files need to be found and opened.
struct HistoryOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions

    /// Opens the history, also with the daemon stopped and as another user than the daemon's.
    func open() throws -> HistoryReader { try look().reader }

    /// The same, with what the configuration says about its plant.
    func look() throws -> OpenedHistory {
        let plant = (try? loadConfiguration(place.config))?.plant
        let settings = plant?.history ?? HistorySettings()
        return try explaining {
            let reader = try HistoryReader(path: StatePaths(state: place.state).path(settings.path))
            if let warning = reader.warning { Output.complain("cupel: \(warning)") }
            return OpenedHistory(
                reader: reader, timeZone: try plant?.timeZone ?? reader.timeZone(), commitEvery: settings.commitEvery)
        }
    }

    /// The tags that names, patterns and /expressions/ stand for, in the order they were asked for.
    func tags(_ texts: [String], in source: some QuerySource) throws -> [StoredTag] {
        try explaining {
            let choices = try texts.map { text in
                do {
                    return try TagChoice(text)
                } catch {
                    throw Output.misuse("\(text): not a regular expression: \(error)")
                }
            }
            do {
                return try choices.chosen(from: source.storedTags())
            } catch let error as NoSuchTag {
                Output.complain("cupel: the history has no tag \(error.text); `cupel tags` lists the plant's")
                throw ExitCode(1)
            }
        }
    }

    /// Turns a history's error into its message and exit code.
    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as HistoryError {
            Output.complain("cupel: \(error)")
            throw ExitCode(error.exitCode)
        }
    }
}

/// A history that can be read, and what the configuration says about its plant.
struct OpenedHistory {
    let reader: HistoryReader
    /// Of the configuration, else as the history has kept it.
    let timeZone: String?
    let commitEvery: Duration

    /// The plant's; UTC when nobody knows it.
    var clock: WallClock { timeZone.map(WallClock.init(known:)) ?? .utc }
}

extension Plant {
    /// On which people type times and are shown them.
    var clock: WallClock { WallClock(known: timeZone) }
}

extension WallClock {
    /// Says so and is UTC where this machine does not know the zone.
    init(known name: String) {
        if let clock = WallClock(named: name) {
            self = clock
        } else {
            Output.complain("cupel: this machine knows no time zone \(name); times are UTC")
            self = .utc
        }
    }
}
