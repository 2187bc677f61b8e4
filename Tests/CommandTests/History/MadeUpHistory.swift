import Archive
import Historian
import Plant

@testable import cupel

/// A history in memory, whose aggregates are worked out millisecond by millisecond: slow, and easy to believe.
struct MadeUpHistory: QuerySource {
    /// Milliseconds between two readings of every tag.
    var period: Int64 = 1000
    var past: [(tag: StoredTag, readings: [StoredReading])] = []
    var zone: String?
    var happenings: [HistoryEvent] = []

    init(period: Int64 = 1000, _ past: [(tag: StoredTag, readings: [StoredReading])] = []) {
        (self.period, self.past) = (period, past)
    }

    func readings(of tag: StoredTag) -> [StoredReading] { past.first { $0.tag.id == tag.id }?.readings ?? [] }

    func storedTags() -> [StoredTag] { past.map(\.tag).sorted { $0.name < $1.name } }

    func readings(
        of tag: StoredTag, from: Int64, to: Int64, _ order: ReadingOrder, _ body: (StoredReading) throws -> Void
    ) throws {
        let found = readings(of: tag).filter { $0.time >= from && $0.time < to }
        for reading in order == .ascending ? found : found.reversed() { try body(reading) }
    }

    func slice(
        of tags: [StoredTag], from: Int64, to: Int64, _ body: (StoredTag, StoredReading) throws -> Void
    ) throws {
        var all: [(tag: Int, reading: StoredReading)] = []
        for (number, tag) in tags.enumerated() {
            try readings(of: tag, from: from, to: to, .ascending) { all.append((number, $0)) }
        }
        let ordered = all.enumerated().sorted {
            ($0.element.reading.time, $0.element.tag, $0.offset) < ($1.element.reading.time, $1.element.tag, $1.offset)
        }
        for (_, entry) in ordered { try body(tags[entry.tag], entry.reading) }
    }

    func standing(at time: Int64, _ tags: [StoredTag]) -> [Standing] {
        tags.compactMap { tag in
            readings(of: tag).last { $0.time <= time }.map { Standing(tag: tag, reading: $0) }
        }
    }

    func gaps(of tag: StoredTag, from: Int64, to: Int64, now: Int64, pending: Int64) -> [Gap] {
        var gaps: [Gap] = []
        var start: Int64?
        for time in from..<to {
            if value(of: tag, at: time, .byKind) == nil {
                if start == nil { start = time }
            } else if let began = start {
                gaps.append(Gap(start: began, end: time, cause: Gap.unexplained))
                start = nil
            }
        }
        if let start { gaps.append(Gap(start: start, end: to, cause: Gap.unexplained)) }
        return gaps
    }

    func count(of tags: [StoredTag], from: Int64, to: Int64, atMost: Int) -> Int {
        min(atMost, tags.map { readings(of: $0).count { $0.time >= from && $0.time < to } }.reduce(0, +))
    }

    func events(from: Int64, to: Int64) -> [HistoryEvent] { happenings }
    func timeZone() -> String? { zone }

    func aggregates(
        of tag: StoredTag, from: Int64, to: Int64, _ buckets: Buckets, _ options: AggregateOptions,
        _ body: (Aggregate) throws -> Void
    ) throws {
        var start = from
        var number: Int64 = 1
        while start < to {
            var part: Range<Int64>
            switch buckets {
            case .whole: part = from..<to
            case .grid(let grid): part = grid.bucket(containing: start)
            case .equal(let parts):
                part = start..<(from + (to - from) * number / Int64(parts))
                number += 1
            }
            let aggregate = aggregate(of: tag, part, part.clamped(to: from..<to), options)
            if !aggregate.isEmpty { try body(aggregate) }
            start = part.upperBound
        }
    }

