import Chunks
import Glibc
import GRDB
public import Plant
public import Store

/// Copies everything that can still be read out of a damaged history into a new file.
///
/// Spans and chunks are taken whole or not at all, by their checksums. A chunk that is gone leaves bad readings at the
/// times of its scans; a span that is gone leaves a hole. Both are written down as events, so that the new file
/// explains itself. The damaged file is never changed and never deleted.
public struct Salvage {
    /// The damaged history.
    public var path: String
    /// The new file; beside the damaged one when `nil`.
    public var out: String?
    /// Puts the new file in the damaged one's place, which is moved aside.
    public var isInPlace = false

    public init(path: String) { self.path = path }

    /// Readings that are gone, or rows of another table.
    public struct Loss: Sendable, Hashable, Codable {
        /// A tag, or a scan group when all its tags are meant; `nil` for what no name could be found for.
        public var subject: String?
        /// UTC milliseconds, half-open.
        public var start: Int64
        public var end: Int64
        public var text: String
        /// `nil` for readings; the table that lost rows otherwise.
        public var table: String?
    }

    public struct Result: Sendable, Hashable, Codable {
        /// The new file, under the name it has now.
        public var path: String
        /// Where the damaged files are, if they were moved.
        public var aside: String?
        /// Rows that were copied, by table.
        public var kept: [String: Int] = [:]
        public var losses: [Loss] = []
        /// Losses beyond `lossLimit`; one event stands for them all.
        public var more = 0
        /// What `verify` still finds wrong with the new file: names or layouts that nothing could mend.
        public var left = 0
    }

    /// What is told one by one: each is an event.
    static let lossLimit = 10_000
    /// The quality of readings whose chunk is gone: the fault is on this machine.
    static let lostQuality = Quality.localFault

    /// - Throws: `StoreError.held` while a daemon runs; `.corrupt` when not even the tables' names can be read. Nothing
    ///   was changed then.
    public func run(
        clock: some PlantClock, progress: (CareProgress) -> Void = { _ in }
    ) throws(StoreError) -> Result {
        let lock: FileLock
        do {
            lock = try FileLock(guarding: path)
        } catch {
            throw StoreError(path: path, error)
        }
        defer { lock.release() }
        let now = clock.wall() / 1_000_000
        let target = out ?? path + ".salvaged"
        guard !DurableFile.exists(target) else {
            throw .refused(path: target, reason: "it is there already; move it away, or name another with --out")
        }
        let beacon = BeaconCheck(path)
        let source = try open()
        try checkSpace(for: target)
        try Salvage.makeEmpty(target)
        var result = Result(path: target)
        do {
            let copy = try PlainConnection(target, .writing)
            try copy.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
            var copier = try SalvageCopier(from: source, to: copy)
            try copier.run(progress)
            try copy.execute("COMMIT")
            result.kept = copier.kept
            let holes = try HoleLosses(copier.holes, in: copy, beacon, now: now)
            try tell(copier.losses + holes.losses(), beacon.unknown(to: copy), now, copy, &result)
            try SalvagedRollUps(copy, holes).makeDue(without: result.losses)
            var left = VerifyReport(path: target)
            try HistoryCheck(copy, depth: .quick).run(&left) { _ in }
            result.left = left.damages
        }
        try OnlineBackup.makeSelfContained(target)
        DurableFile.give(target, to: path)
        try DurableFile.sync(target)
        if isInPlace {
            let aside = FileExchange.directory(path) + "/damaged-" + BackupFolder.stamp(now)
            try FileExchange(target: path, aside: aside).run(with: target)
            (result.path, result.aside) = (path, aside)
        } else {
            try DurableFile.sync(FileExchange.directory(target))
        }
        return result
    }

