import Chunks
import Plant

/// What the numbers of one slot of one layout mean: the layout's own type and scale, never the present
/// configuration's.
struct SlotFormat {
    let tag: Int64
    /// Among the tags that were asked for.
    let index: Int
    let slot: Int
    let type: ValueType
    /// `nil` where the raw number is the engineering value.
    let scale: Double?
    let offset: Double
    let isStepped: Bool
    let isCounter: Bool
    /// Milliseconds.
    let period: Int64

    func at(_ place: Int) -> SlotFormat {
        SlotFormat(
            tag: tag, index: place, slot: slot, type: type, scale: scale, offset: offset, isStepped: isStepped,
            isCounter: isCounter, period: period)
    }

    var traits: ChunkTraits {
        ChunkTraits(type: type, isStepped: isStepped, isCounter: isCounter, period: period)
    }

    /// A reading that is later than this leaves a gap behind the one before.
    var late: Int64 { SlotFormat.latePeriods * period }
    static let latePeriods = ChunkTraits.latePeriods

    /// The engineering value; NaN for text.
    @inline(__always)
    func number(_ bits: UInt64) -> Double { number(raw: type.rawNumber(bits)) }

    @inline(__always)
    func number(raw: Double) -> Double { scale.map { raw * $0 + offset } ?? raw }

    /// The raw number of an engineering value.
    func raw(of number: Double) -> Double {
        guard let scale, scale != 0 else { return number }
        let raw = (number - offset) / scale
        return type.isFloat ? raw : raw.rounded()
    }

    func value(_ bits: UInt64) -> StoredValue {
        if scale != nil { return .real(number(bits)) }
        switch type {
        case .float32: return .single(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: return .double(Double(bitPattern: bits))
        case .int16, .int32, .int64, .signmag16, .signmag32: return .integer(Int64(bitPattern: bits))
        case .bool, .uint16, .uint32, .uint64, .bcd16, .bcd32:
            return bits > UInt64(Int64.max) ? .unsigned(bits) : .integer(Int64(bitPattern: bits))
        case .string: return .none
        }
    }

    func reading(_ column: TagColumn, _ index: Int, time: Int64) -> StoredReading {
        let quality = column.qualities.isEmpty ? .good : column.qualities[index]
        guard !quality.isBad else { return StoredReading(time: time, value: .none, quality: quality) }
        let value = type.isString ? .text(column.texts[index]) : value(column.bits[index])
        return StoredReading(time: time, value: value, quality: quality)
    }
}
