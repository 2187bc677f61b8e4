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
        var tookMilliseconds: Int64
        /// Where in `text` its values and its qualities are.
        var values: Range<Int>
        var bad: Range<Int>?
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
