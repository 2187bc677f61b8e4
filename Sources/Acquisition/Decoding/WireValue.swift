import Plant

/// How the raw bits of one number come out of a reply: everything that can be known before the reply comes.
///
/// libmodbus's own helpers are not used: the same version gives opposite float results in Debian's and upstream's
/// build, and its integer macros lose signs (3.1.6, measured).
struct WireValue: BitwiseCopyable, Sendable {
    enum Shape: UInt8, Sendable {
        /// One of the packed bits of a bit table.
        case packedBit
        /// A register that is not zero.
        case registerFlag
        /// Some of the bits of a register; one of them for a `bool`.
        case unsignedField, signedField
        case unsigned16, signed16, unsigned32, signed32, unsigned64, signed64, float32, float64
        case decimal16, decimal32, magnitude16, magnitude32
        /// No number; see `TextField`.
        case text
    }

    /// The bits of a binary-coded decimal with a digit above 9: no such decimal comes near it.
    static let notDecimal = UInt64.max

    let shape: Shape
    private let swapsBytes: Bool
    private let swapsWords: Bool
    private let swapsHalves: Bool
    private let firstBit: UInt8
    /// Bits that an integer has.
    let width: UInt8
    /// Bytes into the payload; for packed bits, bits.
    let place: Int
    /// Bytes it takes there; none for packed bits.
    let length: Int

    /// - Parameter start: where the payload begins, as a wire address of the tag's table.
    init(_ tag: Tag, payloadFrom start: Int) {
        let isPacked = tag.registers?.table.isBits == true
        let items = tag.registers.map { Int($0.start) - start } ?? 0
        shape = isPacked ? .packedBit : WireValue.shape(of: tag)
        swapsBytes = tag.order.swapsBytes
        swapsWords = tag.order.swapsWords
        swapsHalves = tag.order.swapsHalves
        let isField = shape == .unsignedField || shape == .signedField
        firstBit = UInt8(clamping: tag.bits?.lowerBound ?? 0)
        width = UInt8(clamping: isField ? tag.bits?.count ?? 1 : tag.type.registers * 16)
        place = isPacked ? items : items * 2
        length = isPacked ? 0 : tag.type.registers * 2
    }

    private static func shape(of tag: Tag) -> Shape {
        switch tag.type {
        case .bool: tag.bits == nil ? .registerFlag : .unsignedField
        case .int16: tag.bits == nil ? .signed16 : .signedField
        case .uint16: tag.bits == nil ? .unsigned16 : .unsignedField
        case .int32: .signed32
        case .uint32: .unsigned32
        case .int64: .signed64
        case .uint64: .unsigned64
        case .float32: .float32
        case .float64: .float64
        case .bcd16: .decimal16
        case .bcd32: .decimal32
        case .signmag16: .magnitude16
        case .signmag32: .magnitude32
        case .string: .text
        }
    }

    /// Bytes that a payload must have for it.
    var end: Int { shape == .packedBit ? place / 8 + 1 : place + length }

    // MARK: Bits

    /// The raw bits, as `ValueType.rawNumber` reads them; `notDecimal` where there are none.
    ///
    /// - Parameter payload: at least `end` bytes.
    @inline(__always)
    func bits(_ payload: UnsafeBufferPointer<UInt8>) -> UInt64 {
        switch shape {
        case .packedBit: UInt64(payload[place >> 3] >> UInt8(place & 7)) & 1
        case .registerFlag: word(payload) == 0 ? 0 : 1
        case .unsignedField: fieldOnTop(payload) >> UInt64(64 - width)
        case .signedField: UInt64(bitPattern: Int64(bitPattern: fieldOnTop(payload)) >> Int64(64 - width))
        case .unsigned16: UInt64(word(payload))
        case .signed16: UInt64(bitPattern: Int64(Int16(bitPattern: word(payload))))
        case .unsigned32, .float32: UInt64(double(payload))
        case .signed32: UInt64(bitPattern: Int64(Int32(bitPattern: double(payload))))
        case .unsigned64, .signed64, .float64: quad(payload)
        case .decimal16: WireValue.decimal(UInt32(word(payload)))
        case .decimal32: WireValue.decimal(double(payload))
        case .magnitude16: WireValue.signed(word(payload) & 0x8000 != 0, UInt32(word(payload) & 0x7FFF))
        case .magnitude32: WireValue.signed(double(payload) & 0x8000_0000 != 0, double(payload) & 0x7FFF_FFFF)
        case .text: 0
        }
    }

    /// The raw number of raw bits. Integers beyond 2^53 lose their last digits.
    func number(_ bits: UInt64) -> Double {
        switch shape {
        case .packedBit, .registerFlag, .unsignedField, .unsigned16, .unsigned32, .unsigned64, .decimal16,
            .decimal32:
            Double(bits)
        case .signedField, .signed16, .signed32, .signed64, .magnitude16, .magnitude32:
            Double(Int64(bitPattern: bits))
        case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: Double(bitPattern: bits)
        case .text: .nan
        }
    }

    private func word(_ payload: UnsafeBufferPointer<UInt8>) -> UInt16 {
        UInt16(bigEndian: UnsafeRawBufferPointer(payload).loadUnaligned(fromByteOffset: place, as: UInt16.self))
    }

    private func fieldOnTop(_ payload: UnsafeBufferPointer<UInt8>) -> UInt64 {
        UInt64(word(payload)) << UInt64(64 - firstBit - width)
    }

    private func double(_ payload: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var wire = UInt32(
            bigEndian: UnsafeRawBufferPointer(payload).loadUnaligned(fromByteOffset: place, as: UInt32.self))
        if swapsWords { wire = wire << 16 | wire >> 16 }
        if swapsBytes { wire = (wire & 0x00FF_00FF) << 8 | (wire >> 8) & 0x00FF_00FF }
        return wire
    }

    private func quad(_ payload: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var wire = UInt64(
            bigEndian: UnsafeRawBufferPointer(payload).loadUnaligned(fromByteOffset: place, as: UInt64.self))
        if swapsHalves { wire = wire << 32 | wire >> 32 }
        if swapsWords { wire = (wire & 0x0000_FFFF_0000_FFFF) << 16 | (wire >> 16) & 0x0000_FFFF_0000_FFFF }
        if swapsBytes { wire = (wire & 0x00FF_00FF_00FF_00FF) << 8 | (wire >> 8) & 0x00FF_00FF_00FF_00FF }
        return wire
    }

    private static func decimal(_ coded: UInt32) -> UInt64 {
        var number: UInt64 = 0
        for place in 0..<8 {
            let digit = coded >> UInt32(28 - 4 * place) & 0xF
            if digit > 9 { return notDecimal }
            number = number * 10 + UInt64(digit)
        }
        return number
    }

    private static func signed(_ isNegative: Bool, _ magnitude: UInt32) -> UInt64 {
        UInt64(bitPattern: isNegative ? -Int64(magnitude) : Int64(magnitude))
    }
}