    private func aggregate(
        of tag: StoredTag, _ part: Range<Int64>, _ range: Range<Int64>, _ options: AggregateOptions
    ) -> Aggregate {
        var sum = Aggregate(start: part.lowerBound, end: part.upperBound)
        var before = readings(of: tag).last { $0.time < range.lowerBound && $0.quality.isGood }?.number
        for reading in readings(of: tag) where range.contains(reading.time) {
            guard reading.quality.isGood else {
                sum.bad += 1
                continue
            }
            sum.count += 1
            guard let number = reading.number else {
                (sum.lastText, sum.lastTime) = (reading.text, reading.time)
                continue
            }
            if sum.first == nil { (sum.first, sum.firstTime) = (number, reading.time) }
            (sum.last, sum.lastTime) = (number, reading.time)
            if sum.min.map({ number < $0 }) ?? true { (sum.min, sum.minTime) = (number, reading.time) }
            if sum.max.map({ number > $0 }) ?? true { (sum.max, sum.maxTime) = (number, reading.time) }
            sum.sum += number
            if tag.isCounter {
                sum.rise = (sum.rise ?? 0) + (before.map { number < $0 ? number : number - $0 } ?? 0)
            }
            before = number
        }
        for time in range {
            guard let value = value(of: tag, at: time, options.interpolation) else { continue }
            sum.goodMilliseconds += 1
            sum.area += value
            if options.withStates { sum.states[Int64(value), default: 0] += 1 }
        }
        return sum
    }

    /// The mean over one millisecond; `nil` when nothing good stood.
    private func value(of tag: StoredTag, at time: Int64, _ interpolation: AggregateOptions.Interpolation) -> Double? {
        let all = readings(of: tag)
        guard let place = all.lastIndex(where: { $0.time <= time }), all[place].quality.isGood,
            let low = all[place].number
        else { return nil }
        let start = all[place].time
        let next = place + 1 < all.count ? all[place + 1] : nil
        guard let next, next.time - start <= 3 * period else { return time < start + period ? low : nil }
        guard !tag.isStepped, interpolation == .byKind, next.quality.isGood, let high = next.number else { return low }
        return low + (high - low) * (Double(time - start) + 0.5) / Double(next.time - start)
    }
}

extension StoredTag {
    static func analog(_ id: Int64, _ name: String, unit: String? = "degC", type: String = "float64") -> StoredTag {
        StoredTag(
            id: id, name: name, unit: unit, description: nil, kind: "analog", type: type, states: [:],
            isStepped: false, isCounter: false)
    }

    static func counter(_ id: Int64, _ name: String) -> StoredTag {
        StoredTag(
            id: id, name: name, unit: "kWh", description: nil, kind: "analog", type: "uint32", states: [:],
            isStepped: true, isCounter: true)
    }

    static func states(_ id: Int64, _ name: String, _ states: [String: String]) -> StoredTag {
        StoredTag(
            id: id, name: name, unit: nil, description: nil, kind: "enum", type: "uint16", states: states,
            isStepped: true, isCounter: false)
    }
}

extension StoredReading {
    static func good(_ time: Int64, _ number: Double) -> StoredReading {
        StoredReading(time: time, value: .real(number), quality: .good)
    }

    static func state(_ time: Int64, _ raw: Int64) -> StoredReading {
        StoredReading(time: time, value: .integer(raw), quality: .good)
    }

    static func bad(_ time: Int64, _ quality: Quality = .timeout) -> StoredReading {
        StoredReading(time: time, value: .none, quality: quality)
    }
}

extension RowSource {
    /// All rows, as a pipe would get them.
    func csv(_ clock: WallClock = .utc) throws -> String { try printed(.csv, clock) }

    func printed(_ format: RowFormat, _ clock: WallClock = .utc) throws -> String {
        let sheet = Sheet()
        let printer = RowPrinter(format, columns, times: TimeColumn(clock), write: sheet.write)
        try rows(RowSink(row: printer.row))
        printer.end()
        return sheet.text
    }
}

/// Takes what would go to standard output.
final class Sheet {
    private(set) var writes: [[UInt8]] = []
    var text: String { String(decoding: writes.joined(), as: UTF8.self) }
    func write(_ bytes: [UInt8]) { writes.append(bytes) }
}
