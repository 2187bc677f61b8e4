import Chunks
import GRDBSQLite
import Plant
import TestSupport

@testable import Archive

struct FixtureError: Error, CustomStringConvertible { var description: String }

/// A history in memory that a test fills by hand, without the writer.
final class HistoryFixture {
    let connection: OpaquePointer
    private(set) var slots: [Int64: [FixtureSlot]] = [:]
    private(set) var groups: [Int64: FixtureGroup] = [:]
    private(set) var layoutGroup: [Int64: Int64] = [:]
    private(set) var periods: [Int64: Int64] = [:]
    private var nextSpan: Int64 = 1

    init(path: String = ":memory:") throws {
        var connection: OpaquePointer?
        guard sqlite3_open(path, &connection) == SQLITE_OK, let connection else {
            throw FixtureError(description: "no memory")
        }
        self.connection = connection
        try execute(FixtureSchema.sql)
    }

    deinit { sqlite3_close_v2(connection) }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else {
            throw FixtureError(description: String(cString: sqlite3_errmsg(connection)) + ": " + sql.prefix(200))
        }
    }

    func archive() throws -> Archive { try Archive(connection) }

    // MARK: Names

    @discardableResult
    func tag(
        _ id: Int64, _ name: String, kind: String = "analog", type: ValueType = .float32, stepped: Bool = false,
        counter: Bool = false, states: String? = nil
    ) throws -> Int64 {
        let quoted = states.map { "'\($0)'" } ?? "NULL"
        try execute(
            """
            INSERT INTO tag(id, name, unit, kind, type, states, stepped, counter)
            VALUES (\(id), '\(name)', 'degC', '\(kind)', '\(type)', \(quoted), \(stepped ? 1 : 0), \(counter ? 1 : 0))
            """)
        return id
    }

    @discardableResult
    func group(_ id: Int64, _ name: String, period: Int64 = 1000, imported: Bool = false) throws -> Int64 {
        groups[id] = FixtureGroup(id: id, name: name, isImported: imported)
        try execute(
            """
            INSERT INTO scan_group(id, name, period_ms, imported)
            VALUES (\(id), '\(name)', \(period), \(imported ? 1 : 0))
            """)
        return id
    }

    @discardableResult
    func layout(_ id: Int64, of group: Int64, period: Int64 = 1000, _ slots: [FixtureSlot]) throws -> Int64 {
        (self.slots[id], layoutGroup[id], periods[id]) = (slots, group, period)
        try execute(
            """
            INSERT INTO layout(id, scan_group, from_time, map, period_ms) VALUES (\(id), \(group), 0, '[]', \(period))
            """)
        for (index, slot) in slots.enumerated() {
            let scale = slot.scale.map { "\($0), \(slot.offset)" } ?? "NULL, NULL"
            try execute(
                """
                INSERT INTO slot(layout, slot, tag, type, scale, offset, stepped, counter) VALUES
                (\(id), \(index), \(slot.tag), '\(slot.type)', \(scale), \(slot.isStepped ? 1 : 0),
                \(slot.isCounter ? 1 : 0))
                """)
        }
        return id
    }

    func mark(_ name: String, _ value: Int64) throws {
        try execute("INSERT OR REPLACE INTO mark(name, value) VALUES ('\(name)', \(value))")
    }

    func event(_ kind: String, _ start: Int64, _ end: Int64?, subject: String? = nil, text: String? = nil) throws {
        func quoted(_ text: String?) -> String { text.map { "'\($0)'" } ?? "NULL" }
        try execute(
            """
            INSERT INTO event(t0, t1, kind, subject, text)
            VALUES (\(start), \(end.map(String.init) ?? "NULL"), '\(kind)', \(quoted(subject)), \(quoted(text)))
            """)
    }

    // MARK: Rows

    func hot(_ row: FixtureRow) throws {
        try insert(
            "INSERT INTO hot(id, ordinal, scan_group, sequence, layout, took_ms, bad, v) VALUES",
            "\(row.time << 20 | row.ordinal & 0xFFFFF), \(row.ordinal), \(row.group), \(row.sequence), \(row.layout)",
            row)
    }

    /// In the table of the first schema.
    func old(_ row: FixtureRow) throws {
        try insert(
            "INSERT INTO scans_1(time, id, scan_group, sequence, layout, took_ms, bad, v) VALUES",
            "\(row.time), \(row.ordinal), \(row.group), \(row.sequence), \(row.layout)", row)
    }

    func waiting(_ row: FixtureRow) throws {
        try insert(
            "INSERT INTO waiting(time, ordinal, scan_group, sequence, layout, took_ms, bad, v) VALUES",
            "\(row.time), \(row.ordinal), \(row.group), \(row.sequence), \(row.layout)", row)
    }

    private func insert(_ into: String, _ keys: String, _ row: FixtureRow) throws {
        let (bad, values) = row.texts(slots[row.layout] ?? [])
        let quoted = bad.map { "'\($0)'" } ?? "NULL"
        try execute("\(into) (\(keys), \(row.took), \(quoted), '\(values.replacing("'", with: "''"))')")
    }

    func cut(_ group: Int64, _ ordinal: Int64) throws {
        try execute("UPDATE scan_group SET cut = max(cut, \(ordinal)) WHERE id = \(group)")
    }

    /// Seals rows of one group and layout whose times do not fall, as one span.
    @discardableResult
    func span(_ rows: [FixtureRow]) throws -> Int64 {
        guard let first = rows.first, let last = rows.last else { return 0 }
        let columns = SpanColumns(
            times: rows.map(\.time), took: rows.map(\.took), sequences: rows.map(\.sequence),
            ordinals: rows.map(\.ordinal), losses: rows.contains { !$0.loss.isGood } ? rows.map(\.loss) : [])
        let id = nextSpan
        nextSpan += 1
        let data = columns.encoded()
        try insert(
            """
            INSERT INTO span VALUES (\(id), \(first.group), \(first.layout), \(rows.count), \(first.time),
            \(last.time), \(first.ordinal), \(last.ordinal), \(first.sequence), \(last.sequence),
            """, key: id, data)
        for (index, slot) in (slots[first.layout] ?? []).enumerated() {
            let samples = rows.map { $0.loss.isGood ? $0.samples[index] : FixtureSample(quality: $0.loss) }
            let column = TagColumn(
                bits: slot.type.isString ? [] : samples.map(\.bits),
                texts: slot.type.isString ? samples.map(\.text) : [],
                qualities: samples.contains { !$0.quality.isGood } ? samples.map(\.quality) : [])
            let traits = ChunkTraits(
                type: slot.type, isStepped: slot.isStepped, isCounter: slot.isCounter,
                period: periods[first.layout] ?? 0)
            let key = slot.tag << 36 | id
            try insert("INSERT INTO chunk VALUES (\(key),", key: key, Chunk.encode(column, columns, traits))
        }
        try execute(
            """
            UPDATE scan_group SET longest_ms = max(longest_ms, \(last.time - first.time)) WHERE id = \(first.group)
            """)
        return id
    }

    private func insert(_ sql: String, key: Int64, _ data: [UInt8]) throws {
        let crc = data.withUnsafeBytes { CRC32C.of(key: key, $0) }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, "\(sql) \(crc), ?)", -1, &statement, nil) == SQLITE_OK else {
            throw FixtureError(description: String(cString: sqlite3_errmsg(connection)))
        }
        defer { sqlite3_finalize(statement) }
        let code = data.withUnsafeBytes { bytes in
            sqlite3_bind_blob(statement, 1, bytes.baseAddress, Int32(bytes.count), nil)
            return sqlite3_step(statement)
        }
        guard code == SQLITE_DONE else {
            throw FixtureError(description: String(cString: sqlite3_errmsg(connection)))
        }
    }
}

