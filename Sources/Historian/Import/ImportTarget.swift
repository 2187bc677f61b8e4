import Archive
import GRDB
import GRDBSQLite
import Plant
import Store

/// Where the imported readings of one tag go: the scan group of its own that holds nothing but them.
struct ImportTarget {
    let tag: StoredTag
    let isCreated: Bool
    /// `scan_group.id`.
    private let group: Int64
    private let period: Int64
    /// By the form of the values.
    private var layouts: [ImportForm: Int64] = [:]
    private var sequence: Int64
    /// Milliseconds around a reading in which what stands depends on it.
    let reach: Int64
    /// The last hour that is due already.
    private var lastDue = Int64.min

    /// What a reading stands for that came alone, in milliseconds, when the tag was never read otherwise.
    static let lonePeriod: Int64 = 60_000
    /// Files with a value a week must not make one stand for three.
    static let longestPeriod: Int64 = 86_400_000
    /// A reading stands for so many periods at most, until the next one.
    static let standingPeriods: Int64 = 3
    static let hour: Int64 = 3_600_000

    /// Finds or makes the tag, its group and its layout, in the caller's transaction.
    init(_ subject: StagingReader.Subject, _ archive: Archive, in database: Database, from time: Int64) throws {
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
        let usual = try Int64.fetchOne(
            database,
            sql: """
                SELECT layout.period_ms FROM slot JOIN layout ON layout.id = slot.layout
                JOIN scan_group ON scan_group.id = layout.scan_group
                WHERE slot.tag = ? AND NOT scan_group.imported ORDER BY layout.id DESC LIMIT 1
                """, arguments: [tag.id])
        period = subject.period ?? usual ?? ImportTarget.lonePeriod
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
        _ = try layout(subject.form, in: database, from: time)
    }

    private mutating func layout(_ form: ImportForm, in database: Database, from time: Int64) throws -> Int64 {
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

    /// Writes one reading behind all that were imported before: it hides what is there at its time.
    ///
    /// - Parameter preferred: the form of the others; a value that it cannot hold gets one that can.
    mutating func insert(_ reading: StagedReading, preferred: ImportForm, in database: Database) throws {
        let forms = [preferred] + ImportForm.all
        guard let form = forms.first(where: { $0.bits(of: reading.value) != nil }),
            let bits = form.bits(of: reading.value)
        else { throw StagingReader.Damage(detail: "a value of \(tag.name) is of no kind") }
        let layout = try layout(form, in: database, from: reading.time)
        sequence += 1
        let raw = RawReading(bits: bits, slot: 0, quality: Quality(rawValue: reading.quality), continuation: 0)
        var texts: [Int: [UInt8]] = [:]
        if case .text(let text) = reading.value { texts[0] = Array(text.utf8) }
        var values: [UInt8] = []
        values.append(values: [raw], types: [form.type], texts: texts)
        var bad: [UInt8] = []
        let isGood = !bad.append(qualities: [raw])
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO waiting(scan_group, time, sequence, ordinal, layout, took_ms, bad, v)
                VALUES (?1, ?2, ?3, ?3, ?4, 0, ?5, ?6)
                """
        ).sqliteStatement
        sqlite3_bind_int64(statement, 1, group)
        sqlite3_bind_int64(statement, 2, reading.time)
        // Its ordinal, too: the order of completion is one of scans, and an exact replay passes over imports.
        sqlite3_bind_int64(statement, 3, sequence)
        sqlite3_bind_int64(statement, 4, layout)
        if isGood { sqlite3_bind_null(statement, 5) } else { bind(bad, to: statement, at: 5) }
        bind(values, to: statement, at: 6)
        try database.step(statement)
    }

    private func bind(_ text: [UInt8], to statement: SQLiteStatement, at index: CInt) {
        text.withUnsafeBytes { bytes in
            _ = sqlite3_bind_text(
                statement, index, bytes.bindMemory(to: CChar.self).baseAddress, CInt(bytes.count),
                unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        }
    }

    /// The hours whose figures a reading at this time changes are due again. Times must ascend.
    mutating func due(_ time: Int64, in database: Database) throws {
        var hour = max(lastDue + ImportTarget.hour, ImportTarget.hour(of: time - reach))
        let last = ImportTarget.hour(of: time + reach)
        while hour <= last {
            try markDue(hour, in: database)
            hour += ImportTarget.hour
        }
        lastDue = max(lastDue, last)
    }

    /// A counter's rise in an hour begins with the reading before it, however long ago that was.
    func dueBehind(_ time: Int64, _ archive: Archive, in database: Database) throws {
        guard tag.isCounter else { return }
        let cursor = try archive.readings(of: tag, from: time + 1, to: .max)
        while let next = try cursor.next() {
            guard next.quality.isGood else { continue }
            return try markDue(ImportTarget.hour(of: next.time), in: database)
        }
    }

    private func markDue(_ hour: Int64, in database: Database) throws {
        let statement = try database.cachedStatement(sql: "INSERT OR IGNORE INTO rollup_due(tag, hour) VALUES (?, ?)")
            .sqliteStatement
        sqlite3_bind_int64(statement, 1, tag.id)
        sqlite3_bind_int64(statement, 2, hour)
        try database.step(statement)
    }

    /// The next import goes on behind this one.
    func save(in database: Database) throws {
        try database.execute(
            sql: "UPDATE scan_group SET sequence = max(sequence, ?) WHERE id = ?", arguments: [sequence, group])
    }

    static func hour(of time: Int64) -> Int64 {
        let start = time / hour * hour
        return start > time ? start - hour : start
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
