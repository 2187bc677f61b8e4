import Chunks
import Plant

@testable import Archive

/// The definition, reading by reading and bucket by bucket.
struct AggregateOracle {
    private let readings: [OracleReading]
    private let range: Range<Int64>
    private let options: AggregateOptions
    /// When each reading stands.
    private let standing: [Range<Int64>]

    init(_ readings: [OracleReading], _ range: Range<Int64>, _ options: AggregateOptions) {
        (self.readings, self.range, self.options) = (readings, range, options)
        standing = readings.indices.map { index in
            let (time, period) = (readings[index].time, readings[index].period)
            if index + 1 < readings.count, readings[index + 1].time - time <= 3 * period {
                return time..<readings[index + 1].time
            }
            return time..<(time + period)
        }
    }

    func aggregates(_ buckets: Buckets) -> [Aggregate] {
        guard !range.isEmpty else { return [] }
        let cutter = BucketCutter(range, buckets)
        // Nobody looks at every empty bucket of two centuries: only near readings there can be any.
        var spans: [Range<Int64>] = []
        for (reading, stood) in zip(readings, standing) {
            if range.contains(reading.time) { spans.append(cutter.bucket(containing: reading.time)) }
            var at = max(reading.time, range.lowerBound)
            while at < min(stood.upperBound, range.upperBound) {
                let bucket = cutter.bucket(containing: at)
                spans.append(bucket)
                at = bucket.upperBound
            }
        }
        return Set(spans).sorted { $0.lowerBound < $1.lowerBound }.map(aggregate).filter { !$0.isEmpty }
    }

    func aggregate(_ bucket: Range<Int64>) -> Aggregate {
        var result = Aggregate(start: bucket.lowerBound, end: bucket.upperBound)
        let limits = bucket.clamped(to: range)
        var counted: OracleReading?
        var numbers: [Double] = []
        for (index, reading) in readings.enumerated() {
            let isText = reading.slot.type.isString
            let stood = standing[index]
            let seen = stood.clamped(to: limits)
            if reading.isGood, !seen.isEmpty {
                let passed = seen.upperBound - seen.lowerBound
                result.goodMilliseconds += passed
                if let number = reading.number {
                    let isStep = reading.slot.isStepped || options.interpolation == .steps
                    func at(_ time: Int64) -> Double {
                        guard !isStep, index + 1 < readings.count else { return number }
                        let next = readings[index + 1]
                        guard next.isGood, next.time - reading.time <= 3 * reading.period, let later = next.number
                        else { return number }
                        return number + (later - number) * Double(time - reading.time)
                            / Double(next.time - reading.time)
                    }
                    result.area += (at(seen.lowerBound) + at(seen.upperBound)) / 2 * Double(passed)
                    if options.withStates, reading.slot.isStepped, !reading.slot.isCounter {
                        result.states[Int64(bitPattern: reading.sample.bits), default: 0] += passed
                    }
                }
            }
            defer { if reading.isGood, reading.slot.isCounter { counted = reading } }
            guard limits.contains(reading.time) else { continue }
            guard reading.isGood else {
                result.bad += 1
                continue
            }
            result.count += 1
            if isText { result.lastText = reading.sample.text }
            guard let number = reading.number else { continue }
            numbers.append(number)
            if result.min.map({ number < $0 }) ?? true { (result.min, result.minTime) = (number, reading.time) }
            if result.max.map({ number > $0 }) ?? true { (result.max, result.maxTime) = (number, reading.time) }
            if result.first == nil { (result.first, result.firstTime) = (number, reading.time) }
            (result.last, result.lastTime) = (number, reading.time)
            if reading.slot.isCounter {
                let from = counted.map { $0.slot.type.rawNumber($0.sample.bits) }
                let to = reading.slot.type.rawNumber(reading.sample.bits)
                result.rise =
                    (result.rise ?? 0)
                    + (from.map { Counter.increase(from: $0, to: to, type: reading.slot.type) } ?? 0)
            }
        }
        result.isText = readings.first?.slot.type.isString ?? false
        result.sum = numbers.reduce(0, +)
        let mean = result.sum / Double(max(1, numbers.count))
        result.squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return result
    }
}
