import Performance
import Plant
import TestSupport
import Testing

/// Random journals, each figure beside its definition over all records.
@Suite struct NaiveReportTests {
    static func journal(_ random: inout SeededRandom) -> [AlarmRecord] {
        let words = [
            "raise", "raise", "raise", "clear", "clear", "clear", "ack", "level-up", "raise-exit", "shelve", "unshelve",
            "suppress", "unsuppress", "raise-suppressed", "clear-suppressed", "out-of-service", "return", "retired",
        ]
        var time: Int64 = -hour
        return (0..<400).map { _ in
            time += random.pick([0, 1, second, 3 * second, 3 * second, 20 * second, minute, 10 * minute, 2 * hour])
            return record(
                random.pick(words), "A\(random.next() % 6)", at: time, occurrence: Int(random.next() % 3),
                random.pick(Priority.allCases))
        }
    }

    @Test(arguments: 0..<150 as Range<UInt64>)
    func `every figure is as defined`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let all = Self.journal(&random)
        let to = (all.last.map(\.time) ?? midnight) - midnight + random.pick([1, hour, 2 * day])
        let seen = report(all, to: to)
        let records = all.filter { $0.time >= midnight }
        let times = records.filter(\.annunciated).map(\.time)
        #expect(seen.annunciations == times.count, "seed \(seed)")
        for (length, peak) in [
            (minute, seen.peak.minute), (10 * minute, seen.peak.tenMinutes), (hour, seen.peak.hour),
        ] {
            let most = times.map { end in times.count { $0 > end - length && $0 <= end } }.max() ?? 0
            #expect(peak.value == Double(most), "seed \(seed)")
        }
        let buckets = Dictionary(grouping: times) { ($0 - midnight) / (10 * minute) }
        #expect(seen.buckets.busiest == buckets.values.map(\.count).max() ?? 0, "seed \(seed)")
        #expect(seen.buckets.overOne == buckets.values.count { $0.count > 1 }, "seed \(seed)")
        #expect(
            seen.floods.list.map { [$0.begin, $0.end] } == Self.floods(times, midnight + to), "seed \(seed)")
        let alarms = (0..<6).map { "A\($0)" }
        for alarm in alarms {
            let own = all.filter { $0.alarm == alarm }
            let top = seen.topTen.list.first { $0.alarm == alarm }
            #expect((top?.annunciations ?? 0) == own.count { $0.annunciated && $0.time >= midnight }, "seed \(seed)")
            let chatter = seen.chattering.list.first { $0.alarm == alarm }
            #expect([chatter?.raises ?? 0, chatter?.runs ?? 0] == Self.chatter(own), "seed \(seed) \(alarm)")
            let fleeting = seen.fleeting.list.first { $0.alarm == alarm }?.fleeting
            #expect((fleeting ?? 0) == Self.fleeting(own), "seed \(seed) \(alarm)")
        }
        let ends = (1...seen.days.count).map { min(midnight + Int64($0) * day, midnight + to) }
        let standing = ends.map { end in
            alarms.count { alarm in
                Self.shown(all.filter { $0.alarm == alarm && $0.time < end }).map { end - $0 > day } ?? false
            }
        }
        #expect(seen.days.map(\.standing) == standing, "seed \(seed)")
        #expect(seen.days.map(\.annunciations).reduce(0, +) == times.count, "seed \(seed)")
    }

    static func floods(_ times: [Int64], _ to: Int64) -> [[Int64]] {
        var floods: [[Int64]] = []
        var begin: Int64?
        for moment in Set(times + times.map { $0 + 10 * minute }).sorted() where moment < to {
            let count = times.count { $0 > moment - 10 * minute && $0 <= moment }
            // What leaves and what comes at one moment: first the end is looked for.
            let before = times.count { $0 > moment - 10 * minute && $0 < moment }
            if let start = begin, before < 5 {
                floods.append([start, moment])
                begin = nil
            }
            if begin == nil, count >= 10 { begin = moment }
        }
        return floods + (begin.map { [[$0, to]] } ?? [])
    }

    static func chatter(_ records: [AlarmRecord]) -> [Int] {
        let raises = records.filter { ["raise", "raise-exit"].contains($0.what) && $0.time >= midnight }.map(\.time)
        let triples = raises.indices.dropLast(2).filter { raises[$0 + 2] - raises[$0] <= minute }
        let members = Set(triples.flatMap { [$0, $0 + 1, $0 + 2] })
        let runs = triples.enumerated().count { $0.offset == 0 || $0.element - triples[$0.offset - 1] > 2 }
        return [members.count, runs]
    }

    static func fleeting(_ records: [AlarmRecord]) -> Int {
        let ends = ["raise", "raise-exit", "clear", "shelve", "suppress", "out-of-service", "retired"]
        return records.indices.count { index in
            guard ["raise", "raise-exit"].contains(records[index].what),
                let next = records[(index + 1)...].first(where: { ends.contains($0.what) })
            else { return false }
            let counts = records[index].time >= midnight
            return next.what == "clear" && counts && next.time - records[index].time < 10 * second
        }
    }

    /// Since when operators see it active, by the words before a moment.
    static func shown(_ records: [AlarmRecord]) -> Int64? {
        let holds = ["shelve": "unshelve", "suppress": "unsuppress", "out-of-service": "return"]
        var active = false
        var withheld: Set<String> = []
        var since: Int64?
        for record in records {
            let wasShown = active && withheld.isEmpty
            switch record.what {
            case "raise", "raise-exit":
                active = true
                since = withheld.isEmpty ? record.time : nil
                continue
            case "raise-suppressed": active = true
            case "clear", "clear-suppressed": active = false
            case "retired": (active, withheld) = (false, [])
            default:
                if let end = holds[record.what] {
                    withheld.insert(end)
                } else if withheld.remove(record.what) == nil {
                    continue
                }
            }
            let isShown = active && withheld.isEmpty
            if !isShown { since = nil } else if !wasShown { since = record.time }
        }
        return since
    }
}
