public import Plant

/// One tag over a span, indices as in `SpanColumns`.
public struct TagColumn: Sendable, Hashable {
    /// Raw numbers as in `ValueType.rawNumber`; 0 where the reading is bad. Empty for strings.
    public var bits: [UInt64]
    /// Strings only; empty text where the reading is bad.
    public var texts: [String]
    /// One a scan, or empty when all are good.
    public var qualities: [Quality]

    public init(bits: [UInt64] = [], texts: [String] = [], qualities: [Quality] = []) {
        self.bits = bits
        self.texts = texts
        self.qualities = qualities
    }
}
