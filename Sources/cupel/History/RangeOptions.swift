import ArgumentParser
import Historian

/// On which clock times are shown, and how.
struct ClockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The clock of intervals, days, times without an offset and the output; the plant's otherwise.",
            valueName: "name"))
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
    @Option(parsing: .unconditional, help: "From this time on.", transform: TimeText.typed) var from =
        TimeText.standard("-1h")
    @Option(parsing: .unconditional, help: "Until before this time.", transform: TimeText.typed) var to =
        TimeText.standard("now")
    @OptionGroup var clocks: ClockOptions

    func range(on clock: WallClock) throws -> Range<Int64> {
        try TimeText.range(from, to, on: clock)
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
