import Archive
import GRDB
import Plant
import Ring
import TestSupport

@testable import Historian

/// One random stream of scans, losses, imports, changes of the plant and steps of the clock, written into a history that
/// is sealed, swept and reopened at random moments, and into a plain row table.
final class DifferentialHistory {
    let scratch: Scratch
    private(set) var table = RowTable()
    /// Tags that were imported.
    private(set) var imported: Set<String> = []
    private var store: HistoryStore
    private var random: SeededRandom
    private var version = 0
    private var now: Int64
    private var ordinal: Int64 = 1
    private var sequences: [String: UInt64] = [:]
    private var counts: [UInt64] = [64_000, 0]
    private var sealer = Sealer()
    private var sweep = Sweep()
    private var importSealer = ImportSealer()
    private var batch = Batch()

    /// 2026-10-24T20:00:00Z: the clocks of Berlin go back five hours later.
    static let begin: Int64 = 1_792_872_000_000

    private let isCalm: Bool

    /// - Parameter isCalm: nothing jumps, neither the clock nor the plant.
    init(seed: UInt64, steps: Int, isCalm: Bool) throws {
        self.isCalm = isCalm
        random = SeededRandom(seed: seed)
        scratch = try Scratch()
        now = DifferentialHistory.begin
        store = try HistoryStore(
            path: scratch.history, plant: DifferentialPlant.plant(version: 0), time: now, beginsRun: true)
        for _ in 0..<steps { try step() }
        try commit()
        try keepHouse()
    }

    /// Borders of spans, where readers go wrong first.
    func borders() throws -> [Int64] {
        try store.look { try Int64.fetchAll($0, sql: "SELECT t0 FROM span UNION SELECT t1 FROM span") }
    }

    private func step() throws {
        let what = random.next() % 1000
        switch isCalm && what < 8 ? 999 : what {
        case 0..<3: now += Int64(random.next() % 4) * 3_600_000 + 1
        case 3..<6: now -= Int64(random.next() % 90_000)
        case 6..<8:
            try commit()
            version = 1 - version
            try store.learn(DifferentialPlant.plant(version: version), at: now)
        case 8..<12: try reopen()
        case 12..<24:
            try commit()
            try keepHouse()
        case 24..<30: try bringFile()
        case 30..<60: try commit()
        default: scan(Int(random.next() % 2))
        }
    }

    // MARK: Live scans

    private func scan(_ group: Int) {
        // Sometimes two scans of one millisecond, sometimes a late one.
        let period = DifferentialPlant.periods[version][group]
        if !random.chance(3) { now += random.chance(5) ? Int64(random.next() % 20_000) : period / 2 }
        let forms = DifferentialPlant.versions[version][group]
        let name = "C/s\(group)"
        let sequence = (sequences[name] ?? 0) + (random.chance(2) ? 3 : 1)
        sequences[name] = sequence
        let loss: Quality = random.chance(3) ? .timeout : .good
        var readings: [RawReading] = []
        var texts: [Int: [UInt8]] = [:]
        for (slot, form) in forms.enumerated() {
            var reading = RawReading(bits: bits(form, slot, &texts), slot: slot, quality: .good)
            if random.chance(3) { reading.quality = random.pick([.outOfRange, .clamped, .notANumber]) }
            readings.append(reading)
        }
        let start = batch.text.count
        if loss.isGood {
            batch.text.append(values: readings, types: forms.map(\.type), texts: texts)
        } else {
            batch.text.append(contentsOf: "[]".utf8)
        }
        let middle = batch.text.count
        var hasBad = true
        if loss.isGood {
            hasBad = batch.text.append(qualities: readings)
        } else {
            batch.text.append(contentsOf: "{\"all\":\(loss.rawValue)}".utf8)
        }
        batch.rows.append(
            Batch.Row(
                time: now, group: group, sequence: sequence, ordinal: ordinal, tookMilliseconds: 7,
                values: start..<middle, bad: hasBad ? middle..<batch.text.count : nil))
        ordinal += 1
        let number = store.catalogue.groups[group].number
        for (slot, form) in forms.enumerated() {
            let quality = loss.isGood ? readings[slot].quality : loss
            table.insert(
                RowTable.Row(
                    time: now, group: number, sequence: sequence, isImported: false, period: period,
                    value: quality.isBad ? .none : value(form, readings[slot].bits, texts[slot]), quality: quality,
                    raw: form.type.rawNumber(readings[slot].bits), type: form.type), of: form.name)
        }
    }

