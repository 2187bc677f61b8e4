import Plant

/// What the readings of one interval come to.
///
/// Only good readings count. The mean is weighted by time: a reading holds until the next one, good or not, so that a
/// value which stood for a minute outweighs one that stood for a second. Where the next one is late by more than two
/// periods of its group, or there is none, a reading holds for one period only, and the rest is a gap.
public struct Bucket: Sendable, Hashable, Codable {
    /// UTC milliseconds, half-open. The first and the last bucket may reach over the ends of the query.
    public let start: Int64
    public let end: Int64
    /// Good readings in it, and the others.
    public internal(set) var count = 0
    public internal(set) var bad = 0
    /// `nil` without a good reading of a number in it.
    public internal(set) var min: Double?
    public internal(set) var max: Double?
    public internal(set) var first: Double?
    public internal(set) var last: Double?
    /// `nil` when no good value stood at any time of it.
    public internal(set) var mean: Double?
    /// Milliseconds of it, within the query, during which a good value stood.
    public internal(set) var goodMilliseconds: Int64 = 0
    /// The newest good text of a tag that holds text.
    public internal(set) var lastText: String?

    init(start: Int64, end: Int64) { (self.start, self.end) = (start, end) }

    fileprivate mutating func note(_ number: Double) {
        if first == nil { first = number }
        last = number
        min = Swift.min(min ?? number, number)
        max = Swift.max(max ?? number, number)
    }
}

/// Turns readings in the order of time into buckets. Memory is one bucket.
struct BucketBuilder {
    private let grid: BucketGrid
    private let range: Range<Int64>
    private let period: Int64
    private var open: Bucket?
    private var openSum = 0.0
    private var plainSum = 0.0
    private var held: StoredReading?

    /// A reading that is later than this many periods leaves a gap behind the one before.
    static let latePeriods: Int64 = 3

    /// - Parameters:
    ///   - range: the query, UTC milliseconds.
    ///   - period: of the tag's scan group, milliseconds.
    init(grid: BucketGrid, range: Range<Int64>, period: Int64) {
        (self.grid, self.range, self.period) = (grid, range, Swift.max(1, period))
    }

    /// How far before the query a reading can lie and still stand at its start.
    var reach: Int64 { BucketBuilder.latePeriods * period }

    /// Takes the next reading; those before the query only stand until its start.
    mutating func add(_ reading: StoredReading, _ emit: (Bucket) throws -> Void) rethrows {
        try hold(until: reading.time, emit)
        held = reading
        guard range.contains(reading.time) else { return }
        try advance(to: reading.time, emit)
        guard reading.quality.isGood else {
            open?.bad += 1
            return
        }
        open?.count += 1
        if let text = reading.text, reading.number == nil { open?.lastText = text }
        guard let number = reading.number else { return }
        plainSum += number
        open?.note(number)
    }

    mutating func finish(_ emit: (Bucket) throws -> Void) rethrows {
        try hold(until: nil, emit)
        try close(emit)
    }

    /// Spreads the held reading over the buckets it stood in.
    private mutating func hold(until next: Int64?, _ emit: (Bucket) throws -> Void) rethrows {
        guard let reading = held, reading.quality.isGood, let number = reading.number else { return }
        let late = next.map { $0 - reading.time > reach } ?? true
        let end = Swift.min(late ? reading.time + period : next ?? reading.time, range.upperBound)
        var at = Swift.max(reading.time, range.lowerBound)
        while at < end {
            try advance(to: at, emit)
            guard let bucket = open else { return }
            let until = Swift.min(end, bucket.end)
            openSum += number * Double(until - at)
            open?.goodMilliseconds += until - at
            at = until
        }
    }

    private mutating func advance(to time: Int64, _ emit: (Bucket) throws -> Void) rethrows {
        if let bucket = open, time < bucket.end { return }
        try close(emit)
        let span = grid.bucket(containing: time)
        open = Bucket(start: span.lowerBound, end: span.upperBound)
        (openSum, plainSum) = (0, 0)
    }

    private mutating func close(_ emit: (Bucket) throws -> Void) rethrows {
        guard var bucket = open else { return }
        open = nil
        if bucket.goodMilliseconds > 0 {
            bucket.mean = openSum / Double(bucket.goodMilliseconds)
        } else if bucket.last != nil {
            // Readings that another one replaced within the same millisecond have no weight.
            bucket.mean = plainSum / Double(bucket.count)
        }
        try emit(bucket)
    }
}
