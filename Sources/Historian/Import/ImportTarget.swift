import Archive
import GRDB
import Plant
import Store

/// Where the imported readings of one tag go: the scan group of its own that holds nothing but them.
struct ImportTarget {
    let tag: StoredTag
    let isCreated: Bool
    /// `scan_group.id`.
    let group: Int64
    let period: Int64
    /// Of the reading that was written last, and its ordinal, too: the order of completion is one of scans, and an
    /// exact replay passes over imports.
    var sequence: Int64
    /// Milliseconds around a reading in which what stands depends on it.
    let reach: Int64
    /// The last hour that is due already.
    var lastDue = Int64.min
    /// By the form of the values.
    private var layouts: [ImportForm: Int64] = [:]
    /// By layout. The store's own would outlive a transaction that is rolled back, and its numbers.
    private var plans: [Int64: LayoutPlan] = [:]

    /// A reading stands for so many periods at most, until the next one.
    static let standingPeriods: Int64 = 3
    static let hour: Int64 = 3_600_000

    /// Finds or makes the tag and its group, in the caller's transaction.
    init(_ subject: StagingReader.Subject, _ archive: Archive, in database: Database) throws {
        var known = try archive.tag(named: subject.name)
        isCreated = known == nil
        if known == nil {
            guard subject.isCreated else {
                throw StagingReader.Damage(detail: "the history has no tag \(subject.name) any more")
            }
            try database.execute(
                sql: "INSERT INTO tag(name, unit, kind, type, stepped) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    subject.name, subject.unit, subject.kind.rawValue, subject.type, subject.kind != .analog,
                ])
            known = try archive.tag(named: subject.name)
        }
        guard let tag = known else { throw HistoryError.unknownTag(subject.name) }
        self.tag = tag
        period = subject.period
        let row = try Row.fetchOne(
            database,
            sql: """
                INSERT INTO scan_group(name, period_ms, imported) VALUES (?, ?, 1)
                ON CONFLICT(name) DO UPDATE SET period_ms = excluded.period_ms RETURNING id, sequence
                """, arguments: ["@import/\(tag.name)", period])
        (group, sequence) = (row?[0] ?? 0, row?[1] ?? 0)
        let longest = try Int64.fetchOne(
            database,
            sql: """
                SELECT max(layout.period_ms) FROM slot JOIN layout ON layout.id = slot.layout WHERE slot.tag = ?
                """, arguments: [tag.id])
        reach = ImportTarget.standingPeriods * max(period, longest ?? 0)
    }

    mutating func layout(_ form: ImportForm, in database: Database, from time: Int64) throws -> Int64 {
        if let layout = layouts[form] { return layout }
        let map = try StableJSON.text([ImportSlot(tag, form)])
        var layout = try Int64.fetchOne(
            database, sql: "SELECT id FROM layout WHERE scan_group = ? AND map = ? AND period_ms = ?",
            arguments: [group, map, period])
        if layout == nil {
            try database.execute(
                sql: "INSERT INTO layout(scan_group, from_time, map, period_ms) VALUES (?, ?, ?, ?)",
                arguments: [group, time, map, period])
            layout = database.lastInsertedRowID
            try database.execute(
                sql: """
                    INSERT INTO slot(layout, slot, tag, type, scale, offset, stepped, counter)
                    VALUES (?, 0, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    layout, tag.id, form.type.description, form.scale, form.scale == nil ? nil : form.offset,
                    tag.isStepped, tag.isCounter,
                ])
        }
        layouts[form] = layout
        return layout ?? 0
    }

    mutating func plan(of layout: Int64, in database: Database) throws -> LayoutPlan {
        if let known = plans[layout] { return known }
        let plan = try LayoutPlan(of: layout, in: database)
        plans[layout] = plan
        return plan
    }

    /// The next import goes on behind this one.
    func save(in database: Database) throws {
        try database.execute(
            sql: "UPDATE scan_group SET sequence = max(sequence, ?) WHERE id = ?", arguments: [sequence, group])
    }
}

/// Everything that decides how the slot of an imported group is decoded.
private struct ImportSlot: Codable {
    let tag: String
    let type: String
    let scale: Double?
    let offset: Double?
    let stepped: Bool
    let counter: Bool

    init(_ tag: StoredTag, _ form: ImportForm) {
        (self.tag, type, scale) = (tag.name, form.type.description, form.scale)
        offset = form.scale == nil ? nil : form.offset
        (stepped, counter) = (tag.isStepped, tag.isCounter)
    }
}
