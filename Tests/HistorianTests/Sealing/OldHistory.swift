import Archive
import Foundation
import GRDB
import Plant
import TestSupport

@testable import Historian

/// A history as the first version wrote it: one group read every second, and one every minute.
struct OldHistory {
    let path: String
    let plant: Plant
    let seconds: Int

    static let begin: Int64 = 1_767_400_000_000

    static func plant() throws -> Plant {
        let plant = try Plant.test([
            [SlotSpec(name: "a", type: .int16), SlotSpec(name: "b", type: .float32)],
            [SlotSpec(name: "a", type: .uint16), SlotSpec(name: "on", type: .bool)],
        ])
        return Plant(
            name: "test", site: "here", timeZone: "UTC", controllers: plant.controllers,
            groups: plant.groups.map { group in
                ScanGroup(
                    id: group.id, controller: group.controller, scan: group.scan, name: group.name,
                    period: .seconds(group.id == 0 ? 1 : 60), tags: group.tags)
            }, tags: plant.tags)
    }

    init(_ path: String, seconds: Int) throws {
        (self.path, self.seconds, plant) = (path, seconds, try OldHistory.plant())
        let queue = try DatabaseQueue(path: path)
        try HistorySchema.migrator.migrate(queue, upTo: "1 scans")
        let maps = try OldHistory.maps(of: plant)
        let seconds = seconds
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO quality VALUES (0, 'good'), (129, 'bad:timeout'), (145, 'bad:out-of-range');
                    INSERT INTO tag VALUES (1, 'C1.a', 'degC', NULL, 'analog', 'int16', NULL),
                        (2, 'C1.b', 'degC', NULL, 'analog', 'float32', NULL),
                        (3, 'C2.a', 'degC', NULL, 'analog', 'uint16', NULL),
                        (4, 'C2.on', 'degC', NULL, 'bool', 'bool', NULL);
                    """)
            for group in 1...2 {
                try database.execute(
                    sql: "INSERT INTO scan_group VALUES (?, ?, ?, ?); INSERT INTO layout VALUES (?, ?, 0, ?)",
                    arguments: [
                        group, "C\(group)/fast", group == 1 ? 1000 : 60_000,
                        group == 1 ? seconds : (seconds + 59) / 60, group, group, maps[group - 1],
                    ])
            }
            try database.execute(
                sql: """
                    INSERT INTO slot(layout, slot, tag, type) VALUES (1, 0, 1, 'int16'), (1, 1, 2, 'float32'),
                        (2, 0, 3, 'uint16'), (2, 1, 4, 'bool')
                    """)
            var id = 0
            func insert(_ second: Int, _ group: Int, _ sequence: Int, _ bad: String?, _ values: String) throws {
                id += 1
                // For a minute, the clock is a minute behind.
                let late = (700..<760).contains(second) ? 60_000 : 0
                try database.execute(
                    sql: "INSERT INTO hot VALUES (?, ?, ?, ?, 1 + (? = 2), 3, ?, ?)",
                    arguments: [
                        id, OldHistory.begin + Int64(second * 1000 + group - late), group, sequence, group, bad, values,
                    ])
            }
            for second in 0..<seconds {
                switch second % 97 {
                case 13: try insert(second, 1, second + 1, #"{"all":129}"#, "[]")
                case 57: try insert(second, 1, second + 1, #"{"0":145}"#, "[null,\(second % 50).5]")
                default: try insert(second, 1, second + 1, nil, "[\(second % 100 - 50),\(second % 50).25]")
                }
                if second % 60 == 0 { try insert(second, 2, second / 60 + 1, nil, "[\(second % 1000),\(second & 1)]") }
            }
            try database.execute(sql: "INSERT INTO event(t0, t1, kind) VALUES (1, 1, 'started')")
        }
        try queue.close()
    }

    /// What the plant's layouts are called, so that they are used on.
    private static func maps(of plant: Plant) throws -> [String] {
        let scratch = try Scratch()
        let store = try HistoryStore(path: scratch.history, plant: plant, time: 0, beginsRun: false)
        return try store.look { try String.fetchAll($0, sql: "SELECT map FROM layout ORDER BY id") }
    }
}

/// What a history answers to every kind of question.
struct Answers {
    /// The questions that two histories answer differently.
    static func differences(_ a: Answers, _ b: Answers) -> [String] {
        zip(Mirror(reflecting: a).children, Mirror(reflecting: b).children).compactMap { a, b in
            "\(a.value)" == "\(b.value)" ? nil : a.label.map { "\($0): \(firstDifference(a.value, b.value))" }
        }
    }

    private static func firstDifference(_ a: Any, _ b: Any) -> String {
        let (a, b) = (
            Mirror(reflecting: a).children.map { "\($0.value)" }, Mirror(reflecting: b).children.map { "\($0.value)" }
        )
        return zip(a, b).first { $0 != $1 }.map { "\($0), not \($1)" } ?? "\(a.count) instead of \(b.count)"
    }

    private(set) var readings: [[StoredReading]] = []
    private(set) var backwards: [[StoredReading]] = []
    private(set) var standing: [[Standing]] = []
    private(set) var slice: [String] = []
    private(set) var aggregates: [String] = []
    private(set) var gaps: [[Gap]] = []
    private(set) var count = 0
    private(set) var scans: [String] = []
    private(set) var sequences: [String] = []
    private(set) var latest: Int64?

    /// - Parameter end: what came later is left out.
    init(_ path: String, _ plant: Plant, before end: Int64 = .max) throws {
        let reader = try HistoryReader(path: path)
        let begin = OldHistory.begin
        for tag in plant.tags.map(\.name) {
            var (up, down): ([StoredReading], [StoredReading]) = ([], [])
            try reader.readings(tag: tag, from: .min, to: end) { up.append($0) }
            try reader.readings(tag: tag, from: begin + 500_000, to: min(end, begin + 1_500_000), .descending) {
                down.append($0)
            }
            readings.append(up)
            backwards.append(down)
            gaps.append(try reader.gaps(tag: tag, from: begin, to: begin + 1_200_000))
            try reader.aggregates(tag: tag, from: begin, to: begin + 1_200_000, .equal(7)) { part in
                // Sums of parts are put together in another order.
                let sums = [part.sum, part.area, part.squares].map { String(format: "%.6g", $0) }
                let ends = [part.min, part.max, part.first, part.last].map { $0 ?? .nan }
                aggregates.append("\(tag) \(part.start) \(part.count) \(part.bad) \(ends) \(sums)")
            }
        }
        for second in [0, 700, 1000, 1300] as [Int64] { standing.append(try reader.at(begin + second * 1000 + 5)) }
        try reader.slice(from: begin + 600_000, to: begin + 900_000) { slice.append("\($0.name) \($1)") }
        count = try reader.count(of: reader.tags(), from: .min, to: .max, atMost: .max)
        try reader.scans(of: plant.tags, from: begin + 100_000, to: min(end, begin + 5_000_000)) {
            scans.append("\($0.time) \($0.group) \($0.sequence) \($0.loss) \($0.took)")
        }
        if end == .max {
            sequences = try reader.newestSequences().map { "\($0) \($1)" }.sorted()
            latest = try reader.latestTime()
        } else {
            count = 0
        }
    }
}
