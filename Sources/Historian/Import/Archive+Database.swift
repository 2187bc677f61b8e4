import Archive
import GRDB

extension Archive {
    /// For as long as a transaction: its statements must not outlive the connection.
    convenience init(_ database: Database) throws {
        guard let connection = database.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        try self.init(connection)
    }
}
