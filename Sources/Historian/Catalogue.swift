import FoundationEssentials
import GRDB
import Plant

/// How the plant of this run is known in the database. Names are the identity; numbers are the database's own.
struct Catalogue {
    struct Group {
        /// `scan_group.id`.
        let number: Int64
        /// `layout.id` of the slots as they are now.
        let layout: Int64
        /// The number its next scan gets.
        let nextSequence: UInt64
        /// Milliseconds.
        let period: Int64
    }

    /// By `ScanGroup.ID`.
    let groups: [Group]
    /// The longest period of any group, milliseconds.
    var longestPeriod: Int64 { groups.lazy.map(\.period).max() ?? 0 }
    /// The number the next event gets.
    let nextEvent: Int64
    /// The place that the next scan gets among those of all groups.
    let nextOrdinal: Int64
    /// The time of the newest scan or event, UTC milliseconds.
    let newestTime: Int64?
    /// The last daemon left no `stopped` behind.
    let lastRunWasCut: Bool
    /// When it began, UTC milliseconds.
    let lastStart: Int64?

    /// Writes the plant into the database, in the caller's transaction, and reads back how it is known there.
    ///
    /// - Parameter ledger: the rows that are not sealed; the groups themselves know the sequences of all others.
    init(writing plant: Plant, to database: Database, at time: Int64, _ ledger: Ledger) throws {
        for quality in Quality.all {
            try database.execute(
                sql: """
                    INSERT INTO quality(code, name) VALUES (?, ?)
                    ON CONFLICT(code) DO UPDATE SET name = excluded.name
                    """, arguments: [Int64(quality.rawValue), quality.name])
        }
        let tags = try plant.tags.map { try Catalogue.number(of: $0, in: database) }
        groups = try plant.groups.map { group in
            let row = try Row.fetchOne(
                database,
                sql: """
                    INSERT INTO scan_group(name, period_ms) VALUES (?, ?)
                    ON CONFLICT(name) DO UPDATE SET period_ms = excluded.period_ms RETURNING id, sequence
                    """, arguments: [group.name, group.period.milliseconds])
            let number: Int64 = row?["id"] ?? 0
            let sequence: Int64 = row?["sequence"] ?? 0
            let layout = try Catalogue.layout(
                of: group, number: number, plant: plant, tags: tags, in: database, at: time)
            let newest = max(UInt64(bitPattern: sequence), ledger.newestSequence(of: number))
            return Group(
                number: number, layout: layout, nextSequence: newest + 1, period: group.period.milliseconds)
        }
        nextEvent = try Int64.fetchOne(database, sql: "SELECT ifnull(max(id), 0) + 1 FROM event") ?? 1
        nextOrdinal = ledger.newestOrdinal + 1
        let told = try Int64.fetchOne(
            database,
            sql: """
                SELECT t0 FROM event WHERE id > 0 AND kind IN ('started', 'stopped', 'gap', 'overflow', 'storage')
                ORDER BY id DESC LIMIT 1
                """)
        newestTime = try [Catalogue.newestReading(in: database), told].compactMap(\.self).max()
        let newestRun = try String.fetchOne(
            database, sql: "SELECT kind FROM event WHERE kind IN ('started', 'stopped') ORDER BY id DESC LIMIT 1")
        lastRunWasCut = newestRun == HistoryEvent.Kind.started.rawValue
        lastStart = try Int64.fetchOne(
            database, sql: "SELECT t0 FROM event WHERE kind = 'started' ORDER BY id DESC LIMIT 1")
    }

    /// The time of the scan that came last, UTC milliseconds. A clock that was ahead has left scans that are later by
    /// their times alone, and a person's note may be about any time.
    static func newestReading(in database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT time FROM hot ORDER BY ordinal DESC LIMIT 1")
            ?? OldScans.newestTime(in: database)
            ?? Int64.fetchOne(
                database,
                sql: """
                    SELECT t1 FROM span WHERE scan_group IN (SELECT id FROM scan_group WHERE imported = 0)
                    ORDER BY id DESC LIMIT 1
                    """)
    }

    private static func number(of tag: Tag, in database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO tag(name, unit, description, kind, type, states, stepped, counter)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(name) DO UPDATE SET unit = excluded.unit, description = excluded.description,
                    kind = excluded.kind, type = excluded.type, states = excluded.states,
                    stepped = excluded.stepped, counter = excluded.counter
                RETURNING id
                """,
            arguments: [
                tag.name, tag.unit, tag.description, kind(of: tag), tag.type.description, try states(of: tag),
                tag.holdsItsValue, tag.rules.isCounter,
            ]) ?? 0
    }

    private static func kind(of tag: Tag) -> String {
        if tag.type.isString { return "text" }
        if tag.type == .bool { return "bool" }
        return tag.states.isEmpty ? "analog" : "enum"
    }

    private static func states(of tag: Tag) throws -> String? {
        guard !tag.states.isEmpty else { return nil }
        let named = Dictionary(tag.states.map { (String($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        return try StableJSON.text(named)
    }

    /// The layout with exactly these slots and this period: the one of an earlier run, or a new one.
    private static func layout(
        of group: ScanGroup, number: Int64, plant: Plant, tags: [Int64], in database: Database, at time: Int64
    ) throws -> Int64 {
        let slots = group.tags.map { SlotMap(plant.tags[$0]) }
        let map = try StableJSON.text(slots)
        let period = group.period.milliseconds
        let known = try Int64.fetchOne(
            database, sql: "SELECT id FROM layout WHERE scan_group = ? AND map = ? AND period_ms = ?",
            arguments: [number, map, period])
        if let known { return known }
        try database.execute(
            sql: "INSERT INTO layout(scan_group, from_time, map, period_ms) VALUES (?, ?, ?, ?)",
            arguments: [number, time, map, period])
        let layout = database.lastInsertedRowID
        for (slot, tag) in group.tags.enumerated() {
            try database.execute(
                sql: """
                    INSERT INTO slot(layout, slot, tag, type, scale, offset, stepped, counter)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    layout, slot, tags[tag], slots[slot].type, slots[slot].scale, slots[slot].offset,
                    slots[slot].stepped ?? false, slots[slot].counter ?? false,
                ])
        }
        return layout
    }
}

/// Everything that decides how a slot's number is decoded, and what stands between two of them.
struct SlotMap: Codable {
    let tag: String
    let type: String
    var scale: Double?
    var offset: Double?
    /// Left out when they are not so, as in the files of the first schema.
    var stepped: Bool?
    var counter: Bool?

    init(_ tag: Tag) {
        let form = SlotForm(tag)
        self.tag = tag.name
        type = form.type.description
        (scale, offset) = (form.scale, form.offset)
        if tag.holdsItsValue { stepped = true }
        if tag.rules.isCounter { counter = true }
    }
}

/// JSON whose keys are sorted, so that equal values are equal texts.
enum StableJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
