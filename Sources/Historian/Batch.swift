import Plant

/// What the next transaction will write: rows whose texts lie in one buffer, and events.
///
/// A batch is kept as it is until its transaction is known to be durable, and may be written twice: every row and event
/// has its key already.
struct Batch {
    struct Row {
        /// UTC milliseconds.
        var time: Int64
        /// The index in `Plant.groups`; the database's own number is looked up at the time of writing.
        var group: ScanGroup.ID
        var sequence: UInt64
        /// Its place in the order in which the recorder saw the scans of all groups complete.
        var ordinal: Int64
        var tookMilliseconds: Int64
        /// Where in `text` its values and its qualities are.
        var values: Range<Int>
        var bad: Range<Int>?

        /// Its key in `hot`, which is the same for every try.
        var key: Int64 { RowKey.of(time: time, ordinal: ordinal) }
    }

    enum EventWrite {
        case insert(id: Int64, HistoryEvent)
        case close(id: Int64, end: Int64)
    }

    var text: [UInt8] = []
    var rows: [Row] = []
    var events: [EventWrite] = []
    /// Values in the rows, bad ones included.
    var readings = 0
    /// Ring cells that went into it.
    var cells = 0
    /// Whether a transaction with it has been tried already.
    var wasTried = false

    var isEmpty: Bool { rows.isEmpty && events.isEmpty }

    /// Empties it and keeps its memory.
    mutating func clear() {
        text.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        readings = 0
        cells = 0
        wasTried = false
    }
}

/// The keys of rows in `hot`: a range of time is a range of keys.
enum RowKey {
    /// Low bits that tell the scans of one millisecond apart: as many could not be read in one.
    static let ordinalBits: Int64 = 20
    /// The times a key has room for, UTC milliseconds: 1970 to the year 2248. A clock beyond is broken; its scans are
    /// kept at the end of the range, because losing them would be worse.
    static let times: Range<Int64> = 0..<(1 << 43)

    static func of(time: Int64, ordinal: Int64) -> Int64 {
        time << ordinalBits | ordinal & ((1 << ordinalBits) - 1)
    }

    /// The least key of a time.
    static func first(at time: Int64) -> Int64 { of(time: clamped(time), ordinal: 0) }
    static func time(of key: Int64) -> Int64 { key >> ordinalBits }
    static func clamped(_ time: Int64) -> Int64 { min(max(time, times.lowerBound), times.upperBound - 1) }
}
