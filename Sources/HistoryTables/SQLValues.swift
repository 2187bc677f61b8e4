import GRDBSQLite

/// The right-hand sides of the constraints that a plan asked for, in the order it asked.
struct SQLArguments {
    private let values: UnsafeMutablePointer<OpaquePointer?>?
    let count: Int

    init(_ values: UnsafeMutablePointer<OpaquePointer?>?, count: Int32) {
        (self.values, self.count) = (values, Int(count))
    }

    subscript(_ index: Int) -> SQLValue { SQLValue(index < count ? values?[index] : nil) }
}

/// A value of SQL, good for as long as the callback that was given it.
struct SQLValue {
    private let value: OpaquePointer?

    init(_ value: OpaquePointer?) { self.value = value }

    /// How SQL compares it with an integer column.
    enum Number {
        case null
        case integer(Int64)
        case real(Double)
        /// A text that is no number, or a blob: it comes behind every number.
        case beyond
    }

    /// After the numeric affinity that a comparison with an integer column gives it: '15' is 15.
    var number: Number {
        guard let value else { return .null }
        return switch sqlite3_value_numeric_type(value) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer(sqlite3_value_int64(value))
        case SQLITE_FLOAT: .real(sqlite3_value_double(value))
        default: .beyond
        }
    }

    var isNull: Bool { value.map { sqlite3_value_type($0) == SQLITE_NULL } ?? true }
    var isText: Bool { value.map { sqlite3_value_type($0) == SQLITE_TEXT } ?? false }
    var isBlob: Bool { value.map { sqlite3_value_type($0) == SQLITE_BLOB } ?? false }

    /// The value as text; empty for NULL.
    var text: String {
        guard let value, let bytes = sqlite3_value_text(value) else { return "" }
        return String(
            decoding: UnsafeBufferPointer(start: bytes, count: Int(sqlite3_value_bytes(value))), as: UTF8.self)
    }

    /// Goes through the values of an `IN` list that is handed over as one. Each is good until the next.
    func forEach<Failure: Error>(_ body: (SQLValue) throws(Failure) -> Void) throws(Failure) {
        var element: OpaquePointer?
        var code = sqlite3_vtab_in_first(value, &element)
        while code == SQLITE_OK, let one = element {
            try body(SQLValue(one))
            code = sqlite3_vtab_in_next(value, &element)
        }
    }
}

/// Where the value of a column goes.
struct SQLResult {
    private let context: OpaquePointer

    init(_ context: OpaquePointer) { self.context = context }

    @inline(__always)
    func integer(_ value: Int64) { sqlite3_result_int64(context, value) }
    func integer(_ value: Int64?) { if let value { integer(value) } else { null() } }
    @inline(__always)
    func real(_ value: Double) { sqlite3_result_double(context, value) }
    func real(_ value: Double?) { if let value { real(value) } else { null() } }
    func null() { sqlite3_result_null(context) }

    /// SQLite takes a copy.
    func text(_ value: String) {
        var value = value
        value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                sqlite3_result_text64(
                    context, characters.baseAddress, UInt64(characters.count), SQLResult.transient,
                    UInt8(SQLITE_UTF8))
            }
        }
    }

    /// SQLite keeps the pointer.
    @inline(__always)
    func text(_ value: LastingText) {
        sqlite3_result_text(context, value.start, value.count, nil)
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

/// A text that stays where it is, so that a row costs no copy of it.
///
/// SQLite may keep the pointer until the statement ends, in a `max(tag)` for one. The owner outlives the statement.
final class LastingText {
    let start: UnsafeMutablePointer<CChar>
    let count: Int32

    init(_ text: String) {
        var text = text
        (start, count) = text.withUTF8 { bytes in
            let start = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
            for (index, byte) in bytes.enumerated() { start[index] = CChar(bitPattern: byte) }
            start[bytes.count] = 0
            return (start, Int32(bytes.count))
        }
    }

    deinit { start.deallocate() }
}
