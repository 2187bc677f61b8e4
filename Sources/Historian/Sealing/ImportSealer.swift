import Chunks
import GRDB
import Store

/// Seals what people's files brought for one tag, in the order of time, merging it with the spans it falls into.
struct ImportSealer: Chore {
    private let faults: FaultPoints?
    private var looked: Int64?
    /// Since when nothing new came for a group.
    private var seen: [Int64: Sighting] = [:]
    /// Groups with a span that cannot be read: their rows go on waiting, and are read from there.
    private var stuck: Set<Int64> = []

    private struct Sighting {
        /// The greatest sequence: that of the row that came last.
        let newest: Int64
        let since: Int64
    }

    /// How often it looks for imported rows, milliseconds: nobody waits for them to be compressed.
    static let interval: Int64 = 10_000
    /// Rows too few for a span are sealed after nothing came for so long: a file in the middle of being imported brings
    /// its neighbours soon.
    static let idle: Int64 = 60_000
    /// Rows that make a span of an imported group, and the most that one step takes. With a span in their way, up to
    /// twice as many readings go into one transaction.
    static let scans = 900

    init(_ faults: FaultPoints? = nil) { self.faults = faults }

    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        if let looked, now >= looked, now - looked < ImportSealer.interval { return false }
        let groups = try store.look { database in
            try Int64.fetchAll(
                database,
                sql: """
                    SELECT id FROM scan_group
                    WHERE imported AND EXISTS(SELECT 1 FROM waiting WHERE waiting.scan_group = scan_group.id)
                    """)
        }
        for group in groups where !stuck.contains(group) {
            guard try isDue(group, store, now) else { continue }
            try seal(group, store)
            return true
        }
        looked = now
        return false
    }

    private mutating func isDue(_ group: Int64, _ store: HistoryStore, _ now: Int64) throws(HistoryError) -> Bool {
        let (rows, newest) = try store.look { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*), max(sequence)
                    FROM (SELECT sequence FROM waiting WHERE scan_group = ? LIMIT ?)
                    """, arguments: [group, ImportSealer.scans])
            return (row?[0] as Int? ?? 0, row?[1] as Int64? ?? 0)
        }
        if rows >= ImportSealer.scans { return true }
        if let before = seen[group], newest <= before.newest { return now - before.since >= ImportSealer.idle }
        seen[group] = Sighting(newest: newest, since: now)
        return false
    }

    private mutating func seal(_ group: Int64, _ store: HistoryStore) throws(HistoryError) {
        let merged: ImportMerge
        do {
            merged = try store.look { try ImportMerge(of: group, store, in: $0) }
        } catch {
            if case .corrupt = error { stuck.insert(group) }
            throw error
        }
        let encoded = merged.spans.map { EncodedSpan($0.content, group: group, layout: $0.layout) }
        try store.transaction { database in
            try faults?.reach("seal of an import begun")
            // The new spans first: a number that was deleted in this transaction would be given again.
            for span in encoded { try span.write(to: database, faults) }
            if let old = merged.replaced { try ImportSealer.delete(old, database, faults) }
            try database.execute(
                sql: "DELETE FROM waiting WHERE scan_group = ? AND (time, sequence) <= (?, ?)",
                arguments: [group, merged.last.time, Int64(bitPattern: merged.last.sequence)])
            try faults?.reach("after the imported rows went")
            try database.execute(
                sql: "UPDATE scan_group SET longest_ms = max(longest_ms, ?), sequence = max(sequence, ?) WHERE id = ?",
                arguments: [
                    encoded.map(\.length).max() ?? 0,
                    encoded.map { Int64(bitPattern: $0.sequences.upperBound) }.max() ?? 0, group,
                ])
            try faults?.reach("before the import's commit")
        }
        for span in encoded { store.tally.add(span) }
        store.tally.resealedReadings += UInt64(merged.replaced?.count ?? 0)
        try? faults?.reach("import sealed")
    }

    private static func delete(_ old: StoredSpan, _ database: Database, _ faults: FaultPoints?) throws {
        for slot in old.plan.slots {
            try database.execute(
                sql: "DELETE FROM chunk WHERE key = ?", arguments: [ChunkKey.of(tag: slot.tag, span: old.id)])
        }
        try faults?.reach("after the old chunks went")
        try database.execute(sql: "DELETE FROM span WHERE id = ?", arguments: [old.id])
        try faults?.reach("after the old span went")
    }
}
