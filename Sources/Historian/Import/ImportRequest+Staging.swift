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
    /// - Throws: `ImportRefusal` with everything that is wrong with the files, or what `progress` throws. No file is
    ///   left behind then.
    public func stage(
        in folder: String, knowing reader: HistoryReader?, now: Int64, progress: (Int) throws -> Void = { _ in }
    ) throws -> StagedImport {
        let id = ImportRequest.newID()
        let path = "\(folder)/\(id)\(StagingFile.finished)"
        let part = "\(folder)/\(id)\(StagingFile.unfinished)"
        mkdir(folder, 0o770)
        defer { unlink(part) }
        let known = try reader.map { try Staging.Known($0) } ?? Staging.Known()
        let queue: DatabaseQueue
        do {
            queue = try StagingFile.create(part)
        } catch {
            throw ImportRefusal(
                problems: [ImportProblem(file: folder, "no staging file can be made here: \(error)")], isCut: false)
        }
        let staged = try queue.write { database in
            let staging = try Staging(self, known: known, now: now, into: database)
            for file in files where !staging.findings.isFull { try staging.read(file, progress) }
            try staging.findings.check()
            guard let content = try staging.finish() else {
                let problem = ImportProblem(
                    file: files.joined(separator: ", "), "found no readings, expected at least one")
                throw ImportRefusal(problems: [problem], isCut: false)
            }
            let subjects = staging.subjects.filter { $0.rows > 0 }
            return StagedImport(
                id: id, path: path, rows: content.rows, repeated: content.repeated, range: content.range,
                tags: subjects.map(\.name), created: subjects.filter(\.isCreated).map(\.name))
        }
        try queue.close()
        try StagingFile.finish(part, as: path)
        return staged
    }

    /// 64 random bits: two people's imports never meet.
    private static func newID() -> String {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Staging.Known {
    init(_ reader: HistoryReader) throws(HistoryError) {
        self = try reader.read { archive in
            let forms = try archive.forms()
            let tags = try archive.tags().map { tag in
                let form = forms[tag.id].flatMap { $0.scale == 0 ? nil : $0 }
                return ImportSubject(
                    id: 0, name: tag.name, unit: tag.unit, kind: ImportSubject.Kind(rawValue: tag.kind), type: tag.type,
                    states: Self.values(tag.states), isCreated: false,
                    own: form.map { ImportForm(type: $0.type, scale: $0.scale, offset: $0.offset) })
            }
            return Staging.Known(
                tags: Dictionary(tags.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
                horizon: archive.horizon)
        }
    }

    /// Values by the names of their states.
    private static func values(_ states: [String: String]) -> [String: Int64] {
        let pairs = states.compactMap { value, name in Int64(value).map { (name, $0) } }
        return Dictionary(pairs, uniquingKeysWith: min)
    }
}
