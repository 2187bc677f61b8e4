import Archive
import ArgumentParser
import Historian

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints history: raw readings, figures of intervals, or the outline of a curve.",
        discussion: """
            Times: ISO 8601, now or *, -8h, now-8h, today, yesterday, or milliseconds since 1970. Ranges include their \
            start and not their end. Days, intervals, times without an offset and the times of the output are those of \
            the plant's clock, or of --zone.

            --every gives one row for each interval, --agg alone one for the whole range. The mean is weighted by time: a \
            value counts for as long as it stood, analog tags on the line between two readings, others until the next \
            one. Only good readings count. An interval without data is left out, never zero, unless --fill says \
            otherwise. rate (per second) and increase are for counters and understand wraps and resets; time-in-state \
            gives the seconds of each state and stands alone.

            --max-points N gives N readings of each tag or fewer that look like all of them: first, lowest, highest and \
            last of every part of the range, at their own times.

            Exit 0 with rows, 1 without any, 64 for a mistake, 65 and 74 for a damaged or unreadable history.
            """)

    @OptionGroup var history: HistoryOptions
    @OptionGroup var range: RangeOptions
    @Option(help: "One row for each interval of this length: 10s, 1m, 1h, 1d.") var every: SpanText?
    @Option(help: "At most so many readings of each tag, spikes kept.") var maxPoints: Int?
    @Option(
        help: ArgumentHelp(
            "Figures, with commas: mean, min, max, first, last, count, range, stddev, percent-good, rate, increase, "
                + "time-in-state.", valueName: "figures"),
        transform: Figure.list)
    var agg: [Figure]?
    @Flag(help: "The plain mean of the readings, however long each stood.") var simple = false
    @Flag(help: "No tag lies on a line between two readings.") var step = false
    @Option(help: "Also values at both ends of the range: none, outside, interpolated.") var bounds = BoundChoice.none
    @Option(help: "What stands where an interval has no value: none, previous, linear.") var fill = FillChoice.none
    @Flag(help: "A column for each tag.") var wide = false
    @Flag(help: "Print more than 5 million rows.") var force = false
    @OptionGroup var output: RowOptions
    @Argument(help: "Tags, patterns F-*.melt_temp, or /expressions/.") var tags: [String]

    func validate() throws {
        if let maxPoints {
            if every != nil || agg != nil { throw ValidationError("--max-points excludes --every and --agg") }
            if maxPoints < 4 { throw ValidationError("--max-points: found \(maxPoints), expected 4 or more") }
        }
        if agg?.contains(.timeInState) == true, agg != [.timeInState] || fill != .none {
            throw ValidationError("time-in-state has rows of its own: ask for it alone, without --fill")
        }
        if simple, !hasFigures { throw ValidationError("--simple needs --every or --agg") }
        if bounds != .none, hasFigures || wide || maxPoints != nil {
            throw ValidationError("--bounds is for readings: without --every, --agg, --max-points and --wide")
        }
        let canFill = every != nil || (wide && agg == nil && maxPoints == nil && fill == .previous)
        if fill != .none, !canFill {
            throw ValidationError("--fill needs --every; previous also goes with --wide alone")
        }
    }

    func run() throws {
        let opened = try history.look()
        let reader = opened.reader
        let chosen = try history.tags(tags, in: reader)
        let clock = range.clocks.clock(opened)
        let times = range.clocks.times(clock)
        let span = try range.range(on: clock)
        func print(_ rows: some RowSource) throws {
            if !force, let refusal = try history.explaining({ try RowGuard.refusal(of: rows) }) {
                Output.complain("cupel: \(refusal)")
                throw ExitCode.validationFailure
            }
            try output.print(rows, times: times, history)
        }
        if hasFigures {
            let question = question(chosen, span, clock)
            warn(about: chosen, question.figures)
            if question.figures == [.timeInState] {
                try print(StateRows(source: reader, question: question, isWide: wide))
            } else if wide {
                try print(WideFigureRows(source: reader, question: question))
            } else {
                try print(FigureRows(source: reader, question: question))
            }
        } else if let maxPoints {
            try print(PlotRows(source: reader, tags: chosen, range: span, most: maxPoints, isWide: wide))
        } else if wide {
            try print(WideRawRows(source: reader, tags: chosen, range: span, carries: fill == .previous))
        } else {
            try print(RawRows(source: reader, tags: chosen, range: span, bounds: bounds, steps: step))
        }
    }

    private var hasFigures: Bool { every != nil || agg != nil }

    private func question(_ tags: [StoredTag], _ range: Range<Int64>, _ clock: WallClock) -> FigureQuestion {
        let figures = agg ?? [.mean]
        return FigureQuestion(
            tags: figures == [.timeInState] ? tags.filter(\.isDiscrete) : tags, range: range,
            intervals: every.map { .grid(clock.grid(every: $0.milliseconds)) } ?? .whole, figures: figures,
            isSimple: simple, options: AggregateOptions(interpolation: step ? .steps : .byKind), fill: fill)
    }

    /// Says which cells will be empty whatever was recorded.
    private func warn(about tags: [StoredTag], _ figures: [Figure]) {
        for tag in tags {
            if figures == [.timeInState], !tag.isDiscrete {
                Output.complain("cupel: \(tag.name) has no states: time-in-state leaves it out")
            } else if figures.contains(where: \.needsCounter), !tag.isCounter {
                Output.complain("cupel: \(tag.name) is no counter: its rate and increase are empty")
            }
        }
    }
}
