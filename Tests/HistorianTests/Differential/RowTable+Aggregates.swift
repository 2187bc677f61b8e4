import Archive
import Chunks
import Plant

extension RowTable {
    /// The aggregate of one range by its definition, reading by reading.
    mutating func aggregate(
        _ tag: String, from start: Int64, to end: Int64, isStepped: Bool, isCounter: Bool, isText: Bool
    ) -> Aggregate? {
        var result = Aggregate(start: start, end: end)
        var values: [Double] = []
        var before: Row?
        for row in all(tag) where row.time < end {
            let isInside = row.time >= start
            guard row.quality.isGood else {
                if isInside { result.bad += 1 }
                continue
            }
            if isInside {
                result.count += 1
                if isText {
                    result.lastText = row.value.text
                } else if let number = row.value.number {
                    values.append(number)
                    if number < result.min ?? .infinity { (result.min, result.minTime) = (number, row.time) }
                    if number > result.max ?? -.infinity { (result.max, result.maxTime) = (number, row.time) }
                    if result.first == nil { (result.first, result.firstTime) = (number, row.time) }
                    (result.last, result.lastTime) = (number, row.time)
                }
                if isCounter, let before {
                    result.rise = (result.rise ?? 0) + Counter.increase(from: before.raw, to: row.raw, type: row.type)
                }
            }
            before = row
        }
        result.sum = values.reduce(0, +)
        let mean = values.isEmpty ? 0 : result.sum / Double(values.count)
        result.squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        for stretch in stretches(tag, isStepped: isStepped) where stretch.end > start && stretch.start < end {
            let (low, high) = (max(stretch.start, start), min(stretch.end, end))
            result.goodMilliseconds += high - low
            result.states[stretch.raw, default: 0] += high - low
            if !isText { result.area += (stretch.value(at: low) + stretch.value(at: high)) / 2 * Double(high - low) }
        }
        return result.isEmpty ? nil : result
    }
}

extension RowTable.Stretch {
    fileprivate func value(at time: Int64) -> Double {
        from + (to - from) * (Double(time - start) / Double(end - start))
    }
}
