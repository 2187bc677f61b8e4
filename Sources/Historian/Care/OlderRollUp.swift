import Archive
import Chunks
import Plant
import Store

/// A roll-up may differ from its readings because some of them were lost since it was made. It then knows more than
/// they do, and stays.
extension RollUpCheck {
    /// Whether a loss that was told explains the difference, and the roll-up lacks nothing that the readings have.
    func isOlderThanALoss(
        _ row: PlainStatement, _ given: Aggregate, _ tag: StoredTag
    ) throws(StoreError) -> Bool {
        guard RollUpCheck.knowsMore(row, given) else { return false }
        let layouts = check.names.layouts.values.flatMap(\.slots)
        let period = layouts.filter { $0.tag == tag.id }.map(\.traits.period).max() ?? 0
        // The readings on both sides of an hour have a part in it.
        let reach = RollUps.reach(period: period)
        var start = given.start - reach
        if tag.isCounter { start = min(start, try lastGood(of: tag, before: given.start) ?? start) }
        return check.explanations.cover(
            start, given.end + reach, Explanations.ofLosses, subjects: check.names.subjects(of: tag.id))
    }

    /// A counter's rise begins with the good reading before the hour, however long ago that was.
    private func lastGood(of tag: StoredTag, before time: Int64) throws(StoreError) -> Int64? {
        try RollUpCheck.reading(check.connection.path) { () throws(ArchiveError) in
            let cursor = try archive.readings(of: tag, from: 0, to: time, .descending)
            while let reading = try cursor.next() {
                if reading.quality.isGood { return reading.time }
            }
            return nil
        }
    }

    private static func knowsMore(_ row: PlainStatement, _ given: Aggregate) -> Bool {
        let (count, bad) = (row.integer(0), row.integer(1))
        let (here, badHere) = (Int64(given.count), Int64(given.bad))
        guard count >= here, count + bad >= here + badHere else { return false }
        if let min = given.min, row.isNull(2) || row.real(2) > min { return false }
        if let max = given.max, row.isNull(4) || row.real(4) < max { return false }
        if let first = given.firstTime, row.isNull(7) || row.integer(7) > first { return false }
        if let last = given.lastTime, row.isNull(9) || row.integer(9) < last { return false }
        // With as many readings it is of the same ones; what is lost beside them changes only how long they stood.
        return count > here || isSame(row.real(10), given.sum) && isSame(row.real(11), given.squares)
    }
}
