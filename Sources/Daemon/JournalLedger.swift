import Annunciation
import Journal
import Plant

/// The journal as a sink sees it.
struct JournalLedger: SinkLedger {
    let sink: String
    let journal: Journal
    /// The names of all other sinks.
    let others: @Sendable () -> [String]

    func lines(after sequence: Int64, limit: Int, repeats: Int64) throws -> [AlarmLine] {
        try journal.notices(after: sequence, limit: limit).map { notice in
            var notice = notice
            notice.dup = notice.seq <= repeats
            return AlarmLine(notice)
        }
    }

    func settled(_ sequence: Int64) { journal.acknowledge(sink: sink, sequence: sequence) }

    func record(_ records: [DeliveryRecord]) { journal.record(records) }

    func gaveUp(_ lines: Int, last: AlarmLine, reason: String) {
        // An event about a sink that nobody got needs no event of its own.
        guard last.fields[.what] != DaemonEvent.undelivered.rawValue else { return }
        let what = last.fields[.alarm] ?? "event \(last.sequence)"
        let more = lines > 1 ? " and \(lines - 1) more" : ""
        let time = SystemClock().wall() / 1_000_000
        var notice = AlarmNotice.daemon(
            .undelivered, text: "sink \(sink) gave up \(what)\(more): \(reason); see `cupel sinks letters \(sink)`",
            at: time, annunciated: true)
        notice.priority = Priority.high.rawValue
        notice.onlyTo = others()
        journal.append(JournalEntry(notices: [notice]))
    }
}
