import Archive
import ArgumentParser
import CBaseline
import Glibc
import Plant

/// What years of readings cost, and how fast they answer, beside plain rows of the same readings.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Bytes a reading, readings a second and milliseconds a question, beside plain rows in SQLite.",
        discussion: """
            A made-up plant of 1 000 tags on 20 controllers is recorded with one commit a plant second. Plain rows are \
            WITHOUT ROWID, by tag and time, with the same settings. Their bytes written are those of a table that holds \
            all hours already, because they grow with it. \
            Times are CPU times of one thread, with the pages in memory.
            """)

    @Option(help: "Hours of the plant.") var hours = 3
    @Option(help: "Hours of the plant whose temperatures and flows are float32.") var floatHours = 1
    @Option(help: "Runs of every question.") var trials = 7
    @Option(help: "Where the databases are made: on a disk, not in memory.") var scratch = "/tmp"

    func validate() throws {
        // The hours of the roll-ups are whole ones that are over.
        guard hours >= 2, floatHours >= 0, trials >= 5 else {
            throw ValidationError("at least two hours, and five trials")
        }
    }

    func run() throws {
        try requireReleaseBuild()
        let directory = try ScratchDirectory(in: scratch)
        let sealed = try Recorded(
            path: "\(directory.path)/history.db", .integers, hours: hours, title: "recording \(hours) h of integers")
        let rows = try StoredRows(path: "\(directory.path)/rows.db", hours: hours)
        print(Figure.heading)
        for figure in try writing(sealed, rows) { print(figure.line) }
        for figure in try questions(sealed, rows) { print(figure.line) }
        for figure in try longPast(sealed, rows) { print(figure.line) }
        guard floatHours > 0 else { return }
        for (registers, title) in [
            (Registers.floats, "60 % of tags noisy float32"), (.roundedFloats, "the same with `resolution:`"),
        ] {
            let floats = try Recorded(
                path: "\(directory.path)/\(registers).db", registers, hours: floatHours,
                title: "recording \(floatHours) h, \(title)")
            print(
                Figure(
                    "sealed, \(title): payload", unit: "B/reading",
                    [Double(floats.size.payload) / Double(floats.size.readings)], decimals: 3
                ).line)
        }
    }

    // MARK: Writing

    private func writing(_ sealed: Recorded, _ rows: StoredRows) throws -> [Figure] {
        let readings = Double(sealed.size.readings)
        let rowBytes = Double(rows.bytes) / Double(rows.readings)
        return [
            Figure(
                "sealed: chunks and spans, pages", unit: "B/reading", [Double(sealed.size.pages) / readings],
                rows: [rowBytes], target: 0.6, decimals: 3),
            Figure(
                "sealed: payload", unit: "B/reading", [Double(sealed.size.payload) / readings], rows: [rowBytes],
                decimals: 3),
            Figure(
                "the whole file after \(hours) h", unit: "B/reading",
                [Double(sealed.size.file) / Double(sealed.readings)], rows: [rowBytes], decimals: 3),
            Figure(
                "written at one commit a second", unit: "B/reading",
                [Double(sealed.cost.written) / Double(sealed.readings)], rows: [rows.writtenAReading], target: 45,
                decimals: 1),
            Figure(
                "persisted and sealed, one core", unit: "M readings/s",
                [Double(sealed.readings) / Double(sealed.cost.cpu) * 1e3], rows: [rows.millionsASecond], better: .more,
                target: 1),
        ]
    }

    // MARK: Questions

    private func questions(_ sealed: Recorded, _ rows: StoredRows) throws -> [Figure] {
        let ours = try SealedQueries(path: sealed.path, names: sealed.plant.tags.map(\.name))
        let theirs = try RowQueries(path: rows.path, scales: sealed.plant.tags.map(\.scale))
        // Temperatures and flows of several controllers, in an hour that is sealed.
        let tags = (0..<max(trials, 1)).map { $0 * 100 % sealed.plant.tags.count + $0 % 12 }
        let start = PlantData.start + Int64(hours - 1) * 1_800_000
        let end = start + 3_600_000
        let moment = PlantData.start + Int64(hours) * 1_800_000
        func compare(
            _ what: String, _ ours: (count: Int, sum: Double), _ theirs: (count: Int, sum: Double)
        ) throws {
            let difference = abs(ours.sum - theirs.sum)
            guard ours.count == theirs.count, difference <= 1e-9 * abs(theirs.sum) else {
                throw BenchmarkFailure("\(what): cupel answers \(ours), plain rows \(theirs)")
            }
        }
        progress("one tag, one hour")
        for tag in tags {
            try compare(
                "one hour of tag \(tag)", try ours.readings(tag, from: start, to: end),
                try theirs.readings(tag, from: start, to: end))
        }
        let raw = try milliseconds(trials: trials) { _ = try ours.readings(tags[$0], from: start, to: end) }
        let rawRows = try milliseconds(trials: trials) { _ = try theirs.readings(tags[$0], from: start, to: end) }
        progress("all tags at one moment")
        try compare("as-of", try ours.standing(at: moment), try theirs.standing(at: moment))
        let standing = try milliseconds(trials: trials) {
            _ = try ours.standing(at: moment + Int64($0) * 12_345)
        }
        let standingRows = try milliseconds(trials: trials) {
            _ = try theirs.standing(at: moment + Int64($0) * 12_345)
        }
        progress("everything")
        let range = (from: PlantData.start, to: sealed.end)
        var count = 0
        let all = try milliseconds(trials: 1) { _ in
            count = 0
            for tag in sealed.plant.tags { count += try ours.readings(tag.id, from: range.from, to: range.to).count }
        }
        let allRows = try milliseconds(trials: 1) { _ in
            for tag in sealed.plant.tags { _ = try theirs.readings(tag.id, from: range.from, to: range.to) }
        }
        guard count == sealed.readings else {
            throw BenchmarkFailure("\(sealed.readings) readings were written, \(count) come back")
        }
        let readings = Double(count)
        let decoding = try ChunkRate(RawDatabase(sealed.path, 1), sealed.plant).measure(trials: trials)
        return [
            Figure("one tag, 1 h raw", unit: "ms", raw, rows: rawRows, target: 2),
            Figure("as-of over \(sealed.plant.tags.count) tags", unit: "ms", standing, rows: standingRows, target: 10),
            Figure(
                "full scan, tag by tag", unit: "M readings/s", all.map { readings / $0 / 1000 },
                rows: allRows.map { readings / $0 / 1000 }, better: .more, target: 5),
            Figure("decode, without SQLite", unit: "M readings/s", decoding, better: .more, target: 20, decimals: 1),
        ]
    }

    // MARK: A long past

    private func longPast(_ sealed: Recorded, _ rows: StoredRows) throws -> [Figure] {
        progress("making 30 days and a year")
        let past = try LongPast(path: sealed.path)
        let first = try past.repeatSpans(days: 30)
        let ours = try SealedQueries(path: sealed.path, names: sealed.plant.tags.map(\.name))
        let year = try past.repeatHours(of: ours.tags[0].id)
        let (start, end) = (first, first + 30 * 86_400_000)
        let month = try milliseconds(trials: trials) {
            _ = try ours.chart($0, from: start, to: end, points: 1000)
        }
        let charted = try ours.chart(0, from: start, to: end, points: 1000)
        try rows.addMonth(of: 0, from: start, to: end)
        let theirs = try RowQueries(path: rows.path, scales: sealed.plant.tags.map(\.scale))
        let monthRows = try milliseconds(trials: trials) { _ in
            _ = try theirs.chart(0, from: start, to: end, points: 1000)
        }
        guard charted.count > 30 * 86_400 * 9 / 10 else {
            throw BenchmarkFailure("30 days have only \(charted.count) readings")
        }
        let trend = try milliseconds(trials: trials) { _ in
            _ = try ours.trend(0, from: year.start, to: year.end, every: .seconds(86_400))
        }
        return [
            Figure("one tag, 30 days to 1 000 points", unit: "ms", month, rows: monthRows, target: 30),
            Figure("one tag, a year by days, from roll-ups", unit: "ms", trend, target: 30),
        ]
    }
}

