import Archive
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// A store that is written row by row, at times of the test's choosing, and kept house by hand.
final class RollUpRig {
    let scratch: Scratch
    let plant: Plant
    let store: HistoryStore
    var rollUps: RollUps
    var retention: Retention
    private var ordinal: Int64 = 1
    private var sequences: [UInt64]

    static let hour: Int64 = 3_600_000
    static let day: Int64 = 24 * hour
    /// 2026-03-28T00:00:00Z: the day before the clocks of Berlin go forward.
    static let start: Int64 = 1_774_656_000_000

    init(
        _ groups: [[SlotSpec]], period: Duration = .seconds(10), zone: String = "UTC",
        history: HistorySettings = HistorySettings(), in scratch: Scratch? = nil
    ) throws {
        self.scratch = try scratch ?? Scratch()
        plant = try Plant.test(groups, period: period, history: history)
        store = try HistoryStore(
            path: self.scratch.history, plant: plant, time: RollUpRig.start, beginsRun: true)
        rollUps = RollUps(on: WallClock(named: zone) ?? .utc)
        retention = Retention(history)
        sequences = store.catalogue.groups.map(\.nextSequence)
        ordinal = store.catalogue.nextOrdinal
    }

    /// Writes one scan a row: whole numbers, also as texts, `nil` for a bad one.
    func write(_ group: Int, _ scans: [(time: Int64, values: [Int?])]) throws {
        var batch = Batch()
        for scan in scans {
            let readings = scan.values.enumerated().map { slot, value in
                RawReading(
                    bits: value.map { UInt64(bitPattern: Int64($0)) } ?? 0, slot: slot,
                    quality: value == nil ? .timeout : .good)
            }
            let first = batch.text.count
            let types = plant.groups[group].tags.map { plant.tags[$0].type }
            var texts: [Int: [UInt8]] = [:]
            for (slot, value) in scan.values.enumerated() where types[slot].isString {
                texts[slot] = value.map { Array("\($0)".utf8) }
            }
            batch.text.append(values: readings, types: types, texts: texts)
            let middle = batch.text.count
            let isBad = batch.text.append(qualities: readings)
            batch.rows.append(
                Batch.Row(
                    time: scan.time, group: group, sequence: sequences[group], ordinal: ordinal, tookMilliseconds: 1,
                    values: first..<middle, bad: isBad ? middle..<batch.text.count : nil))
            sequences[group] += 1
            ordinal += 1
        }
        _ = try store.commit(batch)
    }

    /// Everything that is due at this time.
    func work(now: Int64) throws {
        while try rollUps.step(store, now: now) {}
    }

    /// Seals and sweeps what can be.
    func seal(now: Int64) throws {
        var (sealer, sweep) = (Sealer(), Sweep())
        while try sealer.step(store, now: now) {}
        while try sweep.step(store, now: now) {}
    }

    func clean(now: Int64) throws {
        while try retention.step(store, now: now) {}
    }

    func aggregate(_ tag: String, _ range: Range<Int64>, withRollUps: Bool) throws -> Aggregate? {
        try store.look { database in
            let archive = try Archive(#require(database.sqliteConnection))
            let stored = try #require(try archive.tag(named: tag))
            var found: Aggregate?
            var options = AggregateOptions()
            options.useRollups = withRollUps
            try archive.aggregates(of: stored, from: range.lowerBound, to: range.upperBound, .whole, options) {
                found = $0
            }
            return found
        }
    }

    /// Starts of the roll-ups of a tag.
    func starts(_ table: String, of tag: String) throws -> [Int64] {
        try store.look { database in
            try Int64.fetchAll(
                database,
                sql: "SELECT start FROM \(table) JOIN tag ON tag.id = \(table).tag WHERE tag.name = ? ORDER BY start",
                arguments: [tag])
        }
    }

    /// The row of a range as it is stored; `nil` without one.
    func stored(_ table: String, of tag: String, at start: Int64) throws -> Row? {
        try store.look { database in
            try Row.fetchOne(
                database,
                sql: "SELECT \(table).* FROM \(table) JOIN tag ON tag.id = \(table).tag WHERE name = ? AND start = ?",
                arguments: [tag, start])
        }
    }

    func mark(_ mark: Mark) throws -> Int64? { try store.look { try mark.number(in: $0) } }

    func number(_ sql: String) throws -> Int {
        try store.look { try Int.fetchOne($0, sql: sql) ?? 0 }
    }
}
