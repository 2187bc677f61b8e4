import Archive
import GRDBSQLite

/// Why a statement cannot go on: what its caller is told.
struct TableFailure: Error {
    /// SQLite's result code.
    let code: Int32
    let message: String

    init(_ message: String, code: Int32 = SQLITE_ERROR) { (self.code, self.message) = (code, message) }

    init(_ error: any Error) {
        switch error {
        case let failure as TableFailure: self = failure
        case ArchiveError.sqlite(let code, let message): self.init(message, code: code)
        case ArchiveError.notAHistory(let detail): self.init("not a Cupel history: \(detail)")
        case let error as ArchiveError:
            let isDamage = if case .damagedChunk = error { true } else { false }
            self.init(error.description, code: isDamage ? SQLITE_CORRUPT : SQLITE_ERROR)
        default: self.init("\(error)")
        }
    }

    /// Leaves the message where SQLite takes it from, in memory that SQLite frees, and gives the code.
    func tell(_ place: inout UnsafeMutablePointer<CChar>?) -> Int32 {
        sqlite3_free(place)
        var message = message
        place = message.withUTF8 { bytes in
            let copy = sqlite3_malloc64(UInt64(bytes.count) + 1)?.assumingMemoryBound(to: CChar.self)
            copy?.withMemoryRebound(to: UInt8.self, capacity: bytes.count + 1) { copy in
                for (index, byte) in bytes.enumerated() { copy[index] = byte }
                copy[bytes.count] = 0
            }
            return copy
        }
        return code
    }
}
