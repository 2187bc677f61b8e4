import Chunks
import Foundation
import GRDB
import Plant
import TestSupport

@testable import Historian

/// Reads a history straight out of its tables, slowly: what the sealer is measured by. It shares nothing with the
/// product but the codec of chunks; rows are taken apart by SQLite's own JSON functions.
struct RawReader {
    struct Reading: Hashable, CustomStringConvertible {
        let time: Int64
        let group: Int64
        let sequence: Int64
        let ordinal: Int64
        let took: Int64
        let quality: Quality
        /// The raw number, to the last bit, or the text; empty when it is bad.
        let text: String

        var description: String { "\(time) \(group)#\(sequence)/\(ordinal) +\(took) \(quality) \(text)" }
    }

    /// Where readings were found.
    private(set) var sealed = 0
    private(set) var waiting = 0
    private(set) var hot = 0
    /// In the table of the first schema.
    private(set) var old = 0
    /// By the tag's name, in the order of time, group and sequence.
    private(set) var readings: [String: [Reading]] = [:]

    private struct Slot {
        let tag: String
        let number: Int64
        let type: ValueType
    }

    /// Of the database at `path`, with its log.
    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        var found: [String: [Reading]] = [:]
        var counts = (sealed: 0, waiting: 0, hot: 0, old: 0)
        try queue.read { database in
            let slots = try RawReader.slots(database)
            counts.sealed = try RawReader.spans(database, slots, into: &found)
            let columns = "time, scan_group, sequence, ordinal, layout, took_ms, bad, v"
            counts.waiting = try RawReader.rows(database, "SELECT \(columns) FROM waiting", slots, into: &found)
            counts.hot = try RawReader.rows(
                database,
                """
                SELECT \(columns) FROM hot
                WHERE ordinal > (SELECT cut FROM scan_group WHERE scan_group.id = hot.scan_group)
                """, slots, into: &found)
            guard try database.tableExists("scans_1") else { return }
            counts.old = try RawReader.rows(
                database,
                """
                SELECT time, scan_group, sequence, id AS ordinal, layout, took_ms, bad, v FROM scans_1
                WHERE id > (SELECT cut FROM scan_group WHERE scan_group.id = scans_1.scan_group)
                """, slots, into: &found)
        }
        (sealed, waiting, hot, old) = counts
        readings = found.mapValues { readings in
            readings.sorted { ($0.time, $0.group, $0.sequence) < ($1.time, $1.group, $1.sequence) }
        }
    }

    private static func slots(_ database: Database) throws -> [Int64: [Slot]] {
        var slots: [Int64: [Slot]] = [:]
        for row in try Row.fetchAll(
            database,
            sql: "SELECT layout, name, tag.id, slot.type FROM slot JOIN tag ON tag.id = slot.tag ORDER BY layout, slot")
        {
            let name: String = row[3]
            let types: [ValueType] = [
                .bool, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .bcd16, .bcd32,
                .signmag16, .signmag32,
            ]
            let type = types.first { $0.description == name } ?? .string(registers: 1)
            slots[row[0], default: []].append(Slot(tag: row[1], number: row[2], type: type))
        }
        return slots
    }

    private static func spans(
        _ database: Database, _ slots: [Int64: [Slot]], into found: inout [String: [Reading]]
    ) throws -> Int {
        var count = 0
        for row in try Row.fetchAll(database, sql: "SELECT * FROM span") {
            let (id, n): (Int64, Int) = (row["id"], row["n"])
            let span = try bytes(row, key: id) { try SpanColumns(decoding: $0, count: n) }
            guard span.times.first == row["t0"], span.times.last == row["t1"] else {
                throw TestFailure("span \(id) begins and ends elsewhere")
            }
            for slot in slots[row["layout"]] ?? [] {
                let key = slot.number << 36 | id
                guard
                    let chunk = try Row.fetchOne(
                        database, sql: "SELECT crc, data FROM chunk WHERE key = ?", arguments: [key])
                else { throw TestFailure("span \(id) has no chunk of \(slot.tag)") }
                var column = TagColumn()
                try bytes(chunk, key: key) { try Chunk.decode($0, count: n, type: slot.type, into: &column) }
                for index in 0..<n {
                    var quality = column.qualities.isEmpty ? Quality.good : column.qualities[index]
                    if !span.losses.isEmpty, !span.losses[index].isGood { quality = span.losses[index] }
                    let text = slot.type.isString ? column.texts[index] : slot.type.rawText(column.bits[index])
                    found[slot.tag, default: []].append(
                        Reading(
                            time: span.times[index], group: row["scan_group"],
                            sequence: Int64(bitPattern: span.sequences[index]), ordinal: span.ordinals[index],
                            took: span.took[index], quality: quality, text: quality.isBad ? "" : text))
                    count += 1
                }
            }
        }
        return count
    }

    private static func bytes<Value>(
        _ row: Row, key: Int64, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value {
        let data: Data = row["data"]
        let crc: Int64 = row["crc"]
        return try data.withUnsafeBytes { bytes in
            guard Int64(CRC32C.of(key: key, bytes)) == crc else { throw TestFailure("checksum of \(key)") }
            return try body(bytes)
        }
    }

    private static func rows(
        _ database: Database, _ sql: String, _ slots: [Int64: [Slot]], into found: inout [String: [Reading]]
    ) throws -> Int {
        var count = 0
        let code = try database.makeStatement(
            sql: "SELECT coalesce(json_extract(?1, '$.all'), json_extract(?1, ?2), 0)")
        let element = try database.makeStatement(sql: "SELECT json_extract(?, ?)")
        for row in try Row.fetchAll(database, sql: sql) {
            let bad: String? = row["bad"]
            for (index, slot) in (slots[row["layout"]] ?? []).enumerated() {
                var quality = Quality.good
                if let bad {
                    quality = Quality(
                        rawValue: UInt8(try Int64.fetchOne(code, arguments: [bad, "$.\"\(index)\""]) ?? 0))
                }
                let json: String = row["v"]
                let value = try DatabaseValue.fetchOne(element, arguments: [json, "$[\(index)]"]) ?? .null
                found[slot.tag, default: []].append(
                    Reading(
                        time: row["time"], group: row["scan_group"], sequence: row["sequence"],
                        ordinal: row["ordinal"], took: row["took_ms"], quality: quality,
                        text: quality.isBad ? "" : text(of: value, slot.type)))
                count += 1
            }
        }
        return count
    }

    private static func text(of value: DatabaseValue, _ type: ValueType) -> String {
        switch value.storage {
        case .string(let text): text
        case .double(let number) where type == .float32: Float(number).description
        case .double(let number): number.description
        case .int64(let number) where type.isFloat: Double(number).description
        case .int64(let number): number.description
        case .null, .blob: "?"
        }
    }
}

/// The files of a history as a process that dies now would leave them.
func copyOfFiles(_ path: String) throws -> Scratch {
    let copy = try Scratch()
    for suffix in ["", "-wal", "-beacon"] where FileManager.default.fileExists(atPath: path + suffix) {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: copy.history + suffix)
    }
    return copy
}