struct FixtureGroup {
    var id: Int64
    var name: String
    var isImported: Bool
}

struct FixtureSlot: Hashable {
    var tag: Int64
    var type: ValueType
    var scale: Double?
    var offset = 0.0
    var isStepped = false
    var isCounter = false

    func number(_ bits: UInt64) -> Double {
        let raw = type.rawNumber(bits)
        guard let scale else { return raw }
        return raw * scale + offset
    }
}

struct FixtureSample: Hashable {
    var bits: UInt64 = 0
    var text = ""
    var quality = Quality.good
}

/// A scan as the recorder has it.
struct FixtureRow {
    var group: Int64
    var layout: Int64
    var time: Int64
    var sequence: UInt64
    var ordinal: Int64
    var took: Int64 = 3
    var loss = Quality.good
    /// One a slot; empty when the scan was lost.
    var samples: [FixtureSample] = []

    /// The columns `bad` and `v`.
    func texts(_ slots: [FixtureSlot]) -> (String?, String) {
        guard loss.isGood else { return ("{\"all\":\(loss.rawValue)}", "[]") }
        var bad: [String] = []
        var values: [String] = []
        for (index, (slot, sample)) in zip(slots, samples).enumerated() {
            if !sample.quality.isGood { bad.append("\"\(index)\":\(sample.quality.rawValue)") }
            if sample.quality.isBad {
                values.append("null")
            } else if slot.type.isString {
                values.append("\"\(sample.text)\"")
            } else {
                let text = slot.type.rawText(sample.bits)
                values.append(slot.type == .uint64 && sample.bits > UInt64(Int64.max) ? "\"\(text)\"" : text)
            }
        }
        return (bad.isEmpty ? nil : "{\(bad.joined(separator: ","))}", "[\(values.joined(separator: ","))]")
    }
}
