import Foundation
import GRDB
import Plant
import Store
import TestSupport
import Testing

@testable import Historian

/// A history with an imported group for one tag, filled by hand as an import does.
private final class ImportSealerRig {
    let rig: Rig
    var sealer: ImportSealer
    private(set) var group: Int64 = 0
    private var layouts: [ValueType: Int64] = [:]
    private var sequence: Int64 = 0
    /// What must be read back: by time, the value that came last.
    private(set) var expected: [Int64: (sequence: Int64, text: String)] = [:]

    init(_ faults: FaultPoints? = nil) throws {
        rig = try Rig(.small())
        sealer = ImportSealer(faults)
        try rig.store.queue.write { database in
            try database.execute(
                sql: "INSERT INTO scan_group(name, period_ms, imported) VALUES ('@import/C2.level', 1000, 1)")
            group = database.lastInsertedRowID
            for type in [ValueType.float64, .uint16] {
                try database.execute(
                    sql: "INSERT INTO layout(scan_group, from_time, map, period_ms) VALUES (?, 0, ?, 1000)",
                    arguments: [group, type.description])
                let layout = database.lastInsertedRowID
                layouts[type] = layout
                try database.execute(
                    sql: """
                        INSERT INTO slot(layout, slot, tag, type)
                        VALUES (?, 0, (SELECT id FROM tag WHERE name = 'C2.level'), ?)
                        """, arguments: [layout, type.description])
            }
        }
    }

    func add(_ times: some Sequence<Int64>, _ type: ValueType = .float64) throws {
        try rig.store.queue.write { database in
            for time in times {
                sequence += 1
                let isBad = sequence % 11 == 0
                let value = type == .float64 ? Double(sequence).description : String(sequence % 65536)
                try database.execute(
                    sql: "INSERT INTO waiting VALUES (?, ?, ?, 0, ?, 0, ?, ?)",
                    arguments: [
                        group, time, sequence, layouts[type] ?? 0, isBad ? #"{"0":145}"# : nil,
                        isBad ? "[null]" : "[\(value)]",
                    ])
                expected[time] = (sequence, isBad ? "" : value)
            }
        }
    }

    func sealAll() throws {
        let idle = ImportSealer.interval + ImportSealer.idle
        for _ in 0..<3 {
            rig.clock.advance(milliseconds: idle)
            while try sealer.step(rig.store, now: rig.clock.now) {}
        }
    }

    /// As the tables are read: of two at one time, the one with the higher sequence.
    func check(_ comment: String, in path: String? = nil) throws {
        var found: [Int64: (sequence: Int64, text: String)] = [:]
        for reading in try RawReader(path ?? rig.path).readings["C2.level"] ?? []
        where reading.sequence > found[reading.time]?.sequence ?? 0 {
            found[reading.time] = (reading.sequence, reading.text)
        }
        #expect(found.mapValues { "\($0)" } == expected.mapValues { "\($0)" }, "\(comment)")
    }

    /// Imported spans lie one behind the other.
    func checkOrder() throws {
        let overlaps = try shell(
            rig.path,
            """
            SELECT a.id, b.id FROM span a JOIN span b ON a.scan_group = b.scan_group AND a.id <> b.id
            WHERE a.t0 <= b.t1 AND b.t0 <= a.t1
            """)
        #expect(overlaps.isEmpty)
        #expect(
            try shell(rig.path, "SELECT count(*) FROM chunk") == shell(rig.path, "SELECT count(*) FROM span"))
    }
}

