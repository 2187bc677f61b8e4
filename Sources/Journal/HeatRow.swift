import GRDB

/// The one place that knows the columns of `heat`.
enum HeatRow {
    /// A heat that begins ends the controller's previous one; one that ends is the current one, or none began here.
    static func save(_ record: HeatRecord, to database: Database) throws {
        if let ended = record.ended {
            try database.cachedStatement(
                sql: "UPDATE heat SET ended = max(began, ?) WHERE controller = ? AND heat = ? AND ended IS NULL"
            ).execute(arguments: [ended, record.controller, record.heat])
            guard database.changesCount == 0 else { return }
        } else {
            try database.cachedStatement(
                sql: "UPDATE heat SET ended = max(began, ?) WHERE controller = ? AND ended IS NULL"
            ).execute(arguments: [record.began, record.controller])
        }
        try database.cachedStatement(
            sql: "INSERT INTO heat(controller, heat, product, began, ended, who) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            record.controller, record.heat, record.product, record.began, record.ended, record.who,
        ])
    }

    /// What each controller makes now, by its name.
    static func current(in database: Database) throws -> [String: HeatRecord] {
        guard try database.tableExists("heat") else { return [:] }
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM heat WHERE ended IS NULL").map(record)
        return Dictionary(rows.map { ($0.controller, $0) }, uniquingKeysWith: { $1 })
    }

    static func record(_ row: Row) -> HeatRecord {
        HeatRecord(
            controller: row["controller"], heat: row["heat"], product: row["product"], began: row["began"],
            ended: row["ended"], who: row["who"])
    }
}
