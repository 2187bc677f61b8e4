/// A tag as the history knows it.
public struct StoredTag: Sendable, Hashable, Codable, Identifiable {
    /// The database's own number; good for this file alone.
    public let id: Int64
    public let name: String
    public let unit: String?
    public let description: String?
    /// `analog`, `bool`, `enum` or `text`.
    public let kind: String
    /// The type of its registers, `float32`.
    public let type: String
    /// Names of the values of an `enum`.
    public let states: [String: String]
    /// A value stands until the next one: never a line between two of them.
    public let isStepped: Bool
    /// A count that only grows, until it wraps or is reset.
    public let isCounter: Bool

    public init(
        id: Int64, name: String, unit: String?, description: String?, kind: String, type: String,
        states: [String: String], isStepped: Bool, isCounter: Bool
    ) {
        (self.id, self.name, self.unit, self.description) = (id, name, unit, description)
        (self.kind, self.type, self.states) = (kind, type, states)
        (self.isStepped, self.isCounter) = (isStepped, isCounter)
    }
}
