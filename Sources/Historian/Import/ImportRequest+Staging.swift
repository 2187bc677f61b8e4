import Archive
import FoundationEssentials
import GRDB
import Glibc
import Plant

extension ImportRequest {
    /// Reads and checks the files, and lays their readings into a staging file.
    ///
    /// - Parameters:
    ///   - folder: made when it is missing.
    ///   - reader: of the history that is meant; `nil` when there is none yet.
    ///   - now: UTC milliseconds.
    ///   - progress: told the records so far, now and then; what it throws ends the reading.
    /// - Throws: `ImportRefusal` with everything that is wrong with the files, `HistoryError` when no staging file can
    ///   be made, or what `progress` throws. No file is left behind then.
    public func stage(
        in folder: String, knowing reader: HistoryReader?, now: Int64, progress: (Int) throws -> Void = { _ in }
    ) throws -> StagedImport {
        try checkFiles()
        let id = ImportRequest.newID()
        let path = "\(folder)/\(id)\(StagingFile.finished)"
        let part = "\(folder)/\(id)\(StagingFile.unfinished)"
        defer { unlink(part) }
        let known = try reader.map { try Staging.Known($0) } ?? Staging.Known()
        let queue = try StagingFolder(folder).create(part)
        let staged = try queue.write { database in
            let staging = try Staging(self, known: known, now: now, into: database)
            for file in files where !staging.findings.isFull { try staging.read(file, progress) }
            try staging.findings.check()
            guard let staged = try staging.finish(id, path) else {
                throw ImportRefusal([
                    ImportProblem(
                        file: files.joined(separator: ", "), found: "no readings", expected: "at least one")
                ])
            }
            return staged
        }
        try queue.close()
        try StagingFile.finish(part, as: path)
        return staged
    }

    /// All files that cannot even be opened, before hours are spent on the others.
    private func checkFiles() throws(ImportRefusal) {
        let problems = files.compactMap { file in
            ImportRequest.obstacle(to: file).map { ImportProblem(file: file, found: $0, expected: "a file to read") }
        }
        if !problems.isEmpty { throw ImportRefusal(problems, cause: .missing) }
    }

    private static func obstacle(to file: String) -> String? {
        guard file != "-" else { return nil }
        var info = stat()
        guard stat(file, &info) == 0 else {
            return errno == ENOENT ? "no such file" : String(cString: strerror(errno))
        }
        if info.st_mode & S_IFMT == S_IFDIR { return "a directory" }
        return access(file, R_OK) == 0 ? nil : "a file that you may not read"
    }

    /// 64 random bits: two people's imports never meet.
    private static func newID() -> String {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Staging.Known {
    init(_ reader: HistoryReader) throws {
        // An older history says so, before its tables are asked for what they do not have.
        try reader.read { _ in }
        let periods = try reader.scanPeriods()
        self = try reader.read { archive in
            let forms = try archive.forms()
            let tags = try archive.tags().map { tag in
                let form = forms[tag.id].flatMap { $0.scale == 0 ? nil : $0 }
                return ImportSubject(
                    tag, own: form.map { ImportForm(type: $0.type, scale: $0.scale, offset: $0.offset) },
                    scanPeriod: periods[tag.id])
            }
            return Staging.Known(
                tags: Dictionary(tags.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
                horizon: archive.horizon)
        }
    }
}
