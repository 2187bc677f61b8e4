import GRDBSQLite

/// One staged reading.
struct StagedReading {
    var subject: Int64
    var time: Int64
    var source: Int64
    var line: Int64
    var quality: UInt8
    var value: ImportedValue

    /// From a row of `subject, time, source, line, quality, value`. In a tag of numbers, text is an integer above
    /// `Int64.max`.
    init(_ statement: OpaquePointer, isText: (Int64) -> Bool) {
        subject = sqlite3_column_int64(statement, 0)
        time = sqlite3_column_int64(statement, 1)
        source = sqlite3_column_int64(statement, 2)
        line = sqlite3_column_int64(statement, 3)
        quality = UInt8(truncatingIfNeeded: sqlite3_column_int64(statement, 4))
        switch sqlite3_column_type(statement, 5) {
        case SQLITE_INTEGER: value = .integer(sqlite3_column_int64(statement, 5))
        case SQLITE_FLOAT: value = .real(sqlite3_column_double(statement, 5))
        case SQLITE_TEXT:
            let bytes = UnsafeBufferPointer(
                start: sqlite3_column_text(statement, 5), count: Int(sqlite3_column_bytes(statement, 5)))
            let text = String(decoding: bytes, as: UTF8.self)
            value = isText(subject) ? .text(text) : UInt64(text).map(ImportedValue.unsigned) ?? .none
        default: value = .none
        }
    }

    var isFinite: Bool { if case .real(let number) = value { number.isFinite } else { true } }
}

extension [StagedReading] {
    /// In the order they are in: of one tag after another.
    var bySubject: [ArraySlice<StagedReading>] {
        var groups: [ArraySlice<StagedReading>] = []
        var start = 0
        for end in indices.dropFirst() where self[end].subject != self[start].subject {
            groups.append(self[start..<end])
            start = end
        }
        if !isEmpty { groups.append(self[start...]) }
        return groups
    }
}
