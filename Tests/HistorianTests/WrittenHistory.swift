import Chunks
import Foundation
import GRDB
import Plant
import Store
import TestSupport

import struct Plant.Tag

@testable import Historian

/// A history as a daemon leaves it after hours, written table by table: what is in it is known without reading it.
struct WrittenHistory {
    let path: String
    let plant: Plant
    /// UTC milliseconds of the first scan.
    static let start: Int64 = 1_767_434_400_000
    static let period: Int64 = 1000

    /// Scans of each group in spans of `spanScans`, then in `waiting`, then in `hot`.
    var spans = 4
    var spanScans = 120
    var waiting = 10
    var hot = 20

    var scans: Int { spans * spanScans + waiting + hot }

    static func plant() throws -> Plant {
        try .test([
            [
                SlotSpec(name: "temp", type: .float32), SlotSpec(name: "flow", type: .int16, scale: 0.1, offset: 5),
                SlotSpec(name: "total", type: .uint32), SlotSpec(name: "batch", type: .string(registers: 4)),
            ],
            [SlotSpec(name: "level", type: .uint16)],
        ])
    }

    init(
        _ path: String, spans: Int = 4, spanScans: Int = 120, waiting: Int = 10, hot: Int = 20, seed: UInt64 = 1
    ) throws {
        (self.path, plant) = (path, try WrittenHistory.plant())
        (self.spans, self.spanScans, self.waiting, self.hot) = (spans, spanScans, waiting, hot)
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
        try HistorySchema.migrator.migrate(queue)
        let plant = plant
        let catalogue = try queue.write {
            try Catalogue(writing: plant, to: $0, at: WrittenHistory.start, Ledger(reading: $0))
        }
        try queue.close()
        let connection = try PlainConnection(path, .writing)
        try connection.execute("BEGIN; UPDATE layout SET period_ms = \(WrittenHistory.period)")
        var random = SeededRandom(seed: seed)
        for group in plant.groups {
            try write(group, catalogue.groups[group.id], to: connection, &random)
        }
        try connection.execute(
            """
            INSERT INTO event(t0, t1, kind) VALUES (\(WrittenHistory.start), \(WrittenHistory.start), 'started');
            COMMIT
            """)
        _ = BeaconFile(of: path).write(Beacon(ordinal: ordinal(scans - 1, 1), time: time(scans)))
    }

    func time(_ scan: Int) -> Int64 { WrittenHistory.start + Int64(scan) * WrittenHistory.period }
    func ordinal(_ scan: Int, _ group: Int) -> Int64 { Int64(scan * plant.groups.count + group + 1) }

    /// Writes to the file as the daemon would not.
    func change(_ sql: String) throws { try PlainConnection(path, .writing).execute(sql) }

    func verify(_ depth: Verify.Depth = .whole) throws -> VerifyReport {
        try Verify(path: path, depth: depth).history()
    }

    // MARK: Values

    private func columns(_ first: Int, _ group: ScanGroup) -> SpanColumns {
        var columns = SpanColumns()
        for scan in first..<(first + spanScans) {
            columns.times.append(time(scan))
            columns.took.append(Int64(scan % 7))
            columns.sequences.append(UInt64(scan + 1))
            columns.ordinals.append(ordinal(scan, group.id))
        }
        // Every other span has a scan that was lost.
        if first / spanScans % 2 == 1 {
            columns.losses = (0..<spanScans).map { $0 == 7 ? .timeout : .good }
        }
        return columns
    }

    private func column(_ type: ValueType, _ span: SpanColumns, _ random: inout SeededRandom) -> TagColumn {
        var column = TagColumn()
        var level = random.next() % 1000
        for index in span.times.indices {
            let isLost = !span.losses.isEmpty && !span.losses[index].isGood
            if type.isString {
                column.texts.append(isLost ? "" : "H\(index / 50)")
            } else {
                level = level &+ random.next() % 9
                let bits = type == .float32 ? UInt64((Float(level) / 10).bitPattern) : level & 0x7FFF
                column.bits.append(isLost ? 0 : bits)
            }
        }
        if !span.losses.isEmpty { column.qualities = span.losses }
        return column
    }

