import Archive
import GRDB
import Plant

/// Keeps `hour` and `day` right: what the readings of each tag come to in each hour and each local day.
///
/// What is not right, or not there yet, is in `rollup_due`. Hours get there when they are over, and again when a reading
/// comes that changes what they come to: a late one, an imported one, the next one of a slow group. So a restart, a
/// backlog and a correction are one case. Readers take a roll-up only when it is not due.
///
/// A day is made of its hours. So it is right also when the readings of its morning are deleted: hours outlive them, and
/// an hour that is deleted is never made again. What lies before the horizon is final.
struct RollUps: Chore {
    /// Milliseconds of an hour, and of most days.
    static let hour: Int64 = 3_600_000
    static let day = 24 * hour
    /// How long after its end an hour is taken to be over. No scan takes longer than a minute; a recorder that lags
    /// further behind makes the hour due again.
    static let settles: Int64 = 300_000
    /// Tags and hours of one transaction: some milliseconds, since statistics answer for whole chunks.
    static let batch = 64
    /// Hours looked at in one step: a value may stand for three periods of an hourly group, so some are seldom enough.
    static let hours = 100

    /// Whose days count.
    private var clock: WallClock
    private var days: BucketGrid
    private var pause = Pause()

    init(on clock: WallClock) { (self.clock, days) = (clock, clock.grid(every: RollUps.day)) }

    /// In a zone that this machine does not know, the days are those of UTC.
    init(of plant: Plant) { self.init(on: WallClock(named: plant.timeZone) ?? .utc) }

    mutating func changeOver(to plant: Plant) { self = RollUps(of: plant) }

    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool {
        guard !pause.lasts(at: now) else { return false }
        let isOver = try store.look { try nextHour(in: $0, now: now) != nil }
        let limit = isOver ? nil : try store.look { try DueHours.limit(in: $0, now: now) }
        if !isOver, limit == nil {
            if try store.look({ try DueHours.areAny(in: $0) }) { pause.begin(at: now) }
            return false
        }
        try store.transaction { database in
            if let limit { try work(in: database, store, before: limit) } else { try passHours(in: database, now: now) }
        }
        return true
    }

    // MARK: Hours that are over

    /// The first hour that was not passed yet, when it is over.
    private func nextHour(in database: Database, now: Int64) throws -> Int64? {
        let over = RollUps.hour(containing: now - RollUps.settles)
        guard let next = try Mark.rolledTo.number(in: database) ?? HourOfReadings.first(from: 0, in: database) else {
            return nil
        }
        // The clock was ahead and is right again: what is read now is not late, and those hours will be over once more.
        if next > over + RollUps.hour { return over - RollUps.hour }
        return next < over ? next : nil
    }

    /// Makes hours that are over due for the tags that were read in them, or stood in them, until there is one. Where
    /// nothing was read for long, goes on to where it is again.
    private func passHours(in database: Database, now: Int64) throws {
        guard var next = try nextHour(in: database, now: now) else { return }
        let end = RollUps.hour(containing: now - RollUps.settles)
        var due = try takeOverDays(at: next, in: database)
        for _ in 0..<RollUps.hours where due == 0 && next < end {
            let passed = next
            let layouts = try HourOfReadings(start: passed).makeDue(in: database)
            due += layouts
            next += RollUps.hour
            // An hour that was read and is due already is no reason to look further away.
            if layouts == 0 { next = min(end, max(next, try HourOfReadings.first(from: next, in: database) ?? end)) }
            let day = days.bucket(containing: passed)
            if day.upperBound <= next { due += try RollUpDue.add(lastHour: passed, of: day, in: database) }
        }
        try Mark.rolledTo.set(next, in: database)
        try Mark.timeZone.set(clock.name, in: database)
    }

    /// The plant's days are those of another zone now. The one before this one may have been over before the change,
    /// and then nobody has made it; all earlier ones stay those of the zone before.
    private func takeOverDays(at time: Int64, in database: Database) throws -> Int {
        guard let zone = try Mark.timeZone.text(in: database), zone != clock.name else { return 0 }
        let last = days.bucket(containing: days.bucket(containing: time).lowerBound - 1)
        return try RollUpDue.add(lastHour: RollUps.hour(containing: last.upperBound - 1), of: last, in: database)
    }

