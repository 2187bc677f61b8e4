import GRDB

extension HistoryStore {
    /// Makes hours due again that were rolled up before these rows came: a backlog after an outage, a clock set back,
    /// the next reading of a group slower than an hour.
    func noteLate(_ batch: borrowing Batch, in database: Database) throws {
        guard let oldest = batch.rows.lazy.map(\.time).min(), let rolledTo = try Mark.rolledTo.number(in: database)
        else { return }
        guard oldest - RollUps.reach(period: catalogue.longestPeriod) < rolledTo else { return }
        for row in batch.rows {
            let group = catalogue.groups[row.group]
            guard row.time - RollUps.reach(period: group.period) < rolledTo else { continue }
            try RollUpDue.add(
                layout: group.layout, readingAt: row.time, period: group.period, rolledTo: rolledTo, in: database)
        }
    }
}
