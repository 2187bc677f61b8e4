import Archive
import Plant

/// The plain row table that the history is compared with: every reading is a row, and every question is answered by
/// looking at all of them.
struct RowTable {
    struct Row {
        var time: Int64
        /// `scan_group.id`: of readings at one time that of the lower group comes first.
        var group: Int64
        var sequence: UInt64
        var isImported: Bool
        /// Milliseconds.
        var period: Int64
        var value: StoredValue
        var quality: Quality
        /// As the register held it, for counters.
        var raw: Double
        var type: ValueType
    }

    private var rows: [String: [Row]] = [:]
    private var sorted: [String: [Row]] = [:]

    mutating func insert(_ row: Row, of tag: String) {
        rows[tag, default: []].append(row)
        sorted[tag] = nil
    }

    /// In the order of time. An imported row hides all others of its millisecond, and of two imported ones the later.
    mutating func all(_ tag: String) -> [Row] {
        if let known = sorted[tag] { return known }
        var shown: [Row] = []
        for (_, same) in Dictionary(grouping: rows[tag] ?? [], by: \.time) {
            let imported = same.filter(\.isImported)
            if let newest = imported.max(by: { $0.sequence < $1.sequence }) {
                shown.append(newest)
            } else {
                shown += same
            }
        }
        shown.sort { ($0.time, $0.group, $0.sequence) < ($1.time, $1.group, $1.sequence) }
        sorted[tag] = shown
        return shown
    }

    /// Times at which anything happens.
    var times: [Int64] { rows.values.flatMap { $0.map(\.time) } }

    mutating func readings(_ tag: String, from start: Int64, to end: Int64) -> [StoredReading] {
        all(tag).filter { $0.time >= start && $0.time < end }.map(\.reading)
    }

    mutating func standing(_ tag: String, at time: Int64) -> StoredReading? {
        all(tag).last { $0.time <= time }?.reading
    }

    /// A stretch in which a good reading stands: its value at the beginning and at the end, and the register.
    struct Stretch {
        var start: Int64
        var end: Int64
        var from: Double
        var to: Double
        var raw: Int64
    }

    /// A reading stands until the next one; when that is later than three periods, for one.
    mutating func stretches(_ tag: String, isStepped: Bool) -> [Stretch] {
        let rows = all(tag)
        var found: [Stretch] = []
        for (index, row) in rows.enumerated() where row.quality.isGood {
            let next = index + 1 < rows.count ? rows[index + 1] : nil
            let isLate = next.map { $0.time - row.time > 3 * row.period } ?? true
            let end = isLate ? row.time + row.period : next?.time ?? 0
            var stretch = Stretch(
                start: row.time, end: end, from: row.value.number ?? 0, to: row.value.number ?? 0,
                raw: row.raw.magnitude < 1e18 ? Int64(row.raw) : 0)
            if !isStepped, !isLate, let next, next.quality.isGood { stretch.to = next.value.number ?? 0 }
            if end > row.time { found.append(stretch) }
        }
        return found
    }

    /// When nothing good stood.
    mutating func gaps(_ tag: String, from start: Int64, to end: Int64) -> [Range<Int64>] {
        var found: [Range<Int64>] = []
        var at = start
        for stretch in stretches(tag, isStepped: true) where stretch.end > at && stretch.start < end {
            if stretch.start > at { found.append(at..<stretch.start) }
            at = stretch.end
        }
        if at < end { found.append(at..<end) }
        return found
    }
}

extension RowTable.Row {
    var reading: StoredReading { StoredReading(time: time, value: value, quality: quality) }
}
