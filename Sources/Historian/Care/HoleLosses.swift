import Plant
import Store

/// What the holes in the tables have cost, as exactly as what is left can tell.
struct HoleLosses {
    let holes: [SalvageHole]
    let copy: PlainConnection
    let names: StoredNames
    /// UTC milliseconds: before the first there was nothing, and after the last nothing was written.
    let bounds: ClosedRange<Int64>
    private let hasBeacon: Bool

    /// - Parameter copy: what was saved.
    init(
        _ holes: [SalvageHole], in copy: PlainConnection, _ beacon: BeaconCheck, now: Int64
    ) throws(StoreError) {
        (self.holes, self.copy, hasBeacon) = (holes, copy, beacon.isLit)
        names = try StoredNames(copy)
        let times = """
            SELECT min(t0) AS t, max(t1) AS u FROM span UNION ALL SELECT min(time), max(time) FROM waiting
            UNION ALL SELECT min(time), max(time) FROM hot UNION ALL SELECT min(start), max(start) FROM hour
            UNION ALL SELECT min(start), max(start) FROM day UNION ALL SELECT min(hour), max(hour) FROM rollup_due
            UNION ALL SELECT min(t0), NULL FROM event
            """
        let last = max(beacon.time ?? now, try copy.integer("SELECT max(u) FROM (\(times))") ?? .min)
        bounds = min(last, try copy.integer("SELECT min(t) FROM (\(times))") ?? last)...last
    }

    func losses() throws(StoreError) -> [Salvage.Loss] {
        guard !holes.isEmpty else { return [] }
        var losses: [Salvage.Loss] = []
        for group in names.groups { losses += try ScanLosses(group, self).losses() }
        for hole in holes {
            switch hole.table {
            case "waiting", "span": continue
            case "hot": losses += unknownEnd(of: hole).map { [$0] } ?? []
            default: losses += try loss(of: hole).map { [$0] } ?? []
            }
        }
        return losses
    }

    /// Without a beacon nobody knows how far the newest rows went.
    private func unknownEnd(of hole: SalvageHole) -> Salvage.Loss? {
        guard hole.isOpen, !hasBeacon, let range = clamped(hole.times) else { return nil }
        return Salvage.Loss(
            subject: nil, start: range.lowerBound, end: range.upperBound,
            text: "scans from here on may be gone: nothing says how far they went")
    }

    // MARK: Other tables

    private func loss(of hole: SalvageHole) throws(StoreError) -> Salvage.Loss? {
        let tag = hole.owner.map(names.name(ofTag:))
        func told(_ subject: String?, _ range: Range<Int64>?, _ text: String) -> Salvage.Loss? {
            range.map {
                Salvage.Loss(
                    subject: subject, start: $0.lowerBound, end: $0.upperBound, text: text, table: hole.table)
            }
        }
        switch hole.table {
        case "hour":
            return told(
                tag, clamped(hole.times), "hourly roll-ups may be gone; those whose readings are here are made anew")
        case "day":
            return told(
                tag, clamped(hole.times), "daily roll-ups may be gone; those whose hours are here are made anew")
        case "rollup_due":
            return told(tag, clamped(hole.times), "which hours were to be rolled up again is not known")
        case "event":
            let range = try timesOfEvents(around: hole.keys)
            return told(nil, range, "\(HoleLosses.count(hole.keys).map { "at most \($0) " } ?? "")events are gone")
        case "slot":
            return told(nil, clamped(nil), "slots \(HoleLosses.text(hole)) of layout \(hole.owner ?? 0) are gone")
        default:
            return told(nil, clamped(nil), "rows \(HoleLosses.text(hole)) of \(hole.table) are gone")
        }
    }

    /// The recorder gives its events rising numbers, so their neighbours say about when they were.
    private func timesOfEvents(around keys: ClosedRange<Int64>) throws(StoreError) -> Range<Int64>? {
        let before = try copy.integer(
            "SELECT t0 FROM event WHERE id < ? AND id > 0 ORDER BY id DESC LIMIT 1", keys.lowerBound)
        let after = try copy.integer("SELECT t0 FROM event WHERE id > ? ORDER BY id LIMIT 1", keys.upperBound)
        guard keys.lowerBound > 0, let before, before <= after ?? .max else { return clamped(nil) }
        return clamped(before...(after ?? .max))
    }

    private static func count(_ keys: ClosedRange<Int64>) -> Int64? {
        let (count, overflow) = keys.upperBound.subtractingReportingOverflow(keys.lowerBound)
        // Nobody has noted so much: the hole reaches to the end of the table.
        return overflow || count >= 1 << 32 ? nil : count + 1
    }

    private static func text(_ hole: SalvageHole) -> String {
        hole.isOpen ? "from \(hole.keys.lowerBound) on" : "\(hole.keys.lowerBound) to \(hole.keys.upperBound)"
    }

    /// What the history can have held of a time; all of it for a table without times.
    func clamped(_ times: ClosedRange<Int64>?) -> Range<Int64>? {
        let times = times ?? bounds
        guard times.overlaps(bounds) else { return nil }
        let range = times.clamped(to: bounds)
        return range.lowerBound..<range.upperBound + 1
    }
}