    private func bits(_ form: DifferentialPlant.Form, _ slot: Int, _ texts: inout [Int: [UInt8]]) -> UInt64 {
        if form.isCounter {
            // Wraps through its range, and now and then is set to nothing.
            counts[0] = random.chance(1) ? 0 : counts[0] + random.next() % 900
            return counts[0] & 0xFFFF
        }
        switch form.type {
        case .bool: return random.next() & 1
        case .uint16: return random.next() % 4
        case .int16:
            let extremes: [Int16] = [.min, .max, 0, -1]
            let value = random.chance(5) ? random.pick(extremes) : Int16(random.next() % 200) - 100
            return UInt64(bitPattern: Int64(value))
        case .int32:
            let extremes: [Int32] = [.min, .max, .min + 1]
            let value = random.chance(10) ? random.pick(extremes) : Int32(random.next() % 7)
            return UInt64(bitPattern: Int64(value))
        case .uint64: return random.pick([0, UInt64.max, UInt64(Int64.max), 1 << 63, random.next() % 100])
        case .float32: return UInt64(Float(Int64(random.next() % 4000) - 2000).bitPattern)
        case .float64: return (Double(random.next() % 1_000_000) / 1000).bitPattern
        case .string:
            let text = Array(random.pick(["", "soak 2", "K-17 \"x\"", "α\\β"]).utf8)
            texts[slot] = text
            return UInt64(text.count)
        default: return random.next() % 100
        }
    }

    private func value(_ form: DifferentialPlant.Form, _ bits: UInt64, _ text: [UInt8]?) -> StoredValue {
        if form.type.isString { return .text(String(decoding: text ?? [], as: UTF8.self)) }
        if form.isScaled { return .real(form.type.rawNumber(bits) * form.scale + form.offset) }
        switch form.type {
        case .float32: return .single(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: return .double(Double(bitPattern: bits))
        default:
            return form.type == .uint64 && bits > UInt64(Int64.max)
                ? .unsigned(bits) : .integer(Int64(bitPattern: bits))
        }
    }

    // MARK: Imports

    /// Somebody's file for one tag: a few values, many of them at times that are there already, some of them twice.
    private func bringFile() throws {
        try commit()
        let tag = random.pick(["temp", "flow", "on", "level"])
        imported.insert(tag)
        let known = table.all(tag).map(\.time)
        var rows: [(time: Int64, value: Double)] = []
        for _ in 0..<(1 + random.next() % 40) {
            let time = random.chance(50) && !known.isEmpty ? random.pick(known) : now - Int64(random.next() % 4_000_000)
            rows.append((max(time, DifferentialHistory.begin - 86_400_000), Double(random.next() % 300) / 4))
        }
        let isStepped = tag == "on"
        if isStepped { for index in rows.indices { rows[index].value = Double(index % 2) } }
        var inserted: [(group: Int64, sequence: UInt64, time: Int64, value: Double)] = []
        try store.transaction { database in
            let number = try Int64.fetchOne(database, sql: "SELECT id FROM tag WHERE name = ?", arguments: [tag]) ?? 0
            let group =
                try Int64.fetchOne(
                    database,
                    sql: """
                        INSERT INTO scan_group(name, period_ms, imported) VALUES (?, 1000, 1)
                        ON CONFLICT(name) DO UPDATE SET period_ms = 1000 RETURNING id
                        """, arguments: ["@import/\(tag)"]) ?? 0
            var layout = try Int64.fetchOne(
                database, sql: "SELECT id FROM layout WHERE scan_group = ?", arguments: [group])
            if layout == nil {
                try database.execute(
                    sql: "INSERT INTO layout(scan_group, from_time, map, period_ms) VALUES (?, 0, '[]', 1000)",
                    arguments: [group])
                layout = database.lastInsertedRowID
                try database.execute(
                    sql: "INSERT INTO slot(layout, slot, tag, type, stepped) VALUES (?, 0, ?, ?, ?)",
                    arguments: [layout, number, isStepped ? "bool" : "float64", isStepped])
            }
            for (time, value) in rows {
                let sequence = (self.sequences["@import/\(tag)"] ?? 0) + 1
                self.sequences["@import/\(tag)"] = sequence
                try database.execute(
                    sql: "INSERT INTO waiting VALUES (?, ?, ?, ?, ?, 0, NULL, ?)",
                    arguments: [
                        group, time, Int64(sequence), Int64(sequence), layout,
                        isStepped ? "[\(Int(value))]" : "[\(value)]",
                    ])
                inserted.append((group, sequence, time, value))
            }
        }
        for row in inserted {
            table.insert(
                RowTable.Row(
                    time: row.time, group: row.group, sequence: row.sequence, isImported: true, period: 1000,
                    value: isStepped ? .integer(Int64(row.value)) : .double(row.value), quality: .good, raw: row.value,
                    type: isStepped ? .bool : .float64), of: tag)
        }
    }

    // MARK: The writer's other work

    private func commit() throws {
        let present = try store.commit(batch)
        guard present == 0 else { throw TestFailure("\(present) rows were there already") }
        // A retry after an unknown outcome changes nothing.
        if random.chance(10) { _ = try store.commit(batch) }
        batch.clear()
    }

    private func keepHouse() throws {
        let soon = now + (random.chance(30) ? 10_000_000 : 0)
        if random.chance(80) { while try sealer.step(store, now: soon) {} }
        if random.chance(60) { while try sweep.step(store, now: soon) {} }
        if random.chance(60) { while try importSealer.step(store, now: soon) {} }
    }

    private func reopen() throws {
        try commit()
        try store.close()
        store = try HistoryStore(
            path: scratch.history, plant: DifferentialPlant.plant(version: version), time: now, beginsRun: true)
        (sealer, sweep, importSealer) = (Sealer(), Sweep(), ImportSealer())
    }
}
