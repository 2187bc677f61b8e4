import Archive
import Foundation
import Plant
import TestSupport
import Testing

@testable import Historian

/// The same random stream into the store and into a plain row table: every question has the same answer.
@Suite
struct DifferentialTests {
    /// Jumps of the clock and of the plant make many short spans.
    @Test(arguments: UInt64(1)...8)
    func everyQuestionIsAnsweredAsByPlainRows(seed: UInt64) throws {
        var trial = try DifferentialTrial(seed: seed, steps: 1500)
        try trial.askEverything(30)
    }

    /// Without them the spans are as long as they may be.
    @Test(arguments: UInt64(1)...2)
    func everyQuestionIsAnsweredOverWholeSpans(seed: UInt64) throws {
        var trial = try DifferentialTrial(seed: seed, steps: 3000, isCalm: true)
        try trial.askEverything(30)
    }
}

/// Questions at random and at the places where something begins or ends.
struct DifferentialTrial {
    private let seed: UInt64
    private let history: DifferentialHistory
    private var table: RowTable
    private let reader: HistoryReader
    private let places: [Int64]
    private var random: SeededRandom

    init(seed: UInt64, steps: Int, isCalm: Bool = false) throws {
        self.seed = seed
        history = try DifferentialHistory(seed: seed, steps: steps, isCalm: isCalm)
        table = history.table
        reader = try HistoryReader(path: history.scratch.history)
        let borders = try history.borders()
        places = borders.isEmpty ? table.times : borders
        random = SeededRandom(seed: seed &+ 1000)
        #expect(!borders.isEmpty, "seed \(seed): nothing was sealed")
    }

    mutating func askEverything(_ rounds: Int) throws {
        for name in DifferentialPlant.names { try ask(name, .min, .max) }
        for _ in 0..<rounds {
            let (a, b) = (place(), place())
            let range = (min(a, b), max(a, b) + 1)
            let name = random.pick(DifferentialPlant.names)
            try ask(name, range.0, range.1)
            try askStanding(range.0)
            try askGaps(name, range.0, range.1)
            try askAggregates(name, range.0, range.1)
        }
        try askSlice()
    }

    /// A border of a span or any reading, a millisecond before or after it.
    private mutating func place() -> Int64 {
        (random.chance(70) ? random.pick(places) : random.pick(table.times)) + Int64(random.next() % 3) - 1
    }

    private mutating func ask(_ name: String, _ start: Int64, _ end: Int64) throws {
        let expected = table.readings(name, from: start, to: end)
        var found: [StoredReading] = []
        try reader.readings(tag: name, from: start, to: end) { found.append($0) }
        #expect(found == expected, "seed \(seed): \(name) from \(start) to \(end)")
        found = []
        try reader.readings(tag: name, from: start, to: end, .descending) { found.append($0) }
        #expect(found == expected.reversed(), "seed \(seed): \(name) from \(end) back to \(start)")
        guard start == .min else { return }
        // A part of a span is estimated, the whole of it is counted; what an import hides is counted too.
        let tag = try #require(try reader.tags().first { $0.name == name })
        let count = try reader.count(of: [tag], from: start, to: end, atMost: .max)
        let isExact = !history.imported.contains(name)
        #expect(isExact ? count == expected.count : count >= expected.count, "seed \(seed): \(name), \(count)")
    }

    private mutating func askStanding(_ time: Int64) throws {
        let found = try reader.at(time)
        let expected = DifferentialPlant.names.compactMap { name in
            table.standing(name, at: time).map { (name, $0) }
        }
        #expect(found.map(\.tag.name) == expected.map(\.0), "seed \(seed): at \(time)")
        #expect(found.map(\.reading) == expected.map(\.1), "seed \(seed): at \(time)")
    }

    private mutating func askSlice() throws {
        let (a, b) = (place(), place())
        let (start, end) = (min(a, b), max(a, b))
        var expected: [(time: Int64, tag: String, reading: StoredReading)] = []
        for name in DifferentialPlant.names {
            expected += table.readings(name, from: start, to: end).map { ($0.time, name, $0) }
        }
        // Of one millisecond and tag they stay in their order.
        let order = expected.indices.sorted {
            (expected[$0].time, expected[$0].tag, $0) < (expected[$1].time, expected[$1].tag, $1)
        }
        var at = 0
        var same = true
        try reader.slice(from: start, to: end) { tag, reading in
            let wanted = at < order.count ? expected[order[at]] : nil
            same = same && wanted?.tag == tag.name && wanted?.reading == reading
            at += 1
        }
        #expect(same && at == order.count, "seed \(seed): slice from \(start) to \(end), \(at) of \(order.count)")
    }

    private mutating func askGaps(_ name: String, _ from: Int64, _ to: Int64) throws {
        // Before the first reading of a tag and behind its newest there is nothing to explain.
        guard let first = table.all(name).first, let last = table.all(name).last else { return }
        let (start, end) = (max(from, first.time), min(to, last.time))
        guard start < end else { return }
        var found: [Range<Int64>] = []
        for gap in try reader.gaps(tag: name, from: start, to: end) {
            // Two causes, one after the other, are one gap to a table of rows.
            if let last = found.last, last.upperBound == gap.start {
                found[found.count - 1] = last.lowerBound..<gap.end
            } else {
                found.append(gap.start..<gap.end)
            }
        }
        #expect(found == table.gaps(name, from: start, to: end), "seed \(seed): gaps of \(name) in \(start)..<\(end)")
    }

