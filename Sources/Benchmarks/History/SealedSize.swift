/// What sealed readings take in the file.
struct SealedSize {
    /// Readings in chunks, bad ones included.
    let readings: Int
    /// Bytes of the chunks and of the shared columns of their spans, without SQLite's share.
    let payload: Int
    /// Bytes of the pages of the tables and of the index.
    let pages: Int
    /// Bytes of the whole file: the newest minutes, free pages and everything else with it.
    let file: Int

    init(_ database: borrowing RawDatabase, path: String) throws(BenchmarkFailure) {
        readings = Int(
            try database.integer(
                """
                SELECT sum(span.n * (SELECT count(*) FROM slot WHERE slot.layout = span.layout)) FROM span
                """))
        payload = Int(
            try database.integer(
                "SELECT (SELECT sum(length(data)) FROM chunk) + (SELECT sum(length(data)) FROM span)"))
        pages = Int(
            try database.integer(
                "SELECT sum(pgsize) FROM dbstat WHERE name IN ('chunk', 'span', 'span_time') AND aggregate = TRUE"))
        file = storedBytes(path)
        guard readings > 0 else { throw BenchmarkFailure("nothing was sealed in \(path)") }
    }
}
