import HistoryTables

/// What `sqlite3_cupel_init` calls when a host loads `cupel.so`.
///
/// - Parameter message: gets the reason of a failure, in memory of SQLite's.
/// - Returns: a result code of SQLite.
@_cdecl("cupel_register_history_tables")
public func registerHistoryTables(
    on connection: OpaquePointer, message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> Int32 {
    HistoryTables.register(on: connection, message: &message.pointee)
}
