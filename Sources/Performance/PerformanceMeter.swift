public import Plant

/// Takes the journal's records one by one, in order of time, and gives the figures of EEMUA 191 and ISA-18.2.
///
/// The targets are for one operator position: feed it the alarms of one. Memory is bounded by the alarms, the days and
/// the floods of the report and the annunciations of one hour, not by the number of records.
public struct PerformanceMeter: Sendable {
    private static let day: Int64 = 86_400_000

    private let from: Int64
    private let rules: PerformanceRules
    private var lives: [String: AlarmLife]
    private var rate = RateMeter()
    private var floods: FloodMeter
    private var priorities: [Priority: Int] = [:]
    private var acknowledgements = Quantiles()
    private var days: [PerformanceReport.Day] = []
    private var annunciationsToday = 0
    private var today: Int64
    private var latest: Int64
    private var late = 0

    /// - Parameters:
    ///   - from: UTC milliseconds. Records before it only set the state, so history may be fed instead of `standing`.
    ///     Windows begin empty.
    ///   - standing: how alarms stood then.
    public init(from: Int64, standing: [StandingAlarm] = [], rules: PerformanceRules = PerformanceRules()) {
        self.from = from
        self.rules = rules
        lives = .init(standing.map { ($0.alarm, AlarmLife($0)) }) { first, _ in first }
        floods = FloodMeter(rules)
        today = from.flooredQuotient(dividingBy: Self.day)
        latest = .min
    }

    /// The next record. One that is earlier than the one before it counts at that one's time.
    public mutating func take(_ record: AlarmRecord) {
        late += record.time < latest ? 1 : 0
        let time = max(record.time, latest)
        let counts = time >= from
        if counts { endDays(before: time) }
        latest = time
        let took = lives[record.alarm, default: AlarmLife()].take(record.at(time), counts: counts, rules)
        if let took { acknowledgements.add(took) }
        guard counts, record.annunciated else { return }
        rate.add(time)
        floods.add(time)
        priorities[record.priority, default: 0] += 1
        annunciationsToday += 1
    }

    /// Closes the days that end at or before `time`: what stands is counted at each one's end.
    private mutating func endDays(before time: Int64) {
        while (today + 1) * Self.day <= time { endDay(at: (today + 1) * Self.day) }
    }

    private mutating func endDay(at end: Int64) {
        let date = String(UTCTime.text(today * Self.day).prefix(10))
        let standing = lives.values.count { $0.standing(at: end, rules) != nil }
        days.append(PerformanceReport.Day(date: date, annunciations: annunciationsToday, standing: standing))
        annunciationsToday = 0
        today += 1
    }

    /// The figures until `to`, which no record may have reached. More records may follow.
    ///
    /// - Parameter configured: how many alarms of each priority there are; empty when nobody knows.
    public func finish(to end: Int64, configured: [Priority: Int] = [:]) -> PerformanceReport {
        var copy = self
        let to = max(end, latest == .min ? from + 1 : latest, from + 1)
        copy.endDays(before: to)
        if to > max(from, copy.today * Self.day) { copy.endDay(at: to) }
        return copy.report(to: to, configured: configured)
    }

