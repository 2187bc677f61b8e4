public import Plant

/// One reading of a tag as the alarms see it.
public struct Sample: Hashable, Sendable {
    /// Milliseconds on the alarms' time scale: when its scan was asked for.
    public var time: Int64
    /// In engineering units; NaN where there is none.
    public var value: Double
    public var quality: Quality
    /// The raw bits, for what looks at them one by one.
    public var bits: UInt64

    public init(time: Int64, value: Double, quality: Quality, bits: UInt64 = 0) {
        (self.time, self.value, self.quality, self.bits) = (time, value, quality, bits)
    }

    static let none = Sample(time: .min, value: .nan, quality: .neverRead)

    /// A number that may be judged. One at the end of its range tells at least that it is so far.
    var isUsable: Bool { (quality.isGood || quality == .clamped) && value.isFinite }
    /// A number that is what it says.
    var isGood: Bool { quality.isGood && value.isFinite }
}
