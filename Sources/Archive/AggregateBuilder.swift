import Chunks
import Plant

/// Turns the readings of a tag, in the order of time, into aggregates. Memory is one bucket.
struct AggregateBuilder {
    private let cutter: BucketCutter
    /// The part of the query that is looked at, UTC milliseconds.
    private let range: Range<Int64>
    private let options: AggregateOptions
    private var open: Aggregate?
    private var bucket: Range<Int64> = 0..<0
    /// The reading that stands.
    private var held: Held?
    /// The counter's last good reading.
    private var counted: (raw: Double, slot: SlotFormat)?
    /// What its last good reading was where only its roll-ups still know.
    private var countedBefore: Double?
    /// Memory that is used again.
    private var numbers: [Double] = []
    /// A reading behind the range came: nothing more can change.
    private(set) var isComplete = false

    struct Held {
        var time: Int64
        var isGood: Bool
        var bits: UInt64
        /// Engineering units; NaN for text.
        var number: Double
        var slot: SlotFormat
    }

    init(_ cutter: BucketCutter, _ range: Range<Int64>, _ options: AggregateOptions) {
        (self.cutter, self.range, self.options) = (cutter, range, options)
    }

    // MARK: What comes in

    /// The reading that stands at the beginning, and the last good one of a counter.
    mutating func begin(after run: Run, _ index: Int) { held = Held(run, index) }
    mutating func count(from run: Run, _ index: Int) {
        counted = (run.slots[0].type.rawNumber(run.columns[0].bits[index]), run.slots[0])
    }
    mutating func count(from number: Double) { countedBefore = number }

    /// Whether a chunk's statistics can answer for it: it lies inside one bucket, and what is asked for is in them.
    mutating func takesStatistics(of span: SpanRow, _ slot: SlotFormat) -> Bool {
        guard span.first >= range.lowerBound, span.last < range.upperBound, !slot.type.isString else { return false }
        guard options.interpolation == .byKind || slot.isStepped, !countsStates(slot) else { return false }
        find(span.first)
        return span.last < bucket.upperBound
    }

    /// Readings of one run, in order.
    mutating func add(_ run: Run, _ rows: Range<Int>, _ emit: (Aggregate) throws -> Void) rethrows {
        let slot = run.slots[0]
        let isPlain = !slot.type.isString && !countsStates(slot)
        var index = rows.lowerBound
        while index < rows.upperBound, !isComplete {
            let time = run.scans.times[index]
            if isPlain, range.contains(time) {
                find(time)
                let border = min(bucket.upperBound, range.upperBound)
                let end = run.goodEnd(index..<rows.upperBound, before: border)
                if end - index > 1 {
                    let readings = run.goodReadings(index..<end, isStepped: isStepped(slot), &numbers)
                    try add(readings, slot, lastBits: run.columns[0].bits[end - 1], emit)
                    index = end
                    continue
                }
            }
            try add(run, index, emit)
            index += 1
        }
    }

    /// Good readings that lie in one bucket.
    ///
    /// - Parameter lastBits: of the last one, where they are known; only time in state asks for them.
    mutating func add(
        _ readings: GoodReadings, _ slot: SlotFormat, lastBits: UInt64 = 0, _ emit: (Aggregate) throws -> Void
    ) rethrows {
        let raw = readings.statistics
        let times = readings.times
        try stand(until: times.lowerBound, slot.number(raw: raw.first), emit)
        try advance(to: times.lowerBound, emit)
        open?.add(Aggregate(readings, slot, in: bucket))
        rise(to: raw.first, slot)
        if slot.isCounter { counted = (raw.last, slot) }
        held = Held(
            time: times.upperBound, isGood: true, bits: lastBits, number: slot.number(raw: raw.last), slot: slot)
    }