    private func report(to: Int64, configured: [Priority: Int]) -> PerformanceReport {
        let span = Double(to - from)
        let total = Double(rate.total)
        let all = floods.finish(to)
        let flooded = all.reduce(0) { $0 + Double($1.end - $1.begin) }
        return PerformanceReport(
            from: from, to: to, annunciations: rate.total,
            rate: .init(
                perDay: KeyFigure(total * 86_400_000 / span, .atMost(120, .eemua)),
                perHour: KeyFigure(total * 3_600_000 / span, .atMost(5, .eemua)),
                perTenMinutes: KeyFigure(total * 600_000 / span, .atMost(1, .eemua))),
            buckets: rate.buckets(from: from, to: to),
            peak: .init(
                hour: KeyFigure(Double(rate.hour.peak), .atMost(15, .eemua)), hourAt: rate.hour.peakTime,
                tenMinutes: KeyFigure(Double(rate.tenMinuteWindow.peak), .below(10, .isa)),
                tenMinutesAt: rate.tenMinuteWindow.peakTime,
                minute: KeyFigure(Double(rate.minute.peak), .atMost(2, .eemua)), minuteAt: rate.minute.peakTime),
            floods: .init(share: KeyFigure(100 * flooded / span, .below(1, .eemua)), list: all),
            chattering: chattering, fleeting: fleeting, standing: standing(at: to), topTen: topTen,
            annunciated: .init(priorities), configured: configured.isEmpty ? nil : .init(configured),
            shelved: withheld(.shelved, to), suppressed: withheld(.suppressed, to),
            outOfService: withheld(.outOfService, to),
            acknowledgement: .init(
                count: acknowledgements.count, median: acknowledgements[0.5], ninetyFifth: acknowledgements[0.95]),
            days: days, late: late)
    }

    private var chattering: PerformanceReport.Chattering {
        let list = lives.filter { $0.value.chatterRuns > 0 }.map {
            PerformanceReport.Chattering.Alarm(
                alarm: $0.key, runs: $0.value.chatterRuns, raises: $0.value.chatterRaises)
        }.sorted { ($1.raises, $0.alarm) < ($0.raises, $1.alarm) }
        return .init(alarms: KeyFigure(Double(list.count), .atMost(0, .practice)), list: list)
    }

    private var fleeting: PerformanceReport.Fleeting {
        let list = lives.filter { $0.value.fleeting > 0 }.map {
            PerformanceReport.Fleeting.Alarm(alarm: $0.key, fleeting: $0.value.fleeting, raises: $0.value.raises)
        }.sorted { ($1.fleeting, $0.alarm) < ($0.fleeting, $1.alarm) }
        return .init(count: list.reduce(0) { $0 + $1.fleeting }, list: list)
    }

    private func standing(at to: Int64) -> PerformanceReport.Standing {
        let list = lives.compactMap { alarm, life in
            life.standing(at: to, rules).map { PerformanceReport.Standing.Alarm(alarm: alarm, since: $0) }
        }.sorted { ($0.since, $0.alarm) < ($1.since, $1.alarm) }
        let worst = days.map(\.standing).max() ?? 0
        return .init(worstDay: KeyFigure(Double(worst), .below(5, .practice)), list: list)
    }

    private var topTen: PerformanceReport.TopTen {
        let list = lives.filter { $0.value.annunciations > 0 }.map { alarm, life in
            PerformanceReport.TopTen.Alarm(
                alarm: alarm, annunciations: life.annunciations,
                share: 100 * Double(life.annunciations) / Double(rate.total))
        }.sorted { ($1.annunciations, $0.alarm) < ($0.annunciations, $1.alarm) }.prefix(10)
        let sum = list.reduce(0) { $0 + $1.annunciations }
        let share = rate.total > 0 ? 100 * Double(sum) / Double(rate.total) : 0
        return .init(share: KeyFigure(share, .atMost(5, .isa)), list: Array(list))
    }

    private func withheld(_ kind: Withholding, _ to: Int64) -> PerformanceReport.Withheld {
        let list = lives.compactMap { alarm, life in
            life.withheld[kind].map {
                PerformanceReport.Withheld.Alarm(
                    alarm: alarm, since: $0.since, age: max(0, to - $0.since), reason: $0.reason, who: $0.who)
            }
        }.sorted { ($0.since, $0.alarm) < ($1.since, $1.alarm) }
        return .init(count: list.count, oldestAge: list.first?.age, list: list)
    }
}

extension AlarmRecord {
    fileprivate func at(_ time: Int64) -> Self {
        time == self.time
            ? self
            : Self(
                alarm: alarm, what: what, time: time, occurrence: occurrence, priority: priority,
                annunciated: annunciated, reason: reason, who: who)
    }
}