    private func open() throws(StoreError) -> PlainConnection {
        let source = try PlainConnection.salvager(path).0
        let found = try source.integer("PRAGMA application_id") ?? 0
        guard found == Int64(HistorySchema.applicationID) else {
            throw .notOurs(path: path, applicationID: Int32(found), expected: HistorySchema.applicationID)
        }
        guard try source.integer("SELECT 1 FROM sqlite_master WHERE name = 'span'") != nil else {
            throw .corrupt(path: path, detail: "its tables are not those of \"2 sealed\"")
        }
        return source
    }

    private func checkSpace(for target: String) throws(StoreError) {
        let needed = (DurableFile.bytes(path) ?? 0) + (DurableFile.bytes(path + "-wal") ?? 0) + Backup.spareBytes
        let free = try DurableFile.freeBytes(at: FileExchange.directory(target))
        guard free >= needed else {
            throw .refused(path: target, reason: "\(needed >> 20) MB are needed, \(free >> 20) MB are free")
        }
    }

    private static func makeEmpty(_ target: String) throws(StoreError) {
        do {
            let queue = try DatabaseQueue(path: target)
            try HistorySchema.migrator.migrate(queue)
            try queue.close()
        } catch {
            throw StoreError(path: target, error)
        }
    }

    // MARK: What is gone

    /// Finds the holes in the new file, and writes an event for each loss.
    private func tell(
        _ lost: [Loss], _ tail: Loss?, _ now: Int64, _ copy: PlainConnection, _ result: inout Result
    ) throws(StoreError) {
        var report = VerifyReport(path: path)
        try HistoryCheck(copy, depth: .quick).run(&report) { _ in }
        var losses = lost
        for finding in report.findings where finding.kind == .sequence || finding.kind == .gap {
            guard let start = finding.start, let end = finding.end else { continue }
            losses.append(Loss(subject: finding.subject, start: start, end: end, text: finding.text))
        }
        if let tail { losses.append(tail) }
        losses = Salvage.merged(losses)
        result.more = max(0, losses.count - Salvage.lossLimit)
        result.losses = Array(losses.prefix(Salvage.lossLimit))
        try copy.execute("BEGIN")
        for loss in result.losses { try Salvage.insert(loss, into: copy, now) }
        let rest = losses.dropFirst(Salvage.lossLimit)
        if let start = rest.map(\.start).min(), let end = rest.map(\.end).max() {
            try Salvage.insert(
                Loss(subject: nil, start: start, end: end, text: "\(result.more) more losses"), into: copy, now)
        }
        let text = "everything that could be read was copied out of a damaged file"
        try Salvage.insert(Loss(subject: nil, start: now, end: now, text: text), into: copy, now)
        try copy.execute("COMMIT")
    }

    private static func insert(
        _ loss: Loss, into copy: PlainConnection, _ now: Int64
    ) throws(StoreError) {
        let insert = try copy.statement(
            "INSERT INTO event(t0, t1, kind, subject, text) VALUES (?, ?, 'salvaged', ?, ?)")
        // Rows of other tables explain no gap: their event is an instant.
        insert.bind(loss.table == nil ? loss.start : now, at: 1)
        insert.bind(loss.table == nil ? loss.end : now, at: 2)
        insert.bind(loss.subject, at: 3)
        let range = loss.table == nil ? "" : ", from \(UTCTime.text(loss.start)) to \(UTCTime.text(loss.end))"
        insert.bind(loss.text + range, at: 4)
        try insert.run()
    }

    /// By subject and time; stretches of one subject that touch become one.
    static func merged(_ losses: [Loss]) -> [Loss] {
        let sorted = losses.sorted {
            ($0.table ?? "", $0.subject ?? "", $0.start, $0.end) < ($1.table ?? "", $1.subject ?? "", $1.start, $1.end)
        }
        var merged: [Loss] = []
        for loss in sorted {
            if let last = merged.last, last.subject == loss.subject, last.table == loss.table, loss.start <= last.end {
                merged[merged.count - 1].end = max(last.end, loss.end)
            } else {
                merged.append(loss)
            }
        }
        return merged
    }
}
