import Archive
import GRDB
import GRDBSQLite
import Plant

extension ImportTarget {
    /// The hours whose figures readings change are due again.
    ///
    /// Between two pieces of an import the daemon may have rolled up what the one before made due, so each piece marks its
    /// hours by itself.
    ///
    /// - Parameter times: ascending.
    mutating func due(_ times: some Sequence<Int64>, _ archive: Archive, in database: Database) throws {
        lastDue = .min
        var newest: Int64?
        for time in times {
            if let newest, time - newest > reach { try dueBehind(newest, archive, in: database) }
            try due(time, in: database)
            newest = time
        }
        if let newest { try dueBehind(newest, archive, in: database) }
    }

    private mutating func due(_ time: Int64, in database: Database) throws {
        let last = ImportTarget.hour(of: time + reach)
        guard last > lastDue else { return }
        var hour = ImportTarget.hour(of: time - reach)
        if lastDue > .min { hour = max(hour, lastDue + ImportTarget.hour) }
        while hour <= last {
            try markDue(hour, in: database)
            hour += ImportTarget.hour
        }
        lastDue = last
    }

    /// A counter's rise in an hour begins with the reading before it, however long ago that was.
    private func dueBehind(_ time: Int64, _ archive: Archive, in database: Database) throws {
        guard tag.isCounter else { return }
        let cursor = try archive.readings(of: tag, from: time + 1, to: .max)
        while let next = try cursor.next() {
            guard next.quality.isGood else { continue }
            return try markDue(ImportTarget.hour(of: next.time), in: database)
        }
    }

    private func markDue(_ hour: Int64, in database: Database) throws {
        let statement = try database.cachedStatement(sql: "INSERT OR IGNORE INTO rollup_due(tag, hour) VALUES (?, ?)")
            .sqliteStatement
        sqlite3_bind_int64(statement, 1, tag.id)
        sqlite3_bind_int64(statement, 2, hour)
        try database.step(statement)
    }

    static func hour(of time: Int64) -> Int64 {
        let start = time / hour * hour
        return start > time ? start - hour : start
    }
}