    private func write(
        _ group: ScanGroup, _ known: Catalogue.Group, to connection: PlainConnection, _ random: inout SeededRandom
    ) throws {
        let numbers = try connection.statement("SELECT tag FROM slot WHERE layout = ? ORDER BY slot")
        numbers.bind(known.layout, at: 1)
        var tags: [Int64] = []
        while try numbers.step() { tags.append(numbers.integer(0)) }
        for span in 0..<spans {
            let columns = columns(span * spanScans, group)
            let data = columns.encoded()
            let id = Int64(span * plant.groups.count + group.id + 1)
            try insertSpan(id, known, columns, data, into: connection)
            for (slot, tag) in group.tags.enumerated() {
                let type = plant.tags[tag].type
                let traits = ChunkTraits(
                    type: type, isStepped: type != .float32 && type.isString, isCounter: false,
                    period: WrittenHistory.period)
                let bytes = Chunk.encode(column(type, columns, &random), columns, traits)
                try insertChunk(ChunkKey.of(tag: tags[slot], span: id), bytes, into: connection)
            }
        }
        let sealed = spans * spanScans
        for scan in sealed..<(sealed + waiting) { try insertRow("waiting", scan, group, known, into: connection) }
        // The last rows of the newest span are still there, under the cut.
        for scan in (sealed - 5)..<sealed { try insertRow("hot", scan, group, known, into: connection) }
        for scan in (sealed + waiting)..<scans { try insertRow("hot", scan, group, known, into: connection) }
        try connection.execute(
            """
            UPDATE scan_group SET cut = \(ordinal(sealed + waiting - 1, group.id)), sequence = \(sealed + waiting),
                longest_ms = \(Int64(spanScans - 1) * WrittenHistory.period) WHERE id = \(known.number)
            """)
    }

    private func insertSpan(
        _ id: Int64, _ known: Catalogue.Group, _ columns: SpanColumns, _ data: [UInt8], into connection: PlainConnection
    ) throws {
        let insert = try connection.statement(
            """
            INSERT INTO span(id, scan_group, layout, n, t0, t1, first_ordinal, last_ordinal, first_sequence,
                last_sequence, crc, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        let last = columns.times.count - 1
        let numbers: [Int64] = [
            id, known.number, known.layout, Int64(columns.times.count), columns.times[0], columns.times[last],
            columns.ordinals[0], columns.ordinals[last], Int64(columns.sequences[0]), Int64(columns.sequences[last]),
        ]
        for (index, number) in numbers.enumerated() { insert.bind(number, at: index + 1) }
        try data.withUnsafeBytes { bytes in
            insert.bind(Int64(CRC32C.of(key: id, bytes)), at: 11)
            insert.bind(bytes, at: 12)
            try insert.run()
        }
    }

    private func insertChunk(_ key: Int64, _ data: [UInt8], into connection: PlainConnection) throws {
        let insert = try connection.statement("INSERT INTO chunk(key, crc, data) VALUES (?, ?, ?)")
        try data.withUnsafeBytes { bytes in
            insert.bind(key, at: 1)
            insert.bind(Int64(CRC32C.of(key: key, bytes)), at: 2)
            insert.bind(bytes, at: 3)
            try insert.run()
        }
    }

    private func insertRow(
        _ table: String, _ scan: Int, _ group: ScanGroup, _ known: Catalogue.Group, into connection: PlainConnection
    ) throws {
        let isHot = table == "hot"
        let insert = try connection.statement(
            """
            INSERT INTO \(table)(\(isHot ? "id" : "time"), ordinal, scan_group, sequence, layout, took_ms, v)
            VALUES (?, ?, ?, ?, ?, 3, ?)
            """)
        let ordinal = ordinal(scan, group.id)
        let numbers = [
            isHot ? time(scan) << 20 | ordinal & 0xFFFFF : time(scan), ordinal, known.number, Int64(scan + 1),
            known.layout,
        ]
        for (index, number) in numbers.enumerated() { insert.bind(number, at: index + 1) }
        let values = group.tags.map { plant.tags[$0].type.isString ? "\"H\"" : "\(scan % 500)" }
        insert.bind("[\(values.joined(separator: ","))]", at: 6)
        try insert.run()
    }
}
