public import Plant

/// What the statistics of a chunk depend on besides its values.
public struct ChunkTraits: Sendable, Hashable {
    public var type: ValueType
    /// A value stands until the next one, instead of lying on a straight line towards it.
    public var isStepped: Bool
    /// A count that only grows.
    public var isCounter: Bool
    /// The period of the scan group, milliseconds.
    public var period: Int64

    public init(type: ValueType, isStepped: Bool, isCounter: Bool, period: Int64) {
        self.type = type
        self.isStepped = isStepped
        self.isCounter = isCounter
        self.period = period
    }

    /// A scan that comes later than this many periods after the one before leaves a gap.
    public static let latePeriods: Int64 = 3
}
