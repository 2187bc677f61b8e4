import Annunciation
import Journal
import Plant

/// The journal as a sink sees it.
struct JournalLedger: SinkLedger {
    let sink: String
    let journal: Journal

    func lines(after sequence: Int64, limit: Int, repeats: Int64) throws -> [AlarmLine] {
        try journal.notices(after: sequence, limit: limit).map { notice in
            var notice = notice
            notice.dup = notice.seq <= repeats
            return AlarmLine(notice, committed: journal.committed(notice.seq))
        }
    }

    func settled(_ sequence: Int64) { journal.acknowledge(sink: sink, sequence: sequence) }

    func record(_ records: [DeliveryRecord]) { journal.record(records) }

    func gaveUp(_ lines: GivenUp) {
        let fields = lines.last.fields
        let alarm = fields[.alarm] == AlarmNotice.daemonID ? fields[.what] : fields[.alarm]
        let more = lines.count > 1 ? " and \(lines.count - 1) more" : ""
        let text =
            "sink \(sink) gave up \(alarm ?? "event \(lines.last.sequence)")\(more): \(lines.reason); "
            + "see `cupel sinks letters \(sink)`"
        var notice = AlarmNotice.daemon(
            .undelivered, text: text, at: SystemClock().wall() / 1_000_000, annunciated: true)
        // Who wants no lines of that priority misses none.
        notice.priority = Priority.allCases[min(lines.rank, Priority.allCases.count - 1)].rawValue
        notice.notTo = sink
        journal.append(JournalEntry(notices: [notice]))
    }
}
