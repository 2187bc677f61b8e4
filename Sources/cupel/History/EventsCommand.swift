import ArgumentParser
import Historian
import Plant

struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists what explains the readings: gaps, starts and stops, clock steps, imports, notes of people.",
        discussion: "All events that touch the range, in the order of their beginnings.")

    @OptionGroup var history: HistoryOptions
    @OptionGroup var range: RangeOptions
    @Option(
        help: ArgumentHelp("Only these kinds, with commas: gap,annotation.", valueName: "kinds"),
        transform: Events.kinds)
    var kind: [HistoryEvent.Kind]?
    @Option(help: "Only about this scan group or tag, or all that match a pattern.") var subject: String?
    @OptionGroup var output: RowOptions

    func run() throws {
        let opened = try history.look()
        let reader = opened.reader
        let clock = range.clocks.clock(opened)
        let span = try range.range(on: clock)
        let events = try history.explaining { try reader.events(from: span.lowerBound, to: span.upperBound) }
        let rows = Events.rows(events.filter(matches))
        try output.print(rows, times: range.clocks.times(clock), history)
    }

    private func matches(_ event: HistoryEvent) -> Bool {
        if let kind, !kind.contains(event.kind) { return false }
        guard let subject else { return true }
        return event.subject.map(NamePattern(subject).matches) ?? false
    }

    private static func kinds(_ text: String) throws -> [HistoryEvent.Kind] {
        try text.split(separator: ",").map { name in
            guard let kind = HistoryEvent.Kind(rawValue: String(name)) else {
                throw ValidationError(
                    "--kind: found \(name), expected "
                        + HistoryEvent.Kind.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return kind
        }
    }

    /// `start,end,kind,subject,author,text,attributes`. An event without an end goes on.
    static func rows(_ events: [HistoryEvent]) -> ListedRows {
        ListedRows(
            columns: [
                Column(name: "start"), Column(name: "end"), Column(name: "kind"),
                Column(name: "subject", isOptional: true), Column(name: "author", isOptional: true),
                Column(name: "text", isOptional: true), Column(name: "attributes", isOptional: true),
            ],
            list: events.map { event in
                [
                    .time(event.start), event.end.map(Cell.time), .text(event.kind.rawValue),
                    event.subject.map(Cell.text), event.author.map(Cell.text), event.text.map(Cell.text),
                    event.attributes.isEmpty ? nil : .json(object(event.attributes)),
                ]
            })
    }

    private static func object(_ attributes: [String: String]) -> String {
        let members = attributes.sorted { $0.key < $1.key }.map { "\(CellText.json($0)):\(CellText.json($1))" }
        return "{\(members.joined(separator: ","))}"
    }
}
