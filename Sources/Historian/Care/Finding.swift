import Plant

/// Something that is not as it should be in a database, told so that a person knows what and where.
public struct Finding: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The file, or a page of it, cannot be read, or SQLite finds its structure damaged.
        case structure
        /// It is not a database of this program, or of another version.
        case schema
        /// Bytes of a chunk or span are not those that were written: their checksum differs.
        case damaged
        /// A chunk or span whose checksum is right, and which says something impossible.
        case wrong
        /// A span lacks the chunk of a tag, or a chunk has no span.
        case missing
        /// Scan numbers jump or repeat, and no event says why.
        case sequence
        /// No scans for a while, and no event says why.
        case gap
        /// A roll-up differs from the readings it sums up.
        case rollUp = "roll-up"
        /// What was acknowledged is not in the file, or its log is not the one that was written.
        case lost
        /// One of the two databases is not there.
        case absent
        /// Times that are still to come: a clock was ahead.
        case future
    }

    public enum Severity: String, Sendable, Hashable, Codable {
        case damage
        /// Worth a person's look, and nothing is broken.
        case warning
    }

    public var kind: Kind
    public var severity: Severity
    /// The file, without its directory.
    public var file: String
    /// A tag or a scan group; `nil` for the whole file.
    public var subject: String?
    /// UTC milliseconds, half-open; `nil` where no time belongs to it.
    public var start: Int64?
    public var end: Int64?
    public var text: String

    public init(
        _ kind: Kind, file: String, subject: String? = nil, range: Range<Int64>? = nil, _ text: String,
        severity: Severity = .damage
    ) {
        (self.kind, self.file, self.subject, self.text) = (kind, file, subject, text)
        self.severity = severity
        (start, end) = (range?.lowerBound, range?.upperBound)
    }

    /// `history.db: F-01.melt_temp 2026-01-03T14:00:00.000Z to 2026-01-03T14:15:00.000Z: damaged: ...`
    public var line: String {
        var line = file
        if let subject { line += ": \(subject)" }
        if let start, let end { line += " \(UTCTime.text(start)) to \(UTCTime.text(end))" }
        return "\(line): \(severity == .warning ? "warning: " : "")\(kind.rawValue): \(text)"
    }
}
