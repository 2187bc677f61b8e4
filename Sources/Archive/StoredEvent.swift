/// A row of the table `event`, as it is there: kinds that this version does not know are handed on too.
public struct StoredEvent: Sendable, Hashable {
    /// UTC milliseconds.
    public let start: Int64
    /// UTC milliseconds; `nil` while it goes on.
    public let end: Int64?
    public let kind: String
    public let subject: String?
    public let author: String?
    public let text: String?
    public let attributes: [String: String]
}
