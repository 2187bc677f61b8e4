/// Why a history could not be read.
public enum ArchiveError: Error, Hashable, Sendable {
    /// What SQLite said; `code` is its extended result code.
    case sqlite(code: Int32, message: String)
    /// The database holds no history.
    case notAHistory(detail: String)
    /// The tables are those of another version.
    case schema(found: String, expected: String)
    /// The checksum of a chunk or a span is wrong, or its bytes say nothing: its readings are never shown.
    ///
    /// - Parameters:
    ///   - tag: the name; `nil` for the time column that all tags of a span share.
    ///   - from, to: the times of its first and its last scan, UTC milliseconds.
    case damagedChunk(tag: String?, from: Int64, to: Int64, detail: String)
    case unknownTag(String)
}

extension ArchiveError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sqlite(let code, let message): "SQLite: \(message) (code \(code))"
        case .notAHistory(let detail): "no history: \(detail)"
        case .schema(let found, let expected): "a history with the schema \(found), expected \(expected)"
        case .damagedChunk(let tag, let from, let to, let detail):
            "the stored readings of \(tag ?? "a scan group") from \(from) to \(to) (UTC milliseconds) are damaged: "
                + "\(detail)"
        case .unknownTag(let name): "no tag \(name)"
        }
    }
}
