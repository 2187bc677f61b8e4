public import Archive
import GRDBSQLite

/// The history as tables of SQL: `reading` and the table-valued functions `bucket`, `asof`, `slice` and `gaps`.
///
/// They read what the connection's main database holds, inside the transaction of the statement that uses them, and
/// never write.
public enum HistoryTables {
    /// Makes the tables known to a connection; those of an earlier call are replaced.
    ///
    /// Whether its main database is a history is found out when a statement first names one of them.
    ///
    /// - Parameter connection: a `sqlite3 *` of SQLite 3.38 or newer.
    public static func register(on connection: OpaquePointer) throws(ArchiveError) {
        let source = ArchiveSource(connection)
        for kind in kinds {
            let module = TableModule(kind, source)
            let code = sqlite3_create_module_v2(
                connection, kind.name, TableModule.callbacks, Unmanaged.passRetained(module).toOpaque(),
                { Unmanaged<TableModule>.fromOpaque($0!).release() })
            // SQLite has released the module when it refuses it.
            guard code == SQLITE_OK else {
                throw .sqlite(code: code, message: String(cString: sqlite3_errmsg(connection)))
            }
        }
    }

    /// The names of the tables, and how each is written: `bucket(tag, from, to, n)`.
    public static var shapes: [TableShape] { kinds.map(\.shape) }

    static let kinds: [VirtualTable.Type] = [
        ReadingTable.self, BucketTable.self, AsOfTable.self, SliceTable.self, GapsTable.self,
    ]
}

/// What a table looks like to those who use it.
public struct TableShape: Sendable, Hashable {
    public let name: String
    /// The arguments of a table-valued function, in their order; none of a plain table.
    public let parameters: [String]
    public let columns: [String]

    /// As it is written in a `FROM`: `bucket(tag, from, to, n)`, `reading`.
    public var usage: String { parameters.isEmpty ? name : "\(name)(\(parameters.joined(separator: ", ")))" }
}

extension HistoryTables {
    /// As `register(on:)`, told in C: for the entry point of the extension.
    ///
    /// - Parameter message: gets the reason of a failure, in memory of SQLite's.
    /// - Returns: a result code of SQLite.
    package static func register(on connection: OpaquePointer, message: inout UnsafeMutablePointer<CChar>?) -> Int32 {
        do {
            try register(on: connection)
            return SQLITE_OK
        } catch {
            return TableFailure(error).tell(&message)
        }
    }
}
