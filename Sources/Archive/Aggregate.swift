/// What the readings of one half-open interval come to. Only good readings count.
///
/// A reading stands until the next one of its tag, of any quality. Where the next one is late by more than two periods
/// of its group, or there is none, it stands for one period only, and the rest is a gap.
public struct Aggregate: Sendable, Hashable {
    /// UTC milliseconds, half-open.
    public var start: Int64
    public var end: Int64
    /// Good readings in it, and the others.
    public var count: Int = 0
    public var bad: Int = 0
    /// `nil` without a good reading of a number in it; the times are those at which they were first reached.
    public var min: Double?
    public var minTime: Int64?
    public var max: Double?
    public var maxTime: Int64?
    public var first: Double?
    public var firstTime: Int64?
    public var last: Double?
    public var lastTime: Int64?
    /// Of the good numbers.
    public var sum: Double = 0
    /// The sum of (value - mean)², the mean being sum / count.
    public var squares: Double = 0
    /// Value x milliseconds during which a good value stood.
    public var area: Double = 0
    /// Milliseconds during which a good value stood.
    public var goodMilliseconds: Int64 = 0
    /// How far a counter went up, from the last good reading before the interval on; `nil` for other tags and without
    /// a good reading.
    public var rise: Double?
    /// The newest good text of a tag that holds text.
    public var lastText: String?
    /// The tag holds text: a value that stood has no mean.
    public var isText = false
    /// Milliseconds by raw value, when asked for.
    public var states: [Int64: Int64] = [:]

    public init(start: Int64, end: Int64) { (self.start, self.end) = (start, end) }

    /// Nothing was read in it, and nothing stood.
    public var isEmpty: Bool { count == 0 && bad == 0 && goodMilliseconds == 0 }
}

extension Aggregate {
    /// Weighted by time; the simple mean of readings that had no time to stand; `nil` when there was no number.
    public var mean: Double? { goodMilliseconds > 0 && !isText ? area / Double(goodMilliseconds) : simpleMean }
    /// Of the readings, each counting as much as another.
    public var simpleMean: Double? { first == nil ? nil : sum / Double(count) }
    public var range: Double? { if let min, let max { max - min } else { nil } }
    /// The standard deviation of the sample; `nil` below two readings.
    public var deviation: Double? { first == nil || count < 2 ? nil : (squares / Double(count - 1)).squareRoot() }
    /// Of the interval, how much a good value stood: 0...100.
    public var percentGood: Double { end > start ? 100 * Double(goodMilliseconds) / Double(end - start) : 0 }

    /// Takes in the aggregate of the interval right behind this one.
    public mutating func merge(_ later: Aggregate) {
        end = Swift.max(end, later.end)
        add(later)
    }

    /// Takes in what was found later in the same interval.
    mutating func add(_ later: Aggregate) {
        let numbers = first == nil ? 0 : Double(count)
        let laterNumbers = later.first == nil ? 0 : Double(later.count)
        if numbers > 0, laterNumbers > 0 {
            // Chan, Golub, LeVeque: "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
            let apart = later.sum / laterNumbers - sum / numbers
            squares += later.squares + apart * apart * numbers * laterNumbers / (numbers + laterNumbers)
        } else {
            squares += later.squares
        }
        count += later.count
        bad += later.bad
        sum += later.sum
        area += later.area
        goodMilliseconds += later.goodMilliseconds
        if let number = later.min, min.map({ number < $0 }) ?? true { (min, minTime) = (number, later.minTime) }
        if let number = later.max, max.map({ number > $0 }) ?? true { (max, maxTime) = (number, later.maxTime) }
        if first == nil { (first, firstTime) = (later.first, later.firstTime) }
        if later.last != nil { (last, lastTime) = (later.last, later.lastTime) }
        if let increase = later.rise { rise = (rise ?? 0) + increase }
        lastText = later.lastText ?? lastText
        isText = isText || later.isText
        if !later.states.isEmpty { states.merge(later.states, uniquingKeysWith: +) }
    }
}