@Suite("Sealing imported rows")
struct ImportSealerTests {
    @Test func aFullSpanIsSealedAtOnceAndARestWhenNothingComesAnyMore() throws {
        let imported = try ImportSealerRig()
        try imported.add((0..<2000).map { $0 * 1000 })
        let now = imported.rig.clock.now
        while try imported.sealer.step(imported.rig.store, now: now) {}
        #expect(try shell(imported.rig.path, "SELECT n FROM span") == [["900"], ["900"]])
        #expect(try !imported.sealer.step(imported.rig.store, now: now + ImportSealer.interval))
        try imported.add([6_000_000])
        #expect(try !imported.sealer.step(imported.rig.store, now: now + ImportSealer.idle), "another one came")
        while try imported.sealer.step(imported.rig.store, now: now + ImportSealer.idle * 2 + 1) {}
        #expect(try shell(imported.rig.path, "SELECT n FROM span ORDER BY id") == [["900"], ["900"], ["200"], ["1"]])
        #expect(try shell(imported.rig.path, "SELECT count(*) FROM waiting") == [["0"]])
        try imported.check("in order")
    }

    @Test func rowsThatFallIntoASpanAreSealedAnewWithIt() throws {
        let imported = try ImportSealerRig()
        try imported.add((0..<900).map { $0 * 1000 })
        try imported.sealAll()
        try imported.add([500, 1000, 450_500, 899_000])
        try imported.sealAll()
        #expect(
            try shell(imported.rig.path, "SELECT n, t0, t1, first_sequence, last_sequence FROM span ORDER BY t0")
                == [["451", "0", "449000", "1", "902"], ["451", "450000", "899000", "451", "904"]])
        #expect(imported.rig.store.tally.resealedReadings == 900)
        try imported.check("merged")
        try imported.checkOrder()
    }

    /// Files in any order, over each other, of two types: what came last counts, and nothing is there twice.
    @Test(arguments: [41, 42, 43, 44] as [UInt64])
    func anyOrderOfFilesIsReadAsTheLastOfEachTime(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let imported = try ImportSealerRig()
        for _ in 0..<12 {
            let start = Int64.random(in: 0...3_000, using: &random) * 1000
            let step = Int64.random(in: 1...40, using: &random) * 250
            let count = Int64.random(in: 1...1200, using: &random)
            let type: ValueType = Int.random(in: 0..<4, using: &random) == 0 ? .uint16 : .float64
            try imported.add((0..<count).map { start + $0 * step }, type)
            if Bool.random(using: &random) { try imported.sealAll() }
            try imported.check("seed \(seed)")
        }
        try imported.sealAll()
        try imported.check("seed \(seed)")
        try imported.checkOrder()
        #expect(try RawReader(imported.rig.path).readings["C2.level"]?.count == imported.expected.count, "seed \(seed)")
    }

    @Test func aKillLeavesTheSameReadingsWhereverItStrikes() throws {
        var path = ""
        var imported: ImportSealerRig?
        let faults = FaultPoints { number, name in
            let copy = try copyOfFiles(path)
            try imported?.check("point \(number), \(name)", in: copy.history)
        }
        let used = try ImportSealerRig(faults)
        (imported, path) = (used, used.rig.path)
        try used.add((0..<1000).map { $0 * 1000 })
        try used.sealAll()
        try used.add([500, 700_000, 950_500])
        try used.sealAll()
        #expect(faults.reached > 20)
        try used.check("at the end")
    }

    @Test func aDamagedSpanLeavesTheRowsWaiting() throws {
        let imported = try ImportSealerRig()
        try imported.add((0..<900).map { $0 * 1000 })
        try imported.sealAll()
        try imported.rig.store.queue.write { try $0.execute(sql: "UPDATE chunk SET crc = crc + 1") }
        try imported.add([500])
        let now = imported.rig.clock.now + ImportSealer.interval
        #expect(try !imported.sealer.step(imported.rig.store, now: now))
        let error = #expect(throws: HistoryError.self) {
            try imported.sealer.step(imported.rig.store, now: now + ImportSealer.idle)
        }
        #expect(error?.description.contains("the checksum of tag 3 does not match") == true)
        #expect(try shell(imported.rig.path, "SELECT time FROM waiting") == [["500"]])
        // It is not tried again and again.
        #expect(try !imported.sealer.step(imported.rig.store, now: now + ImportSealer.idle * 2))
    }
}
