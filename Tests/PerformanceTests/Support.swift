import Performance
import Plant

/// 2026-01-03T00:00:00Z, a boundary of days and of ten minutes.
let midnight: Int64 = 1_767_398_400_000
let second: Int64 = 1000
let minute: Int64 = 60_000
let hour: Int64 = 3_600_000
let day: Int64 = 86_400_000

/// A record `time` milliseconds after midnight.
func record(
    _ what: String, _ alarm: String = "A", at time: Int64, occurrence: Int = 1, _ priority: Priority = .low,
    annunciated: Bool? = nil, reason: String? = nil, who: String? = nil
) -> AlarmRecord {
    AlarmRecord(
        alarm: alarm, what: what, time: midnight + time, occurrence: occurrence, priority: priority,
        annunciated: annunciated ?? ["raise", "raise-exit", "level-up", "re-alarm"].contains(what), reason: reason,
        who: who)
}

func report(
    _ records: [AlarmRecord], from: Int64 = 0, to: Int64 = day, standing: [StandingAlarm] = [],
    configured: [Priority: Int] = [:]
) -> PerformanceReport {
    var meter = PerformanceMeter(from: midnight + from, standing: standing)
    for record in records { meter.take(record) }
    return meter.finish(to: midnight + to, configured: configured)
}

/// One raise of a fresh alarm each.
func raises(_ times: some Sequence<Int64>) -> [AlarmRecord] {
    times.enumerated().map { record("raise", "A\($0.offset)", at: $0.element) }
}
