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
    }

    /// By `ScanGroup.ID`.
    let groups: [Group]
    /// The number the next event gets.
    let nextEvent: Int64
    /// The time of the newest scan or event, UTC milliseconds.
    let newestTime: Int64?
    /// The last daemon left no `stopped` behind.
    let lastRunWasCut: Bool

    /// Writes the plant into the database, in the caller's transaction, and reads back how it is known there.
    init(writing plant: Plant, to database: Database, at time: Int64) throws {
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
            return Group(number: number, layout: layout, nextSequence: UInt64(bitPattern: sequence) + 1)
        }
        nextEvent = try Int64.fetchOne(database, sql: "SELECT ifnull(max(id), 0) + 1 FROM event") ?? 1
        newestTime = try Int64.fetchOne(
            database,
            sql: "SELECT max(t) FROM (SELECT max(time) AS t FROM hot UNION ALL SELECT max(t0) FROM event)")
        let newestRun = try String.fetchOne(
            database, sql: "SELECT kind FROM event WHERE kind IN ('started', 'stopped') ORDER BY id DESC LIMIT 1")
        lastRunWasCut = newestRun == HistoryEvent.Kind.started.rawValue
    }

    private static func number(of tag: Tag, in database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO tag(name, unit, description, kind, type, states) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT(name) DO UPDATE SET unit = excluded.unit, description = excluded.description,
                    kind = excluded.kind, type = excluded.type, states = excluded.states
                RETURNING id
                """,
            arguments: [tag.name, tag.unit, tag.description, kind(of: tag), tag.type.description, try states(of: tag)])
            ?? 0
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

    /// The layout with exactly these slots: the one of an earlier run, or a new one.
    private static func layout(
        of group: ScanGroup, number: Int64, plant: Plant, tags: [Int64], in database: Database, at time: Int64
    ) throws -> Int64 {
        let slots = group.tags.map { SlotMap(plant.tags[$0]) }
        let map = try StableJSON.text(slots)
        let known = try Int64.fetchOne(
            database, sql: "SELECT id FROM layout WHERE scan_group = ? AND map = ?", arguments: [number, map])
        if let known { return known }
        try database.execute(
            sql: "INSERT INTO layout(scan_group, from_time, map) VALUES (?, ?, ?)", arguments: [number, time, map])
        let layout = database.lastInsertedRowID
        for (slot, tag) in group.tags.enumerated() {
            try database.execute(
                sql: "INSERT INTO slot(layout, slot, tag, type, scale, offset) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [layout, slot, tags[tag], slots[slot].type, slots[slot].scale, slots[slot].offset])
        }
        return layout
    }
}

/// Everything that decides how a slot's number is decoded.
private struct SlotMap: Codable {
    let tag: String
    let type: String
    var scale: Double?
    var offset: Double?

    init(_ tag: Tag) {
        self.tag = tag.name
        type = tag.type.description
        if !tag.isUnscaled && !tag.type.isString { (scale, offset) = (tag.scale, tag.offset) }
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