/// A history of so many hours, written and closed, and what it cost.
private struct Recorded {
    let path: String
    let plant: Plant
    let readings: Int
    let cost: WrittenHistory.Cost
    let size: SealedSize
    /// UTC milliseconds.
    let end: Int64

    init(path: String, _ registers: Registers, hours: Int, title: String) throws {
        progress(title)
        let history = try WrittenHistory(path: path, registers)
        let before = try history.cost
        try history.write(seconds: hours * 3600)
        cost = try history.cost - before
        (readings, end) = (history.readings, history.end)
        history.close()
        plant = history.plant
        self.path = path
        size = try SealedSize(try RawDatabase(path, 1), path: path)
    }
}

/// The same readings as plain rows.
private struct StoredRows {
    let path: String
    let readings: Int
    let bytes: Int
    let writtenAReading: Double
    let millionsASecond: Double

    /// Seconds of the plant that are written with one commit each, to see what that costs.
    private static let single = 10

    init(path: String, hours: Int) throws {
        progress("writing \(hours) h of plain rows")
        let store = try RowStore(path: path)
        var data = PlantData()
        let begin = baseline_thread_cpu()
        try store.write(&data, seconds: hours * 3600, commit: 600)
        let seconds = Double(baseline_thread_cpu() - begin) / 1e9
        readings = hours * 3600 * data.tagCount
        millionsASecond = Double(readings) / seconds / 1e6
        try store.database.run("PRAGMA wal_checkpoint(TRUNCATE)")
        bytes = storedBytes(path)
        let before = try writtenBytes()
        try store.write(&data, seconds: StoredRows.single, commit: 1)
        try store.database.run("PRAGMA wal_checkpoint(TRUNCATE)")
        writtenAReading = Double(try writtenBytes() - before) / Double(StoredRows.single * data.tagCount)
        self.path = path
    }

    /// A row a second for one tag that has none yet in the range.
    func addMonth(of tag: Int64, from start: Int64, to end: Int64) throws(BenchmarkFailure) {
        let database = try RawDatabase(path)
        try database.run(RawDatabase.settings)
        try database.run(
            """
            WITH RECURSIVE second(time) AS (SELECT \(start) UNION ALL SELECT time + 1000 FROM second
                WHERE time < \(end) - 1000)
            INSERT OR IGNORE INTO reading SELECT \(tag), time, 1200 + time / 1000 % 97, NULL FROM second
            """)
    }
}
