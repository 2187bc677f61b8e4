import Archive
import CHistoryTables
import GRDBSQLite

/// One of the tables, registered on a connection: what SQLite makes it from, and the callbacks it calls.
final class TableModule {
    let kind: VirtualTable.Type
    let source: ArchiveSource

    init(_ kind: VirtualTable.Type, _ source: ArchiveSource) { (self.kind, self.source) = (kind, source) }

    /// The same for all tables: each finds its Swift object behind SQLite's pointer.
    ///
    /// Without `xCreate` the tables exist under their names alone; nothing can store them in a schema.
    nonisolated(unsafe) static let callbacks: UnsafePointer<sqlite3_module> = {
        var module = sqlite3_module()
        module.xConnect = { connect($0, $1, $4, $5) }
        module.xBestIndex = { table, info in
            guard let table, let info else { return SQLITE_MISUSE }
            return told(&table.pointee.zErrMsg) {
                try object(table).plan(PlanQuestion(info)) ? SQLITE_OK : SQLITE_CONSTRAINT
            }
        }
        module.xDisconnect = { disconnect($0) }
        module.xOpen = { open($0, $1) }
        module.xClose = { close($0) }
        module.xFilter = { cursor, plan, _, count, values in
            guard let cursor else { return SQLITE_MISUSE }
            return told(&cursor.pointee.pVtab.pointee.zErrMsg) {
                try object(cursor).start(plan: plan, SQLArguments(values, count: count))
                return SQLITE_OK
            }
        }
        module.xNext = { cursor in
            guard let cursor else { return SQLITE_MISUSE }
            return told(&cursor.pointee.pVtab.pointee.zErrMsg) {
                try object(cursor).next()
                return SQLITE_OK
            }
        }
        module.xEof = { cursor in
            guard let cursor else { return 1 }
            return object(cursor).hasRow ? 0 : 1
        }
        module.xColumn = { cursor, context, index in
            guard let cursor, let context else { return SQLITE_MISUSE }
            object(cursor).column(Int(index), SQLResult(context))
            return SQLITE_OK
        }
        // A table WITHOUT ROWID has none.
        module.xRowid = { _, _ in SQLITE_ERROR }
        let place = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
        place.initialize(to: module)
        return UnsafePointer(place)
    }()
}

// MARK: - Behind the callbacks

private func connect(
    _ connection: OpaquePointer?, _ module: UnsafeMutableRawPointer?,
    _ table: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?,
    _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    guard let connection, let module, let table, let message else { return SQLITE_MISUSE }
    return told(&message.pointee) {
        let module = Unmanaged<TableModule>.fromOpaque(module).takeUnretainedValue()
        let object = module.kind.init(try module.source.archive())
        let code = sqlite3_declare_vtab(connection, module.kind.declaration)
        guard code == SQLITE_OK else { return code }
        let place = UnsafeMutablePointer<cupel_table>.allocate(capacity: 1)
        place.initialize(to: cupel_table(base: sqlite3_vtab(), object: Unmanaged.passRetained(object).toOpaque()))
        table.pointee = UnsafeMutableRawPointer(place).assumingMemoryBound(to: sqlite3_vtab.self)
        return SQLITE_OK
    }
}

private func disconnect(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 {
    guard let table else { return SQLITE_MISUSE }
    let place = UnsafeMutableRawPointer(table).assumingMemoryBound(to: cupel_table.self)
    Unmanaged<VirtualTable>.fromOpaque(place.pointee.object).release()
    place.deallocate()
    return SQLITE_OK
}

private func open(
    _ table: UnsafeMutablePointer<sqlite3_vtab>?,
    _ cursor: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
) -> Int32 {
    guard let table, let cursor else { return SQLITE_MISUSE }
    let object = Unmanaged.passRetained(object(table).cursor())
    let place = UnsafeMutablePointer<cupel_cursor>.allocate(capacity: 1)
    place.initialize(to: cupel_cursor(base: sqlite3_vtab_cursor(), object: object.toOpaque()))
    cursor.pointee = UnsafeMutableRawPointer(place).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
    return SQLITE_OK
}

private func close(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
    guard let cursor else { return SQLITE_MISUSE }
    let place = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: cupel_cursor.self)
    Unmanaged<VirtualCursor>.fromOpaque(place.pointee.object).release()
    place.deallocate()
    return SQLITE_OK
}

private func object(_ table: UnsafeMutablePointer<sqlite3_vtab>) -> VirtualTable {
    let place = UnsafeMutableRawPointer(table).assumingMemoryBound(to: cupel_table.self)
    return Unmanaged<VirtualTable>.fromOpaque(place.pointee.object).takeUnretainedValue()
}

private func object(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>) -> VirtualCursor {
    let place = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: cupel_cursor.self)
    return Unmanaged<VirtualCursor>.fromOpaque(place.pointee.object).takeUnretainedValue()
}

/// Nothing thrown passes through SQLite: it becomes a code and a message.
@inline(__always)
private func told(_ message: inout UnsafeMutablePointer<CChar>?, _ body: () throws -> Int32) -> Int32 {
    do {
        return try body()
    } catch {
        return TableFailure(error).tell(&message)
    }
}