    // MARK: Aggregates

    private mutating func askAggregates(_ name: String, _ start: Int64, _ end: Int64) throws {
        try compare(name, [start..<end], .whole)
        let parts = Int64(1 + random.next() % 20)
        if end - start >= parts {
            let edges = (0...parts).map { start + (end - start) * $0 / parts }
            try compare(name, zip(edges, edges.dropFirst()).map { $0..<$1 }, .equal(Int(parts)))
        }
        let grid = BucketGrid(every: .seconds(86_400), utcOffset: { Berlin.offset($0) })
        try compare(name, Berlin.days(from: start, to: end), .grid(grid))
        let hours = start / 3_600_000 * 3_600_000
        try compare(
            name, stride(from: hours, to: end, by: 3_600_000).map { $0..<$0 + 3_600_000 },
            .grid(BucketGrid(every: .seconds(3600))))
    }

    private mutating func compare(_ name: String, _ ranges: [Range<Int64>], _ buckets: Buckets) throws {
        guard let first = ranges.first, let last = ranges.last else { return }
        let form = try #require(DifferentialPlant.versions[0].flatMap { $0 }.first { $0.name == name })
        let expected = ranges.compactMap { range in
            table.aggregate(
                name, from: range.lowerBound, to: range.upperBound, isStepped: form.holdsItsValue,
                isCounter: form.isCounter, isText: form.type.isString)
        }
        var found: [Aggregate] = []
        let options = AggregateOptions(withStates: form.isDiscrete, useRollups: random.chance(50))
        try reader.aggregates(tag: name, from: first.lowerBound, to: last.upperBound, buckets, options) {
            found.append($0)
        }
        guard found.count == expected.count else {
            Issue.record("seed \(seed): \(name) \(buckets) \(first) has \(found.count) buckets of \(expected.count)")
            return
        }
        for (ours, wanted) in zip(found, expected) {
            let wrong = ours.differences(from: wanted, withStates: form.isDiscrete)
            #expect(wrong.isEmpty, "seed \(seed): \(name) \(wanted.start)..<\(wanted.end): \(wrong)")
        }
    }
}

extension Aggregate {
    /// What is not the same. Sums are taken in another order here and there, so their last digits may differ.
    fileprivate func differences(from other: Aggregate, withStates: Bool) -> [String] {
        var found: [String] = []
        func exact<Value: Equatable>(_ name: String, _ a: Value, _ b: Value) {
            if a != b { found.append("\(name) is \(a), not \(b)") }
        }
        func close(_ name: String, _ a: Double, _ b: Double, _ size: Double) {
            if !(abs(a - b) <= 1e-9 * size + 1e-9) { found.append("\(name) is \(a), not \(b)") }
        }
        exact("start", start, other.start)
        exact("end", end, other.end)
        exact("count", count, other.count)
        exact("bad", bad, other.bad)
        exact("min", min, other.min)
        exact("minTime", minTime, other.minTime)
        exact("max", max, other.max)
        exact("maxTime", maxTime, other.maxTime)
        exact("first", first, other.first)
        exact("firstTime", firstTime, other.firstTime)
        exact("last", last, other.last)
        exact("lastTime", lastTime, other.lastTime)
        exact("lastText", lastText, other.lastText)
        exact("goodMilliseconds", goodMilliseconds, other.goodMilliseconds)
        let size = Swift.max(abs(other.min ?? 0), abs(other.max ?? 0))
        let number = Double(other.count)
        close("sum", sum, other.sum, size * number)
        close("squares", squares, other.squares, size * size * number)
        // A line towards a value outside the range may be as large as anything there is.
        close(
            "area", area, other.area,
            Swift.max(size, abs(other.area) / Double(Swift.max(1, goodMilliseconds)), 1)
                * Double(goodMilliseconds) * 10)
        close("rise", rise ?? 0, other.rise ?? 0, abs(other.rise ?? 0))
        if withStates { exact("states", states.filter { $0.value > 0 }, other.states.filter { $0.value > 0 }) }
        return found
    }
}

/// Days on the clocks of Berlin, by Foundation's calendar.
private enum Berlin {
    static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "Europe/Berlin") ?? .gmt
        return calendar
    }()

    static func offset(_ time: Int64) -> Int64 {
        Int64(calendar.timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time) / 1000))) * 1000
    }

    static func days(from start: Int64, to end: Int64) -> [Range<Int64>] {
        var days: [Range<Int64>] = []
        var day = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(start) / 1000))
        while Int64(day.timeIntervalSince1970 * 1000) < end {
            guard let next = calendar.date(byAdding: .day, value: 1, to: day) else { break }
            days.append(Int64(day.timeIntervalSince1970 * 1000)..<Int64(next.timeIntervalSince1970 * 1000))
            day = next
        }
        return days
    }
}
