import GRDB

/// How far a sink has come.
public struct SinkCursor: Hashable, Sendable {
    /// Everything up to it needs nothing more of the sink.
    public var sequence: Int64
    /// Since when no sink has the name; UTC milliseconds.
    public var absentSince: Int64?

    static func all(_ database: Database) throws -> [String: SinkCursor] {
        let rows = try Row.fetchAll(database, sql: "SELECT name, acked_seq, absent_since FROM sink")
        return Dictionary(
            rows.map { ($0["name"], SinkCursor(sequence: $0["acked_seq"], absentSince: $0["absent_since"])) },
            uniquingKeysWith: { first, _ in first })
    }
}