    // MARK: What is due

    private func work(in database: Database, _ store: HistoryStore, before limit: Int64) throws {
        let due = try Row.fetchAll(
            database, sql: "SELECT tag, hour FROM rollup_due WHERE hour < ? ORDER BY tag, hour LIMIT ?",
            arguments: [limit, RollUps.batch])
        let horizon = try Mark.rawFrom.number(in: database) ?? .min
        let archive = try store.archive(on: database)
        let names = try archive.tags()
        let tags = Dictionary(names.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var touched: [TagDay] = []
        for row in due {
            let (number, start): (Int64, Int64) = (row["tag"], row["hour"])
            try database.execute(sql: "DELETE FROM rollup_due WHERE tag = ? AND hour = ?", arguments: [number, start])
            guard let tag = tags[number] else { continue }
            // What was deleted on purpose cannot be counted again; what it came to stays. Its day may be one that was
            // not made yet.
            if start >= horizon { try write(.hour, of: tag, start..<(start + RollUps.hour), archive, to: database) }
            for time in [start, start + RollUps.hour - 1] {
                let day = TagDay(tag: number, days.bucket(containing: time))
                if touched.last != day { touched.append(day) }
            }
        }
        for day in touched where day.canBeMade(horizon: horizon) { try rollUp(day, tags, archive, in: database) }
    }

    /// Rolls up a day of which all hours are.
    private func rollUp(
        _ day: TagDay, _ tags: [Int64: StoredTag], _ archive: Archive, in database: Database
    ) throws {
        guard let tag = tags[day.tag], let rolledTo = try Mark.rolledTo.number(in: database),
            day.span.upperBound <= rolledTo
        else { return }
        let isDue = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM rollup_due WHERE tag = ? AND hour > ? AND hour < ?)",
            arguments: [day.tag, day.span.lowerBound - RollUps.hour, day.span.upperBound])
        if isDue == false { try write(.day, of: tag, day.span, archive, to: database) }
    }

    /// What cannot be read for damage cannot be counted, and must not hold up all others: there is then no roll-up but
    /// the one made before, and `cupel verify` tells where the damage is.
    private func write(
        _ table: RollUp, of tag: StoredTag, _ range: Range<Int64>, _ archive: Archive, to database: Database
    ) throws {
        var whole: Aggregate?
        do {
            let options = AggregateOptions(making: table == .day ? .day : .hour)
            try archive.aggregates(of: tag, from: range.lowerBound, to: range.upperBound, .whole, options) {
                whole = $0
            }
        } catch ArchiveError.damagedChunk {
            return
        }
        if table == .hour {
            let known = try table.known(of: tag, at: range.lowerBound, in: database)
            if known.count > whole?.count ?? 0, try LostReadings.are(of: tag, in: range, database) { return }
            if tag.isCounter, known.last != whole?.last || known.lastTime != whole?.lastTime {
                try RollUpDue.add(hourBehind: range.lowerBound, of: tag.id, in: database)
            }
        }
        try table.write(
            whole, of: tag, at: range.lowerBound, end: table == .day ? range.upperBound : nil, to: database)
    }
}

/// A local day of one tag.
private struct TagDay: Equatable {
    let tag: Int64
    let span: Range<Int64>

    init(tag: Int64, _ span: Range<Int64>) { (self.tag, self.span) = (tag, span) }

    /// Of a day that begins before the horizon, the hours say what was read until there; but where the clock is a part
    /// of an hour off UTC, the ends of the day lie inside of hours, and only readings can tell what belongs to it. Such
    /// a day stays what it was: when it was made, all of its readings were there.
    func canBeMade(horizon: Int64) -> Bool {
        [span.lowerBound, span.upperBound].allSatisfy { end in
            let hour = RollUps.hour(containing: end)
            return hour == end || hour >= horizon
        }
    }
}
