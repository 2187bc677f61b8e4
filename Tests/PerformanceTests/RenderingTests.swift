import Foundation
import Performance
import Plant
import Testing

@Suite struct RenderingTests {
    static var sample: PerformanceReport {
        let burst = (0..<12).flatMap { step in
            [
                record("raise", "temp-high:F-01.t", at: Int64(step) * 15 * second, .high),
                record("clear", "temp-high:F-01.t", at: Int64(step) * 15 * second + 5 * second),
            ]
        }
        let rest = [
            record("raise", "flow-low:F-02.q", at: hour), record("ack", "flow-low:F-02.q", at: hour + 30 * second),
            record("shelve", "level:F-03.l", at: 2 * hour, reason: "float stuck", who: "kim"),
        ]
        let old = StandingAlarm(alarm: "door:F-04.d", activeSince: midnight - day)
        return report(burst + rest, standing: [old], configured: [.low: 80, .medium: 15, .high: 5])
    }

    @Test func `the report reads well`() {
        let lines = Self.sample.lines()
        for line in [
            "figure                         value    target   source       verdict",
            "annunciations per day               13   <= 120  EEMUA 191    ok",
            "annunciations per hour            0.54     <= 5  EEMUA 191    ok",
            "peak in a minute                     4     <= 2  EEMUA 191    over",
            "time in flood                   0.66 %    < 1 %  EEMUA 191    ok",
            "top ten                          100 %   <= 5 %  ISA-18.2     over",
            "shelved                              1  -        oldest 22 h",
            "Acknowledged: 1, half within 30 s, 95 % within 30 s",
            "  temp-high:F-01.t  12  92.3 %",
            "  temp-high:F-01.t  12 raises  in 1 run",
            "  2026-01-03T00:02:15.000Z  9.5 min  12 annunciations  peak 12 in 10 min",
            "  door:F-04.d  since 2026-01-02T00:00:00.000Z",
            "  level:F-03.l  for 22 h  kim  float stuck",
        ] { #expect(lines.contains(line), "\(line)\nin\n\(lines.joined(separator: "\n"))") }
    }

    @Test(arguments: [(10, false), (11, true)])
    func `of many fleeting alarms the worst are shown`(count: Int, isCut: Bool) {
        let records = (0..<count).flatMap { number in
            [
                record("raise", "a\(number)", at: Int64(number) * minute),
                record("clear", "a\(number)", at: Int64(number) * minute + 1),
            ]
        }
        let report = report(records)
        let shown = report.lines().count { $0.hasSuffix("1 of 1 raises") }
        #expect(shown == 10)
        #expect(report.lines().contains("  and 1 more") == isCut)
        #expect(report.fleeting.list.count == count)
    }

    @Test func `JSON has stable keys and comes back`() throws {
        let data = try JSONEncoder().encode(Self.sample)
        #expect(try JSONDecoder().decode(PerformanceReport.self, from: data) == Self.sample)
        let keys = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            keys.keys.sorted() == [
                "acknowledgement", "annunciated", "annunciations", "buckets", "chattering", "configured", "days",
                "fleeting", "floods", "from", "late", "out_of_service", "peak", "rate", "shelved", "standing",
                "suppressed", "to", "top_ten",
            ])
        let text = String(decoding: data, as: UTF8.self)
        for key in ["per_ten_minutes", "ten_or_more", "hour_at", "worst_day", "age_ms", "p95_ms", "medium_and_urgent"] {
            #expect(text.contains("\"\(key)\""))
        }
        #expect(text.filter(\.isUppercase).contains("P") == false)
    }
}
