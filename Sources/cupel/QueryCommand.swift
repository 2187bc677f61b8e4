import ArgumentParser
import Daemon
import FoundationEssentials
import Historian
import Plant
import PlantConfiguration
import Store

/// What the history's files need to be found and opened.
struct HistoryOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions

    /// Opens the history, also with the daemon stopped and as another user than the daemon's.
    func open() throws -> HistoryReader {
        let configured = (try? loadConfiguration(place.config))?.plant.history.path ?? HistorySettings().path
        return try explaining {
            let reader = try HistoryReader(path: StatePaths(state: place.state).path(configured))
            if let warning = reader.warning { Output.complain("cupel: \(warning)") }
            return reader
        }
    }

    /// The tags that names and patterns stand for, in the order they were asked for.
    func tags(_ patterns: [String], in reader: HistoryReader) throws -> [StoredTag] {
        try explaining {
            var found: [StoredTag] = []
            for pattern in patterns {
                let matching = try reader.tags(matching: NamePattern(pattern))
                guard !matching.isEmpty else {
                    Output.complain("cupel: the history has no tag \(pattern); `cupel tags` lists the plant's")
                    throw ExitCode(1)
                }
                found += matching.filter { tag in !found.contains { $0.name == tag.name } }
            }
            return found
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

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints history: raw readings, or one row for each interval with --every.",
        discussion: """
            Times: ISO 8601 (UTC without a zone), now, or -8h. Ranges include their start and not their end. The mean is \
            weighted by time; an interval without readings is left out, never zero. A terminal gets a table, a pipe CSV.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json, ndjson }
    enum Aggregate: String, ExpressibleByArgument, CaseIterable { case mean, min, max, first, last, count }

    @OptionGroup var history: HistoryOptions
    @Option(parsing: .unconditional, help: "From this time on.") var from = TimeText(argument: "-1h")!
    @Option(parsing: .unconditional, help: "Until before this time.") var to = TimeText(argument: "now")!
    @Option(help: "One row for each interval of this length: 10s, 1m, 1h.") var every: SpanText?
    @Option(
        help: "With --every: mean, min, max, first, last, count; several with commas.",
        transform: { text in
            try text.split(separator: ",").map { name in
                guard let aggregate = Aggregate(rawValue: String(name)) else {
                    throw ValidationError(
                        "--agg: found \(name), expected "
                            + Aggregate.allCases.map(\.rawValue).joined(separator: ", "))
                }
                return aggregate
            }
        }) var agg: [Aggregate] = [.mean]
    @Option(help: "table, csv, json or ndjson.") var format: Format?
    @Argument(help: "Tags or patterns.") var tags: [String]

    func validate() throws {
        guard from.milliseconds < to.milliseconds else {
            throw ValidationError("--from \(from) is not before --to \(to)")
        }
    }

    func run() throws {
        let reader = try history.open()
        let chosen = try history.tags(tags, in: reader)
        let printer = RowPrinter(
            format: format ?? (Output.isTerminal ? .table : .csv),
            columns: every == nil ? ["value"] : agg.map(\.rawValue), withQuality: every == nil)
        printer.begin()
        for tag in chosen {
            try history.explaining {
                if let every {
                    try reader.buckets(
                        tag: tag.name, from: from.milliseconds, to: to.milliseconds,
                        every: .milliseconds(every.milliseconds)
                    ) { bucket in
                        let values = agg.map { $0.value(of: bucket, isFloat32: tag.type == "float32") }
                        guard values.contains(where: { $0 != nil }) else { return }
                        printer.row(time: bucket.start, tag: tag, values: values, quality: nil)
                    }
                } else {
                    try reader.readings(tag: tag.name, from: from.milliseconds, to: to.milliseconds) { reading in
                        let value = reading.text.map { text in
                            reading.number == nil ? RowPrinter.Value.text(text) : .number(text)
                        }
                        printer.row(time: reading.time, tag: tag, values: [value], quality: reading.quality)
                    }
                }
            }
        }
        printer.end()
        if printer.rows == 0 { throw ExitCode(1) }
    }
}

extension Query.Aggregate {
    /// The column's value; `nil` where the interval has none.
    func value(of bucket: Bucket, isFloat32: Bool) -> RowPrinter.Value? {
        let number: Double? =
            switch self {
            case .mean: bucket.mean
            case .min: bucket.min
            case .max: bucket.max
            case .first: bucket.first
            case .last: bucket.last
            case .count: Double(bucket.count)
            }
        if self == .last, number == nil, let text = bucket.lastText { return .text(text) }
        return number.map { number in
            // A register's own value, as the register would be written: 1451.2817, not 1451.28173828125.
            let register = Float(number)
            return .number(isFloat32 && Double(register) == number ? register.description : Tag.shown(number))
        }
    }
}

/// Writes rows in one of four formats as they come; only the table keeps a page of them, to align it.
final class RowPrinter {
    /// A value that is written as it stands, or as a string.
    enum Value {
        case number(String)
        case text(String)

        var plain: String {
            switch self {
            case .number(let text), .text(let text): text
            }
        }
    }

    /// Rows aligned together: the screen shows fewer, and memory stays constant.
    static let page = 500
    /// Bytes gathered before they are written.
    static let chunk = 64 * 1024

    private let format: Query.Format
    private let columns: [String]
    private let withQuality: Bool
    private var pending = ""
    private var table: Table
    private(set) var rows = 0

    init(format: Query.Format, columns: [String], withQuality: Bool) {
        self.format = format
        self.columns = columns
        self.withQuality = withQuality
        table = Table(
            headers: ["TIME", "TAG"] + columns.map { $0.uppercased() } + ["UNIT"] + (withQuality ? ["QUALITY"] : []),
            rightAligned: Set(2..<(2 + columns.count)))
    }

    func begin() {
        switch format {
        case .csv: pending = "time,tag,\(columns.joined(separator: ",")),unit\(withQuality ? ",quality" : "")\n"
        case .json: pending = "["
        case .table, .ndjson: break
        }
    }

    func row(time: Int64, tag: StoredTag, values: [Value?], quality: Quality?) {
        let stamp = UTCTime.text(time)
        switch format {
        case .csv:
            let cells =
                [stamp, tag.name] + values.map { $0?.plain ?? "" } + [tag.unit ?? ""]
                + (quality.map { [$0.name] } ?? [])
            pending += cells.map(Self.csv).joined(separator: ",") + "\n"
        case .json, .ndjson:
            if format == .json { pending += rows == 0 ? "\n" : ",\n" }
            pending += object(stamp, tag, values, quality)
            if format == .ndjson { pending += "\n" }
        case .table:
            let shown = values.map { $0?.plain ?? "-" }
            table.rows.append([stamp, tag.name] + shown + [tag.unit ?? ""] + (quality.map { [$0.name] } ?? []))
            if table.rows.count >= RowPrinter.page { flushTable() }
        }
        rows += 1
        if pending.utf8.count >= RowPrinter.chunk { flush() }
    }

    func end() {
        if format == .json { pending += rows == 0 ? "]\n" : "\n]\n" }
        flushTable()
        flush()
    }

    private func object(_ stamp: String, _ tag: StoredTag, _ values: [Value?], _ quality: Quality?) -> String {
        var text = "{\"time\":\"\(stamp)\",\"tag\":\(Self.quoted(tag.name))"
        for (column, value) in zip(columns, values) {
            switch value {
            case .number(let number): text += ",\"\(column)\":\(number)"
            case .text(let string): text += ",\"\(column)\":\(Self.quoted(string))"
            case nil: text += ",\"\(column)\":null"
            }
        }
        if let unit = tag.unit { text += ",\"unit\":\(Self.quoted(unit))" }
        if let quality { text += ",\"quality\":\"\(quality.name)\"" }
        return text + "}"
    }

    private func flush() {
        Output.write(pending)
        pending = ""
    }

    private func flushTable() {
        guard format == .table, !table.rows.isEmpty else { return }
        Output.write(table.text())
        table.rows = []
    }

    /// RFC 4180.
    private static func csv(_ cell: String) -> String {
        guard cell.contains(where: { ",\"\r\n".contains($0) }) else { return cell }
        return "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    private static func quoted(_ text: String) -> String {
        guard let data = try? JSONEncoder().encode(text) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }
}

struct Plot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draws history in the terminal: each column shows the lowest to the highest value, gaps stay gaps.")

    @OptionGroup var history: HistoryOptions
    @Option(parsing: .unconditional, help: "From this time on.") var from = TimeText(argument: "-1h")!
    @Option(parsing: .unconditional, help: "Until before this time.") var to = TimeText(argument: "now")!
    @Option(help: "Columns; the terminal's otherwise.") var width: Int?
    @Option(help: "Rows of each chart.") var height = 12
    @Argument(help: "Tags or patterns.") var tags: [String]

    func run() throws {
        let reader = try history.open()
        for tag in try history.tags(tags, in: reader) {
            var chart = Chart(
                from: from.milliseconds, to: to.milliseconds, width: width ?? Output.size.columns, height: height)
            try history.explaining {
                try reader.readings(tag: tag.name, from: from.milliseconds, to: to.milliseconds) { reading in
                    if let number = reading.number { chart.add(time: reading.time, value: number) }
                }
            }
            Output.line("\(tag.name)\(tag.unit.map { " [\($0)]" } ?? "")")
            Output.write(chart.isEmpty ? "no readings between \(from) and \(to)\n" : chart.text())
        }
    }
}
