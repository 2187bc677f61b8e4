/// The figures of a chunk that queries take from its first bytes, without its values: raw numbers as doubles.
///
/// Only a column of finite numbers has them, good throughout, with no scan inside that is late by more than
/// `ChunkTraits.latePeriods`.
public struct ChunkStatistics: Sendable, Hashable {
    public var first: Double
    public var last: Double
    public var min: Double
    public var max: Double
    /// UTC milliseconds of the first scan that has the least and the greatest value.
    public var minTime: Int64
    public var maxTime: Int64
    public var sum: Double
    /// The sum of (value - mean)², the mean being sum / count.
    public var squares: Double
    /// Value x milliseconds from the first scan to the last: steps for a stepped tag, else trapezoids.
    public var area: Double
    /// How far a counter went up from the first scan to the last, wraps and resets understood; `nil` for other tags.
    public var rise: Double?

    public init(
        first: Double, last: Double, min: Double, max: Double, minTime: Int64, maxTime: Int64, sum: Double,
        squares: Double, area: Double, rise: Double?
    ) {
        self.first = first
        self.last = last
        self.min = min
        self.max = max
        self.minTime = minTime
        self.maxTime = maxTime
        self.sum = sum
        self.squares = squares
        self.area = area
        self.rise = rise
    }
}
