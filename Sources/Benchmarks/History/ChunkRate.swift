import CBaseline
import Chunks
import GRDBSQLite
import Plant

/// Every chunk of a history in memory, to see how fast they are decoded without SQLite.
struct ChunkRate {
    private struct Piece {
        let data: [UInt8]
        let count: Int
        let type: ValueType
    }

    private let pieces: [Piece]

    init(_ database: borrowing RawDatabase, _ plant: Plant) throws(BenchmarkFailure) {
        let types = Dictionary(plant.tags.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        let find = try database.prepare(
            """
            SELECT tag.name, span.n, chunk.data FROM chunk
            JOIN span ON span.id = chunk.key & ((1 << 36) - 1) JOIN tag ON tag.id = chunk.key >> 36
            """)
        var pieces: [Piece] = []
        while try find.step() {
            guard let name = sqlite3_column_text(find.handle, 0), let type = types[String(cString: name)] else {
                continue
            }
            pieces.append(Piece(data: Array(find.bytes(2)), count: Int(find.integer(1)), type: type))
        }
        self.pieces = pieces
    }

    /// Million readings a second, on one core.
    func measure(trials: Int) throws -> [Double] {
        let readings = pieces.reduce(0) { $0 + $1.count }
        var column = TagColumn()
        var sum: UInt64 = 0
        return try milliseconds(trials: trials) { _ in
            for piece in pieces {
                try piece.data.withUnsafeBytes {
                    try Chunk.decode($0, count: piece.count, type: piece.type, into: &column)
                }
                sum &+= column.bits.last ?? 0
            }
            withExtendedLifetime(sum) {}
        }.map { Double(readings) / $0 / 1000 }
    }
}
