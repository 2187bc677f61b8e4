/// Something that explains the readings around it: above all why there are none.
public struct HistoryEvent: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The daemon began or ended orderly.
        case started, stopped
        /// No readings from `start` to `end`, and `text` says why: a group's link was lost, or no daemon ran.
        case gap
        /// Scans were made but could not be kept: their ring was full. The attribute `scans` counts them.
        case overflow
        /// The database refused for a while. What is missing because of it is an `overflow` of its own.
        case storage
        /// The wall clock jumped.
        case clockStep = "clock-step"
        /// Readings that had been acknowledged are gone: the attribute `scans` counts at least how many.
        case lost
        /// Readings came out of people's files; `attributes` count them.
        case `import`
        /// What a person noted.
        case annotation
        /// The databases were put back from a backup.
        case restored
        /// What a damaged database lost when the rest of it was saved.
        case salvaged
    }

    public var kind: Kind
    /// UTC milliseconds.
    public var start: Int64
    /// UTC milliseconds; `nil` while it goes on, `start` for an instant.
    public var end: Int64?
    /// What it is about: a scan group, a tag; `nil` for the whole plant.
    public var subject: String?
    /// The person, when a person wrote it.
    public var author: String?
    public var text: String?
    public var attributes: [String: String]

    public init(
        _ kind: Kind, start: Int64, end: Int64?, subject: String? = nil, author: String? = nil, text: String? = nil,
        attributes: [String: String] = [:]
    ) {
        self.kind = kind
        self.start = start
        self.end = end
        self.subject = subject
        self.author = author
        self.text = text
        self.attributes = attributes
    }

    /// An instant.
    public init(_ kind: Kind, at time: Int64, subject: String? = nil, text: String? = nil) {
        self.init(kind, start: time, end: time, subject: subject, text: text)
    }
}
