import Chunks
import Plant
import GRDB
import GRDBSQLite

/// A span as bytes, ready to be written in few statements: the transaction is short, whatever encoding takes.
struct EncodedSpan {
    let group: Int64
    let layout: Int64
    let count: Int
    let times: ClosedRange<Int64>
    let ordinals: ClosedRange<Int64>
    let sequences: ClosedRange<UInt64>
    let data: [UInt8]
    /// One a slot: the tag and its bytes.
    let chunks: [(tag: Int64, data: [UInt8])]

    var readings: Int { count * chunks.count }
    var bytes: Int { chunks.reduce(data.count) { $0 + $1.data.count } }
    /// Milliseconds from the first scan to the last.
    var length: Int64 { times.upperBound - times.lowerBound }

    /// - Parameter content: at least one scan, in the order of time.
    init(_ content: SpanContent, group: Int64, layout: Int64) {
        let span = content.span
        (self.group, self.layout, count) = (group, layout, span.times.count)
        times = span.times.range
        ordinals = span.ordinals.range
        sequences = span.sequences.range
        data = span.encoded()
        chunks = zip(content.plan.slots, content.columns).map { ($0.tag, Chunk.encode($1, span, $0.traits)) }
    }
}

extension Array where Element: Comparable {
    /// Of the least and the greatest element. Only ever asked of spans, which are not empty.
    fileprivate var range: ClosedRange<Element> {
        var (least, greatest) = (self[0], self[0])
        for element in self {
            least = Swift.min(least, element)
            greatest = Swift.max(greatest, element)
        }
        return least...greatest
    }
}

/// The keys of chunks: those of a tag lie together.
enum ChunkKey {
    /// Spans that one tag may have: 2 000 years of four a second.
    static let spanBits: Int64 = 36

    static func of(tag: Int64, span: Int64) -> Int64 { tag << spanBits | span }
}

extension EncodedSpan {
    /// Writes the span and its chunks, in the caller's transaction, with a number that no span had before.
    @discardableResult
    func write(to database: Database, _ faults: FaultPoints?) throws -> Int64 {
        let newest = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM span ORDER BY id DESC LIMIT 1"))
        let id = (newest ?? 0) + 1
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO span(id, scan_group, layout, n, t0, t1, first_ordinal, last_ordinal, first_sequence,
                    last_sequence, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).sqliteStatement
        try faults?.reach("before the span")
        let numbers = [
            id, group, layout, Int64(count), times.lowerBound, times.upperBound, ordinals.lowerBound,
            ordinals.upperBound, Int64(bitPattern: sequences.lowerBound), Int64(bitPattern: sequences.upperBound),
        ]
        for (index, number) in numbers.enumerated() { sqlite3_bind_int64(insert, CInt(index + 1), number) }
        try EncodedSpan.insert(data, key: id, with: insert, at: 11, database)
        try faults?.reach("after the span")
        let chunk = try database.cachedStatement(sql: "INSERT INTO chunk(key, crc, data) VALUES (?, ?, ?)")
            .sqliteStatement
        for (tag, data) in chunks {
            let key = ChunkKey.of(tag: tag, span: id)
            sqlite3_bind_int64(chunk, 1, key)
            try EncodedSpan.insert(data, key: key, with: chunk, at: 2, database)
            try faults?.reach("after a chunk")
        }
        return id
    }

    /// Binds checksum and data, and steps.
    private static func insert(
        _ data: [UInt8], key: Int64, with statement: SQLiteStatement, at index: CInt, _ database: Database
    ) throws {
        try data.withUnsafeBytes { bytes in
            sqlite3_bind_int64(statement, index, Int64(CRC32C.of(key: key, bytes)))
            // No destructor (SQLITE_STATIC): the bytes outlive the step.
            sqlite3_bind_blob(statement, index + 1, bytes.baseAddress, CInt(bytes.count), nil)
            defer { sqlite3_clear_bindings(statement) }
            try database.step(statement)
        }
    }
}