    /// One reading.
    mutating func add(_ run: Run, _ index: Int, _ emit: (Aggregate) throws -> Void) rethrows {
        let next = Held(run, index)
        try stand(until: next.time, next.isGood ? next.number : nil, emit)
        held = next
        guard range.contains(next.time) else {
            isComplete = next.time >= range.upperBound
            return
        }
        try advance(to: next.time, emit)
        guard next.isGood else {
            open?.bad += 1
            return
        }
        guard !next.slot.type.isString else {
            open?.count += 1
            open?.isText = true
            open?.lastText = run.columns[0].texts[index]
            return
        }
        let raw = next.slot.type.rawNumber(next.bits)
        let statistics = ChunkStatistics(
            first: raw, last: raw, min: raw, max: raw, minTime: next.time, maxTime: next.time, sum: raw, squares: 0,
            area: 0, rise: next.slot.isCounter ? 0 : nil)
        let one = GoodReadings(count: 1, times: next.time...next.time, statistics: statistics)
        open?.add(Aggregate(one, next.slot, in: bucket))
        rise(to: raw, next.slot)
        if next.slot.isCounter { counted = (raw, next.slot) }
    }

    mutating func finish(_ emit: (Aggregate) throws -> Void) rethrows {
        if !isComplete { try stand(until: nil, nil, emit) }
        try close(emit)
    }

    // MARK: What it comes to

    private func isStepped(_ slot: SlotFormat) -> Bool { slot.isStepped || options.interpolation == .steps }

    private func countsStates(_ slot: SlotFormat) -> Bool {
        options.withStates && slot.isStepped && !slot.isCounter && !slot.type.isFloat && !slot.type.isString
    }

    /// Spreads the reading that stands over the buckets until the next one comes.
    ///
    /// - Parameters:
    ///   - next: when it comes; `nil` when none does.
    ///   - number: what it will say; `nil` when it is not good.
    private mutating func stand(until next: Int64?, _ number: Double?, _ emit: (Aggregate) throws -> Void) rethrows {
        guard let held, held.isGood else { return }
        let isLate = next.map { $0 - held.time > held.slot.late } ?? true
        let whole = isLate ? held.slot.period : (next ?? held.time) - held.time
        let end = min(held.time + whole, range.upperBound)
        // Per millisecond; 0 where it stands as a step.
        var slope = 0.0
        if let number, !isLate, whole > 0, !isStepped(held.slot) { slope = (number - held.number) / Double(whole) }
        var at = max(held.time, range.lowerBound)
        while at < end {
            try advance(to: at, emit)
            let until = min(end, bucket.upperBound)
            let passed = Double(until - at)
            open?.goodMilliseconds += until - at
            if held.slot.type.isString {
                open?.isText = true
            } else {
                let middle = Double(at - held.time) + passed / 2
                open?.area += (held.number + slope * middle) * passed
            }
            if countsStates(held.slot) {
                open?.states[Int64(bitPattern: held.bits), default: 0] += until - at
            }
            at = until
        }
    }

    /// Counts how far a counter went up since its last good reading.
    private mutating func rise(to raw: Double, _ slot: SlotFormat) {
        guard slot.isCounter, let counted = counted ?? countedBefore.map({ (slot.raw(of: $0), slot) }) else { return }
        let increase: Double
        if counted.slot.type == slot.type, counted.slot.scale == slot.scale, counted.slot.offset == slot.offset {
            increase = Counter.increase(from: counted.raw, to: raw, type: slot.type) * (slot.scale ?? 1)
        } else {
            // Its registers mean something else now: what the values say is all there is.
            let (from, to) = (counted.slot.number(raw: counted.raw), slot.number(raw: raw))
            increase = to < from ? to : to - from
        }
        let before = open?.rise ?? 0
        open?.rise = before + increase
    }

    /// Makes `bucket` the one that a time lies in.
    private mutating func find(_ time: Int64) {
        if !bucket.contains(time) { bucket = cutter.bucket(containing: time) }
    }

    private mutating func advance(to time: Int64, _ emit: (Aggregate) throws -> Void) rethrows {
        find(time)
        if let open, open.start == bucket.lowerBound { return }
        try close(emit)
        open = Aggregate(start: bucket.lowerBound, end: bucket.upperBound)
    }

    private mutating func close(_ emit: (Aggregate) throws -> Void) rethrows {
        guard let bucket = open else { return }
        open = nil
        if !bucket.isEmpty { try emit(bucket) }
    }
}

extension AggregateBuilder.Held {
    init(_ run: Run, _ index: Int) {
        let slot = run.slots[0]
        let isGood = run.quality(index).isGood
        let bits = slot.type.isString ? 0 : run.columns[0].bits[index]
        self.init(
            time: run.scans.times[index], isGood: isGood, bits: bits,
            number: isGood ? slot.number(bits) : .nan, slot: slot)
    }
}
