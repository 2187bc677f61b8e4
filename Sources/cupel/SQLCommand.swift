import Archive
import ArgumentParser
import Glibc
import Historian
import HistoryTables

struct SQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Answers SQL about the history: every reading as a row, and functions for what rows are slow at.",
        discussion: """
            The statements are an argument or come on standard input, and can only read. Without any, a terminal gets \
            the names and columns there are. Times are UTC milliseconds. A terminal gets a table, a pipe CSV.
            """)

    @OptionGroup var history: HistoryOptions
    @Option(help: "table, csv, json or ndjson.") var format: RowFormat?
    @Argument(help: "Statements, with semicolons between them.") var statements: String?

    /// Of the statements on standard input, bytes: a file that is no SQL is not read to its end.
    static let longestInput = 1 << 20

    func run() throws {
        if statements == nil, isatty(STDIN_FILENO) == 1 { return Output.write(SQLCommand.overview) }
        let sql = try statements ?? SQLCommand.input()
        let reader = try history.open()
        let format = format ?? (Output.isTerminal ? .table : .csv)
        do {
            try reader.withConnection { connection in
                try HistoryTables.register(on: connection)
                try SQLSession(connection).run(sql) { columns in SQLPrinter(format: format, columns: columns) }
            }
        } catch let error as SQLProblem {
            Output.complain("cupel: \(error)")
            throw ExitCode.data
        } catch let error as ArchiveError {
            Output.complain("cupel: \(error)")
            throw ExitCode.data
        }
    }

    private static func input() throws -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
            guard text.count <= longestInput else {
                throw ValidationError("standard input: more than \(longestInput) bytes, expected SQL")
            }
        }
    }

    /// What `.schema` would say, for those who are at a terminal.
    private static var overview: String {
        let tables = HistoryTables.shapes.map { "  \($0.usage)\n      \($0.columns.joined(separator: ", "))\n" }
        return """
            Tables and functions (times are UTC milliseconds, ranges do not include their end):
            \(tables.joined())
            Views:
              tags         name, unit, description, kind, type, states
              hourly, daily  tag, start, end, count, bad, min, max, first, last, mean, good_ms and more
              happening    start, end, kind, subject, author, text, attributes

            cupel sql "SELECT * FROM reading WHERE tag = 'F1.T' ORDER BY time DESC LIMIT 10"
            cupel sql "SELECT * FROM asof(unixepoch('now', '-1 hour') * 1000) WHERE tag GLOB 'F1.*'"
            cupel sql "SELECT datetime(start / 1000, 'unixepoch') AS hour, mean, max FROM
                       bucket('F1.T', unixepoch('2026-01-03') * 1000, unixepoch('2026-01-04') * 1000, 24)"

            """
    }
}
