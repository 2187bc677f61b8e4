import Journal
import Performance
import Plant

/// What the journal knows of the alarms between two times.
struct AlarmPast {
    /// UTC milliseconds. Later than was asked when the journal begins later: a rate over days without a daemon is none.
    let from: Int64
    let to: Int64
    private(set) var meter: PerformanceMeter
    private(set) var told = Told()

    /// By which way the annunciations reached operators.
    struct Told: Encodable {
        var single = 0
        var digest = 0
        var grouped = 0
        var counted = 0

        fileprivate mutating func count(_ notice: AlarmNotice) {
            switch notice.told {
            case "digest": digest += 1
            case "grouped": grouped += 1
            case "counted": counted += 1
            // Journals of the first version do not say: everything was told singly.
            default: single += 1
            }
        }
    }

    /// `nil` when the journal begins after `to`.
    init?(_ reader: JournalReader, from: Int64, to: Int64) throws {
        let begin = try reader.notices(after: 0, limit: 1).first?.effectiveTime ?? from
        (self.from, self.to) = (max(from, begin), to)
        guard self.from < to else { return nil }
        meter = PerformanceMeter(from: self.from)
        for record in try AlarmPast.standing(reader, at: self.from) { meter.take(record) }
        var order = TimeOrder()
        try reader.events(from: self.from, to: to, by: .effective) { notice in
            // A call is about an alarm that was counted when operators were told of it.
            guard notice.id != AlarmNotice.daemonID, !notice.isCall else { return }
            if notice.annunciated { told.count(notice) }
            order.add(AlarmRecord(notice)) { meter.take($0) }
        }
        order.finish { meter.take($0) }
    }

    /// The events that made the alarms stand as they did at a time, in order.
    private static func standing(_ reader: JournalReader, at time: Int64) throws -> [AlarmRecord] {
        var records: [AlarmRecord] = []
        for last in try reader.lastEvents(before: time) where !last.isAtRest {
            try reader.events(of: last.id, before: time) { notice in
                guard !notice.isAtRest else { return false }
                let newer = records.last.flatMap { $0.alarm == notice.id ? $0.what : nil }
                if notice.matters(before: newer) { records.append(AlarmRecord(notice)) }
                return !notice.beginsAnew
            }
        }
        return records.sorted { $0.time < $1.time }
    }
}

/// Puts records in the order of time: an event with a delay is found after others that took effect later.
struct TimeOrder {
    /// Records that one may come too late by.
    static let limit = 1000

    private var held: [AlarmRecord] = []

    mutating func add(_ record: AlarmRecord, _ body: (AlarmRecord) -> Void) {
        let place = held.lastIndex { $0.time <= record.time }.map { $0 + 1 } ?? 0
        held.insert(record, at: place)
        guard held.count == 2 * TimeOrder.limit else { return }
        held.prefix(TimeOrder.limit).forEach(body)
        held.removeFirst(TimeOrder.limit)
    }

    mutating func finish(_ body: (AlarmRecord) -> Void) {
        held.forEach(body)
        held = []
    }
}

extension AlarmRecord {
    init(_ notice: AlarmNotice) {
        let reasons = [notice.why, notice.detail].compactMap(\.self)
        self.init(
            alarm: notice.id, what: notice.what, time: notice.effectiveTime, occurrence: notice.occ,
            priority: notice.priority.flatMap(Priority.init) ?? .low, annunciated: notice.annunciated,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "), who: notice.who)
    }
}

extension AlarmNotice {
    /// After it nothing of the alarm's past matters: no condition, no overlay, nobody who should acknowledge.
    fileprivate var isAtRest: Bool { state == "NORM" || state == "LATAK" || what == "retired" }

    /// All that is known of the alarm follows from this event: it stands in sight, and was told.
    fileprivate var beginsAnew: Bool { what == "raise" || what == "raise-exit" }

    /// Under an overlay a condition may come and go for months; only where it is in the end counts.
    fileprivate func matters(before newer: String?) -> Bool {
        let hidden: Set<String> = ["raise-suppressed", "clear-suppressed"]
        if hidden.contains(what), let newer, hidden.contains(newer) { return false }
        return !["level-up", "level-down", "re-alarm", "restored", "amended", "test", "escalate"].contains(what)
    }
}
