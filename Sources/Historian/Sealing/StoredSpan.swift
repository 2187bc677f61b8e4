import Chunks
import FoundationEssentials
import GRDB
import Plant

/// A sealed span as it lies in the database.
struct StoredSpan {
    let id: Int64
    let layout: Int64
    let count: Int
    /// The times of its first and last scan, UTC milliseconds.
    let times: ClosedRange<Int64>
    let plan: LayoutPlan
    private let data: [UInt8]

    /// The first span of a group that ends at or after `time`; `nil` when there is none.
    ///
    /// The spans of an imported group do not overlap, so the one that begins first also ends first.
    init?(of group: Int64, endingAtOrAfter time: Int64, _ store: HistoryStore, in database: Database) throws {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT id, layout, n, t0, t1, crc, data FROM span
                WHERE scan_group = ?1 AND t0 >= ?2 - (SELECT longest_ms FROM scan_group WHERE id = ?1) AND t1 >= ?2
                ORDER BY t0 LIMIT 1
                """, arguments: [group, time])
        guard let row else { return nil }
        (id, layout, count) = (row["id"], row["layout"], row["n"])
        times = row["t0"]...max(row["t0"], row["t1"])
        data = Array(row["data"] as Data)
        plan = try store.plan(of: layout, in: database)
        guard data.withUnsafeBytes({ CRC32C.of(key: id, $0) }) == row["crc"] else {
            throw SealError.span(id, "its checksum does not match")
        }
    }

    /// Its columns, out of the bytes.
    func content(in database: Database) throws -> SpanContent {
        do {
            let span = try data.withUnsafeBytes { bytes in
                try SpanColumns(decoding: bytes, count: count)
            }
            let columns = try plan.slots.map { slot in
                let key = ChunkKey.of(tag: slot.tag, span: id)
                let row = try Row.fetchOne(
                    database, sql: "SELECT crc, data FROM chunk WHERE key = ?", arguments: [key])
                guard let row else { throw SealError.span(id, "it has no chunk of tag \(slot.tag)") }
                let bytes = Array(row["data"] as Data)
                guard bytes.withUnsafeBytes({ CRC32C.of(key: key, $0) }) == row["crc"] else {
                    throw SealError.span(id, "the checksum of tag \(slot.tag) does not match")
                }
                var column = TagColumn()
                try bytes.withUnsafeBytes { bytes in
                    try Chunk.decode(bytes, count: count, type: slot.traits.type, into: &column)
                }
                return column
            }
            return SpanContent(plan: plan, span: span, columns: columns)
        } catch let error as ChunkError {
            throw SealError.span(id, error.description)
        }
    }
}
