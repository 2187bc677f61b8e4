import Chunks
import Plant
import Store

@testable import Historian

extension WrittenHistory {
    /// Gives a chunk of a `float32` the statistics of a tag whose values stand like steps, with a checksum that fits.
    func forge(tag: Int64, span: Int64) throws {
        let connection = try PlainConnection(path, .writing)
        let key = ChunkKey.of(tag: tag, span: span)
        let traits = ChunkTraits(type: .float32, isStepped: true, isCounter: false, period: WrittenHistory.period)
        let columns = try connection.row("SELECT data FROM span WHERE id = \(span)") {
            try SpanColumns(decoding: $0, count: spanScans)
        }
        let old = try connection.row("SELECT data FROM chunk WHERE key = \(key)") { Array($0) }
        var column = TagColumn()
        try old.withUnsafeBytes { try Chunk.decode($0, count: spanScans, type: .float32, into: &column) }
        let forged = Chunk.encode(column, columns, traits)
        let update = try connection.statement("UPDATE chunk SET crc = ?, data = ? WHERE key = \(key)")
        try forged.withUnsafeBytes { bytes in
            update.bind(Int64(CRC32C.of(key: key, bytes)), at: 1)
            update.bind(bytes, at: 2)
            try update.run()
        }
    }
}

extension PlainConnection {
    fileprivate func row<Value>(_ sql: String, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
        let statement = try statement(sql)
        _ = try statement.step()
        return try body(statement.bytes(0))
    }
}
