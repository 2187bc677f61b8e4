import GRDB
import Store

extension JournalReader {
    /// Hands over the events of one alarm that took effect before a time (UTC milliseconds), the newest first, until
    /// `body` has seen enough: how it came to stand as it did then.
    ///
    /// A page of them is in memory at a time. It costs a search of an index for each page, however long the journal is.
    ///
    /// - Parameter body: whether it wants the next one, too.
    public func events(of alarm: String, before time: Int64, _ body: (AlarmNotice) throws -> Bool) throws {
        var (end, last) = (time, Int64.min)
        while true {
            let notices = try fetch(JournalReader.backwardsQuery, [alarm, end, end, last])
            for notice in notices where try !body(notice) { return }
            guard notices.count == JournalReader.backwardsPage, let oldest = notices.last else { return }
            (end, last) = (oldest.effectiveTime, oldest.seq)
        }
    }

    /// Few are wanted as a rule: a raise and what was done about it.
    static let backwardsPage = 50

    /// Below a time, or at it with a lower number.
    static let backwardsQuery = """
        \(NoticeRow.select) WHERE alarm = ? AND effective <= ? AND (effective < ? OR seq < ?)
        ORDER BY effective DESC, seq DESC LIMIT \(backwardsPage)
        """
}
