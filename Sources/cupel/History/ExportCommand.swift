import ArgumentParser
import Glibc
import Historian
import Store

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes raw readings for other programs: CSV, NDJSON, or an SQLite database of plain rows.",
        discussion: """
            Values are exact, times UTC; the range includes its start and not its end. `cupel import` takes the CSV as it \
            is. The database has the tables tag and reading and the view history. A file appears when it is complete, \
            under its own name; Ctrl-C leaves none.

            Parquet: no library for it is to be had here. DuckDB makes it of the CSV, with constant memory: \
            cupel export '*' --from -30d | duckdb -c "COPY (FROM read_csv('/dev/stdin')) TO 'plant.parquet'", \
            and so does pyarrow.csv.open_csv with pyarrow.parquet.ParquetWriter.
            """)

    @OptionGroup var history: HistoryOptions
    @Option(parsing: .unconditional, help: "From this time on.", transform: TimeText.typed) var from =
        TimeText.standard("-1h")
    @Option(parsing: .unconditional, help: "Until before this time.", transform: TimeText.typed) var to =
        TimeText.standard("now")
    @Option(help: "csv, ndjson or sqlite.", transform: { try choice($0, "--format") })
    var format: ExportFormat = .csv
    @Option(help: "The file; standard output otherwise, but for sqlite.") var out: String?
    @Flag(help: "Writes over a file that is there.") var force = false
    @Argument(help: "Tags, patterns or /expressions/.") var tags: [String]

    func validate() throws {
        if format == .sqlite, out == nil { throw ValidationError("--format sqlite needs --out FILE") }
    }

    func run() throws {
        let opened = try history.look()
        let range = try TimeText.range(from, to, on: opened.clock)
        let chosen = try history.tags(tags, in: opened.reader)
        let export = Export(opened.reader, tags: chosen, from: range.lowerBound, to: range.upperBound)
        // With a file, standard output is free.
        let isQuiet = isatty(STDERR_FILENO) != 1 || (out == nil && Output.isTerminal)
        let progress = ProgressBar(isShown: !isQuiet)
        Interruption.begin()
        do {
            defer { progress.end() }
            let rows = try history.explaining {
                try write(export) { state in
                    try Interruption.check()
                    progress.reached(state.fraction)
                }
            }
            if rows == 0 { throw ExitCode(1) }
        } catch is Interrupted {
            throw ExitCode.interrupted
        }
    }

    private func write(_ export: Export, _ progress: (ExportProgress) throws -> Void) throws -> Int {
        guard let out else { return try export.write(format, progress: progress) { Output.write($0) } }
        let file = try NewFile(out, replacing: force)
        let rows: Int
        if format == .sqlite {
            rows = try export.write(plainFile: file.unfinished, progress: progress)
        } else {
            let descriptor = try file.open()
            defer { close(descriptor) }
            rows = try export.write(format, progress: progress) { try file.write($0, to: descriptor) }
        }
        try file.finish()
        return rows
    }
}

/// The case that an option names, of a type that knows nothing of options.
func choice<Value: RawRepresentable & CaseIterable>(
    _ text: String, _ option: String
) throws -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: text) else {
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\(option): found \(text), expected \(known)")
    }
    return value
}

/// A file that appears under its name when it is complete, and not at all otherwise.
final class NewFile {
    let path: String
    /// Beside it, so that the last step is one rename.
    let unfinished: String
    private let isReplacing: Bool

    init(_ path: String, replacing: Bool) throws {
        (self.path, isReplacing) = (path, replacing)
        unfinished = "\(path).part-\(getpid())"
        try check()
    }

    deinit { unlink(unfinished) }

    private func check() throws {
        guard !isReplacing, access(path, F_OK) == 0 else { return }
        Output.complain("cupel: \(path) is there already; name another file, or --force")
        throw ExitCode.cannotCreate
    }

    func open() throws -> CInt {
        let descriptor = Glibc.open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(ExitCode.cannotCreate) }
        return descriptor
    }

    func write(_ bytes: [UInt8], to descriptor: CInt) throws {
        var at = 0
        while at < bytes.count {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + at, $0.count - at) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw failure(ExitCode.io) }
            at += written
        }
    }

    /// On disk, and only then under its name.
    func finish() throws {
        try check()
        let descriptor = Glibc.open(unfinished, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(ExitCode.io) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0, rename(unfinished, path) == 0 else { throw failure(ExitCode.io) }
    }

    private func failure(_ code: ExitCode) -> ExitCode {
        Output.complain("cupel: \(path): \(String(cString: strerror(errno)))")
        return code
    }
}
