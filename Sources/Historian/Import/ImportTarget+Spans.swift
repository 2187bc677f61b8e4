import Chunks
import GRDB
import Plant

extension ImportTarget {
    /// Nothing sealed and nothing waiting of this group lies between the first of them and the last: there is nothing
    /// to merge them with.
    func isFree(for readings: ArraySlice<PlacedReading>, in database: Database) throws -> Bool {
        guard let first = readings.first, let last = readings.last else { return false }
        let isTaken = try Bool.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT EXISTS(SELECT 1 FROM waiting WHERE scan_group = ?1 AND time BETWEEN ?2 AND ?3)
                        OR EXISTS(SELECT 1 FROM span WHERE scan_group = ?1 AND t0 <= ?3 AND t1 >= ?2
                            AND t0 >= ?2 - (SELECT longest_ms FROM scan_group WHERE id = ?1))
                    """),
            arguments: [group, first.time, last.time])
        return isTaken == false
    }

    /// Writes readings of one layout as a span, behind all that were imported before.
    mutating func seal(
        _ readings: ArraySlice<PlacedReading>, in database: Database, _ faults: FaultPoints?
    ) throws -> EncodedSpan? {
        guard let layout = readings.first?.layout else { return nil }
        let plan = try plan(of: layout, in: database)
        var content = SpanContent(plan: plan)
        let sequences = sequence + 1...sequence + Int64(readings.count)
        content.span.times = readings.map(\.time)
        content.span.took = [Int64](repeating: 0, count: readings.count)
        content.span.sequences = sequences.map(UInt64.init)
        content.span.ordinals = Array(sequences)
        content.columns = [TagColumn(readings, plan.slots.first?.traits.type.isString ?? false)]
        let encoded = EncodedSpan(content, group: group, layout: layout)
        try encoded.write(to: database, faults)
        try database.cachedStatement(sql: "UPDATE scan_group SET longest_ms = max(longest_ms, ?) WHERE id = ?")
            .execute(arguments: [encoded.length, group])
        sequence = sequences.upperBound
        return encoded
    }
}

/// A reading in the form in which it is kept.
struct PlacedReading {
    let time: Int64
    let layout: Int64
    let type: ValueType
    let quality: Quality
    /// 0 for text, and where it is bad.
    let bits: UInt64
    let text: String?
}

extension TagColumn {
    fileprivate init(_ readings: ArraySlice<PlacedReading>, _ isText: Bool) {
        self.init()
        if isText {
            texts = readings.map { $0.text ?? "" }
        } else {
            bits = readings.map(\.bits)
        }
        if readings.contains(where: { !$0.quality.isGood }) { qualities = readings.map(\.quality) }
    }
}
