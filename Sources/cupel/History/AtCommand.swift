import Archive
import ArgumentParser
import Historian
import Plant

struct At: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what stood at an instant: of each tag the newest reading then, with its quality and age.",
        discussion: """
            Times as for `cupel query`. A bad reading is shown as what it was: nothing was known then.
            """)

    @OptionGroup var history: HistoryOptions
    @OptionGroup var clocks: ClockOptions
    @Flag(help: "One row, a column for each tag.") var wide = false
    @OptionGroup var output: RowOptions
    @Argument(help: "The instant: 2026-01-03T14:00, -8h, yesterday+6h.", transform: TimeText.typed) var time: TimeText
    @Argument(help: "Tags, patterns or /expressions/.") var tags: [String] = ["*"]

    func run() throws {
        let opened = try history.look()
        let reader = opened.reader
        let chosen = try history.tags(tags, in: reader)
        let clock = clocks.clock(opened)
        let instant = time.milliseconds(on: clock)
        let standing = try history.explaining { try reader.standing(at: instant, chosen) }
        let moment = Moment(time: instant, tags: chosen, standing: standing)
        try output.print(wide ? moment.wideRows : moment.rows, times: clocks.times(clock), history)
    }
}

/// What stood at an instant.
struct Moment {
    /// UTC milliseconds.
    let time: Int64
    private let found: [(tag: StoredTag, reading: StoredReading)]
    private let tags: [StoredTag]

    /// - Parameter tags: in the order in which they are shown.
    init(time: Int64, tags: [StoredTag], standing: [Standing]) {
        (self.time, self.tags) = (time, tags)
        let readings = Dictionary(standing.map { ($0.tag.id, $0.reading) }, uniquingKeysWith: { first, _ in first })
        found = tags.compactMap { tag in readings[tag.id].map { (tag, $0) } }
    }

    /// `tag,value,state,unit,quality,time,age_ms`.
    var rows: ListedRows {
        ListedRows(
            columns: [
                .tag, .number("value"), Column(name: "state", isOptional: true), .unit, .quality, .time,
                .number("age_ms"),
            ],
            list: found.map { tag, reading in
                [
                    .text(tag.name), tag.cell(reading), tag.namedState(of: reading).map(Cell.text),
                    tag.unit.map(Cell.text), .text(reading.quality.name), .time(reading.time),
                    .integer(time - reading.time),
                ]
            })
    }

    /// A row with the instant and each tag's value, or none when nothing stood.
    var wideRows: ListedRows {
        let cells = Dictionary(found.map { ($0.id, $0.cell($1)) }, uniquingKeysWith: { first, _ in first })
        return ListedRows(
            columns: [.time] + tags.map { .values($0.name) },
            list: found.isEmpty ? [] : [[.time(time)] + tags.map { cells[$0.id] ?? nil }])
    }

    /// What is different at a later instant: `tag,before,after,change,unit,quality_before,quality_after`.
    func changes(to later: Moment) -> ListedRows {
        let before = Dictionary(found.map { ($0.id, $1) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(later.found.map { ($0.id, $1) }, uniquingKeysWith: { first, _ in first })
        var list: [[Cell?]] = []
        for tag in tags {
            let (old, new) = (before[tag.id], after[tag.id])
            guard old?.value != new?.value || old?.quality != new?.quality else { continue }
            var change: Cell?
            if !tag.isDiscrete, let low = old?.number, let high = new?.number {
                change = FigureValue.number(high - low).cell(of: tag)
            }
            list.append([
                .text(tag.name), old.flatMap(tag.cell), new.flatMap(tag.cell), change, tag.unit.map(Cell.text),
                old.map { .text($0.quality.name) }, new.map { .text($0.quality.name) },
            ])
        }
        return ListedRows(
            columns: [
                .tag, .number("before"), .number("after"), .number("change"), .unit,
                Column(name: "quality_before", isOptional: true), Column(name: "quality_after", isOptional: true),
            ], list: list)
    }
}

extension StoredTag {
    /// The name of a discrete tag's value; `nil` where it has none.
    fileprivate func namedState(of reading: StoredReading) -> String? {
        guard isDiscrete, case .integer(let raw) = reading.value else { return nil }
        let name = state(raw)
        return name == String(raw) ? nil : name
    }
}
