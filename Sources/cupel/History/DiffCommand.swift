import Archive
import ArgumentParser
import Historian

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the tags that stood otherwise at one instant than at another.",
        discussion: "Times as for `cupel at`. Exit 1 when nothing is different.")

    @OptionGroup var history: HistoryOptions
    @OptionGroup var clocks: ClockOptions
    @OptionGroup var output: RowOptions
    @Argument(help: "The one instant: yesterday+6h.", transform: TimeText.typed) var before: TimeText
    @Argument(help: "The other: today+6h.", transform: TimeText.typed) var after: TimeText
    @Argument(help: "Tags, patterns or /expressions/.") var tags: [String] = ["*"]

    func run() throws {
        let opened = try history.look()
        let reader = opened.reader
        let chosen = try history.tags(tags, in: reader)
        let clock = clocks.clock(opened)
        func moment(_ time: TimeText) throws -> Moment {
            let instant = time.milliseconds(on: clock)
            return try history.explaining {
                Moment(time: instant, tags: chosen, standing: try reader.standing(at: instant, chosen))
            }
        }
        try output.print(moment(before).changes(to: moment(after)), times: clocks.times(clock), history)
    }
}
