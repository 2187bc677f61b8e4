import Archive
import ArgumentParser
import Plant

struct Gaps: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists when no good reading of a tag stood, and why.",
        discussion: "Exit 1 when there was always one.")

    @OptionGroup var history: HistoryOptions
    @OptionGroup var range: RangeOptions
    @OptionGroup var output: RowOptions
    @Argument(help: "Tags, patterns or /expressions/.") var tags: [String]

    func run() throws {
        let opened = try history.look()
        let reader = opened.reader
        let chosen = try history.tags(tags, in: reader)
        let clock = range.clocks.clock(opened)
        let rows = GapRows(
            source: reader, tags: chosen, range: try range.range(on: clock), now: SystemClock().wall() / 1_000_000,
            pending: opened.commitEvery.milliseconds + Archive.pending)
        try output.print(rows, times: range.clocks.times(clock), history)
    }
}

/// `tag,start,end,seconds,cause`.
struct GapRows<Source: QuerySource>: RowSource {
    let source: Source
    let tags: [StoredTag]
    /// UTC milliseconds.
    let range: Range<Int64>
    /// UTC milliseconds: what comes later is not missing.
    let now: Int64
    /// Milliseconds that a reading needs at most until it is in the history.
    let pending: Int64

    let columns: [Column] = [
        .tag, Column(name: "start"), Column(name: "end"), .number("seconds"), Column(name: "cause"),
    ]

    func estimate(atMost: Int) -> Int { min(tags.count, atMost) }

    func rows(_ sink: RowSink) throws {
        for (number, tag) in tags.enumerated() {
            try sink.reached(range.lowerBound, of: range, tag: number, of: tags.count)
            for gap in try source.gaps(
                of: tag, from: range.lowerBound, to: range.upperBound, now: now, pending: pending)
            {
                try sink.row([
                    .text(tag.name), .time(gap.start), .time(gap.end), .seconds(gap.end - gap.start), .text(gap.cause),
                ])
            }
        }
    }
}
