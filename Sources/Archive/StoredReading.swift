public import Plant

/// One reading out of the history.
public struct StoredReading: Sendable, Hashable {
    /// UTC milliseconds.
    public let time: Int64
    public let value: StoredValue
    public let quality: Quality

    public init(time: Int64, value: StoredValue, quality: Quality) {
        (self.time, self.value, self.quality) = (time, value, quality)
    }

    /// The engineering value; `nil` when it is bad or text.
    public var number: Double? { value.number }
    /// The value as text, exact: the digits of an unscaled integer of any size, the shortest decimal of a number, the
    /// text of a string. `nil` when it is bad.
    public var text: String? { value.text }
}

/// What a reading says, in the form that loses nothing of it.
public enum StoredValue: Sendable, Hashable {
    /// It is bad.
    case none
    /// An unscaled integer, or a `bool` as 0 or 1.
    case integer(Int64)
    /// An unscaled `uint64` above `Int64.max`; smaller ones are an `integer`.
    case unsigned(UInt64)
    /// Calculated from a raw number: of its digits, the 16th and 17th are noise.
    case real(Double)
    /// An unscaled `float64`, every digit of which was in the registers.
    case double(Double)
    /// An unscaled `float32`: its shortest decimal is that of a float, not that of the double it becomes.
    case single(Float)
    case text(String)

    /// The engineering value; `nil` when there is none or it is text.
    public var number: Double? {
        switch self {
        case .none, .text: nil
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .real(let value), .double(let value): value
        case .single(let value): Double(value)
        }
    }

    /// As people and files see it; `nil` when there is none.
    public var text: String? {
        switch self {
        case .none: nil
        case .integer(let value): value.description
        case .unsigned(let value): value.description
        case .real(let value): Tag.shown(value)
        case .double(let value): value.description
        case .single(let value): value.description
        case .text(let value): value
        }
    }
}
