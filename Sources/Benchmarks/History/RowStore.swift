import CBaseline
import GRDBSQLite

/// The baseline: a row a reading, `WITHOUT ROWID` and ordered by tag and time, the raw integer and no quality while it is
/// good. Of the tables of plain rows that were tried it answers questions about one tag fastest, and is among the
/// smallest.
struct RowStore: ~Copyable {
    let path: String
    let database: RawDatabase

    init(path: String) throws(BenchmarkFailure) {
        let database = try RawDatabase(path)
        try database.run(RawDatabase.settings)
        try database.run(
            """
            CREATE TABLE reading(tag INTEGER NOT NULL, time INTEGER NOT NULL, value INTEGER, quality INTEGER,
                PRIMARY KEY(tag, time)) STRICT, WITHOUT ROWID
            """)
        self.path = path
        self.database = database
    }

    /// Writes the next seconds of the data.
    ///
    /// - Parameter commit: seconds in one transaction.
    func write(_ data: inout PlantData, seconds: Int, commit: Int) throws(BenchmarkFailure) {
        let insert = try database.prepare("INSERT INTO reading VALUES (?, ?, ?, ?)")
        var scan = PlantData.Scan()
        var done = 0
        while done < seconds {
            let some = min(commit, seconds - done)
            try database.run("BEGIN IMMEDIATE")
            for _ in 0..<some * data.controllerCount {
                data.next(into: &scan)
                try write(scan, insert)
            }
            try database.run("COMMIT")
            done += some
        }
    }

    private func write(_ scan: PlantData.Scan, _ insert: borrowing RawStatement) throws(BenchmarkFailure) {
        let first = scan.controller * PlantData.tagsOfController
        for (slot, raw) in scan.raw.enumerated() {
            sqlite3_reset(insert.handle)
            sqlite3_bind_int64(insert.handle, 1, Int64(first + slot))
            sqlite3_bind_int64(insert.handle, 2, scan.time)
            if scan.isLost {
                sqlite3_bind_null(insert.handle, 3)
                sqlite3_bind_int64(insert.handle, 4, 1)
            } else {
                sqlite3_bind_int64(insert.handle, 3, Int64(raw))
                sqlite3_bind_null(insert.handle, 4)
            }
            guard try !insert.step() else { throw BenchmarkFailure("an insert returned a row") }
        }
    }
}
