import ArgumentParser
import Historian

/// On which clock times are shown, and how.
struct ClockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The clock of intervals, of today and of the output; the plant's otherwise.", valueName: "name"))
    var zone: ZoneText?
    @Flag(help: "The same as --zone UTC.") var utc = false
    @Flag(help: "Times as milliseconds since 1970.") var epochMs = false

    func validate() throws {
        if utc, zone != nil { throw ValidationError("--utc and --zone exclude each other") }
    }

    func clock(_ history: OpenedHistory) -> WallClock { utc ? .utc : zone?.clock ?? history.clock }

    func times(_ clock: WallClock) -> TimeColumn { TimeColumn(clock, isNumber: epochMs) }
}

/// A stretch of time, half-open.
struct RangeOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "From this time on.") var from = TimeText(argument: "-1h")!
    @Option(parsing: .unconditional, help: "Until before this time.") var to = TimeText(argument: "now")!
    @OptionGroup var clocks: ClockOptions

    func range(on clock: WallClock) throws -> Range<Int64> {
        let (start, end) = (from.milliseconds(on: clock), to.milliseconds(on: clock))
        guard start < end else { throw ValidationError("--from \(from) is not before --to \(to)") }
        return start..<end
    }
}

/// An IANA time zone, `Asia/Seoul`, as an option.
struct ZoneText: ExpressibleByArgument {
    let clock: WallClock

    init?(argument: String) {
        guard let clock = WallClock(named: argument) else { return nil }
        self.clock = clock
    }
}
