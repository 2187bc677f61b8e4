import Chunks
import Plant

/// Some scans of one group with one layout, in the order of (time, sequence), and what they brought for the tags in
/// question: a span with its chunks, decoded when they are needed, or rows that are not sealed yet.
final class Run {
    let group: Int64
    let isImported: Bool
    /// Of the tags in question; one column each.
    let slots: [SlotFormat]
    /// `nil` for rows.
    let span: SpanRow?
    /// What all tags share. Of a span only the times are there, unless all was asked for.
    var scans: SpanColumns
    var columns: [TagColumn]
    /// The scans that were not handed over yet.
    var rest: Range<Int>
    private(set) var hasTimes: Bool
    private(set) var hasColumns: Bool

    /// Rows, all in memory; they are appended afterwards.
    init(group: GroupState, slots: [SlotFormat]) {
        (self.group, isImported, self.slots, span) = (group.id, group.isImported, slots, nil)
        scans = SpanColumns()
        columns = [TagColumn](repeating: TagColumn(), count: slots.count)
        rest = 0..<0
        (hasTimes, hasColumns) = (true, true)
    }

    /// A span of which nothing is decoded.
    init(group: GroupState, slots: [SlotFormat], span: SpanRow) {
        (self.group, isImported, self.slots, self.span) = (group.id, group.isImported, slots, span)
        scans = SpanColumns()
        columns = []
        rest = 0..<span.count
        (hasTimes, hasColumns) = (false, false)
    }

    /// Its columns in the order of the tags in question.
    private(set) lazy var columnsByTag = slots.indices.sorted { slots[$0].index < slots[$1].index }

    /// The times of the first and the last scan that were not handed over yet.
    var first: Int64 { hasTimes ? scans.times[rest.lowerBound] : span?.first ?? 0 }
    var last: Int64 { hasTimes ? scans.times[rest.upperBound - 1] : span?.last ?? 0 }

    func sequence(_ index: Int) -> UInt64 {
        if !scans.sequences.isEmpty { return scans.sequences[index] }
        return (span?.firstSequence ?? 0) &+ UInt64(index)
    }

    func quality(_ index: Int, of column: Int = 0) -> Quality {
        columns[column].qualities.isEmpty ? .good : columns[column].qualities[index]
    }

    func reading(_ index: Int, of column: Int = 0) -> StoredReading {
        slots[column].reading(columns[column], index, time: scans.times[index])
    }

    /// The readings of some scans.
    func append(_ rows: ClosedRange<Int>, of column: Int = 0, to readings: inout [StoredReading]) {
        let (slot, values, times) = (slots[column], columns[column], scans.times)
        readings.reserveCapacity(readings.count + rows.count)
        for row in rows { readings.append(slot.reading(values, row, time: times[row])) }
    }

    /// Decodes the time column of a span.
    func loadTimes(_ archive: Archive) throws(ArchiveError) {
        guard !hasTimes, let span else { return }
        if span.isContiguous, !isImported {
            scans.times = try archive.times(of: span)
        } else {
            scans = try archive.columns(of: span)
        }
        hasTimes = true
    }

    /// Decodes all that the tags of a span share.
    func loadScans(_ archive: Archive) throws(ArchiveError) {
        guard let span else { return }
        scans = try archive.columns(of: span)
        hasTimes = true
    }

    /// Decodes the columns of the tags in question.
    func load(_ archive: Archive) throws(ArchiveError) {
        guard !hasColumns, let span else { return }
        try loadTimes(archive)
        columns = archive.spareColumns(slots.count)
        for (index, slot) in slots.enumerated() {
            try archive.decode(span, slot, into: &columns[index])
        }
        hasColumns = true
    }

    /// Leaves out the scans outside of a range.
    func trim(to range: Range<Int64>, _ archive: Archive) throws(ArchiveError) {
        if let span, !hasTimes, span.first >= range.lowerBound, span.last < range.upperBound { return }
        try loadTimes(archive)
        let low = scans.times.partition(rest) { $0 < range.lowerBound }
        rest = low..<scans.times.partition(low..<rest.upperBound) { $0 < range.upperBound }
    }
}

/// What the table `span` says of a span, without its bytes.
struct SpanRow {
    let id: Int64
    let layout: Int64
    let count: Int
    /// The times of its first and last scan, UTC milliseconds.
    let first: Int64
    let last: Int64
    let firstSequence: UInt64
    let lastSequence: UInt64

    /// The sequences of its scans need no decoding.
    var isContiguous: Bool { lastSequence &- firstSequence == UInt64(count - 1) }

    /// From the columns id, layout, n, t0, t1, first_sequence, last_sequence.
    init(_ statement: Statement) {
        (id, layout, count) = (statement.int(0), statement.int(1), max(1, Int(clamping: statement.int(2))))
        (first, last) = (statement.int(3), statement.int(4))
        firstSequence = UInt64(bitPattern: statement.int(5))
        lastSequence = UInt64(bitPattern: statement.int(6))
    }
}

extension [Int64] {
    /// The first index in a range of a sorted array whose element is not `before`.
    @inline(__always)
    func partition(_ range: Range<Int>, _ before: (Int64) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if before(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
