import Chunks
import Plant

/// Good readings of one slot that follow each other without a gap: the statistics of a whole chunk, or made from rows.
struct GoodReadings {
    var count: Int
    /// UTC milliseconds of the first and the last.
    var times: ClosedRange<Int64>
    /// Of the raw numbers.
    var statistics: ChunkStatistics
}

extension Run {
    /// How far good readings go from an index on, before a time and without one that is late.
    func goodEnd(_ rows: Range<Int>, before time: Int64) -> Int {
        let slot = slots[0]
        let late = slot.late
        return scans.times.withUnsafeBufferPointer { times in
            columns[0].qualities.withUnsafeBufferPointer { qualities in
                var index = rows.lowerBound
                while index < rows.upperBound, times[index] < time {
                    if !qualities.isEmpty, !qualities[index].isGood { break }
                    if index > rows.lowerBound, times[index] - times[index - 1] > late { break }
                    index += 1
                }
                return index
            }
        }
    }

    /// - Parameters:
    ///   - rows: good readings of a number, not empty.
    ///   - numbers: memory that is used again.
    func goodReadings(_ rows: Range<Int>, isStepped: Bool, _ numbers: inout [Double]) -> GoodReadings {
        let slot = slots[0]
        slot.type.rawNumbers(columns[0].bits[rows], into: &numbers)
        let count = rows.count
        return scans.times.withUnsafeBufferPointer { all in
            let times = UnsafeBufferPointer(rebasing: all[rows])
            return numbers.withUnsafeBufferPointer { numbers in
                var (sum, area) = (0.0, 0.0)
                var (least, greatest) = (0, 0)
                for index in 0..<count {
                    let number = numbers[index]
                    sum += number
                    if number < numbers[least] { least = index }
                    if number > numbers[greatest] { greatest = index }
                }
                for index in 1..<max(1, count) {
                    let from = numbers[index - 1]
                    let height = isStepped ? from : (from + numbers[index]) / 2
                    area += height * Double(times[index] - times[index - 1])
                }
                let mean = sum / Double(count)
                var squares = 0.0
                for number in numbers { squares += (number - mean) * (number - mean) }
                var rise: Double?
                if slot.isCounter {
                    rise = (1..<max(1, count)).reduce(0) {
                        $0 + Counter.increase(from: numbers[$1 - 1], to: numbers[$1], type: slot.type)
                    }
                }
                return GoodReadings(
                    count: count, times: times[0]...times[count - 1],
                    statistics: ChunkStatistics(
                        first: numbers[0], last: numbers[count - 1], min: numbers[least], max: numbers[greatest],
                        minTime: times[least], maxTime: times[greatest], sum: sum, squares: squares, area: area,
                        rise: rise))
            }
        }
    }
}

extension ValueType {
    /// Raw numbers of many readings: the question for the type is asked once.
    fileprivate func rawNumbers(_ bits: ArraySlice<UInt64>, into numbers: inout [Double]) {
        numbers.removeAll(keepingCapacity: true)
        bits.withUnsafeBufferPointer { bits in
            switch self {
            case .float32:
                for bits in bits { numbers.append(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))) }
            case .float64:
                for bits in bits { numbers.append(Double(bitPattern: bits)) }
            case .int16, .int32, .int64, .signmag16, .signmag32:
                for bits in bits { numbers.append(Double(Int64(bitPattern: bits))) }
            case .bool, .uint16, .uint32, .uint64, .bcd16, .bcd32:
                for bits in bits { numbers.append(Double(bits)) }
            case .string:
                for _ in bits { numbers.append(.nan) }
            }
        }
    }
}

extension Aggregate {
    /// What good readings come to in engineering units, between the first and the last of them.
    init(_ readings: GoodReadings, _ slot: SlotFormat, in bucket: Range<Int64>) {
        self.init(start: bucket.lowerBound, end: bucket.upperBound)
        let raw = readings.statistics
        let (scale, offset) = slot.scale.map { ($0, slot.offset) } ?? (1, 0)
        count = readings.count
        (first, firstTime) = (slot.number(raw: raw.first), readings.times.lowerBound)
        (last, lastTime) = (slot.number(raw: raw.last), readings.times.upperBound)
        (min, minTime) = (slot.number(raw: raw.min), raw.minTime)
        (max, maxTime) = (slot.number(raw: raw.max), raw.maxTime)
        if scale < 0 { (min, minTime, max, maxTime) = (max, maxTime, min, minTime) }
        goodMilliseconds = readings.times.upperBound - readings.times.lowerBound
        sum = raw.sum * scale + offset * Double(count)
        squares = raw.squares * scale * scale
        area = raw.area * scale + offset * Double(goodMilliseconds)
        rise = raw.rise.map { $0 * scale }
    }
}
