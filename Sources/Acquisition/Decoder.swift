import Plant

/// Turns the payload of one request's reply into readings.
///
/// Everything that can be known beforehand is in a flat table: places, shapes, limits. A scan then costs no
/// allocation, no look-up and no call through an existential. libmodbus's own helpers are not used: the same version
/// gives opposite float results in Debian's and upstream's build, and its integer macros lose signs (3.1.6,
/// measured).
struct Decoder: Sendable {
    /// How the bits of a value come out of the payload.
    enum Shape: UInt8, Sendable {
        /// One of the packed bits of a bit table.
        case packedBit
        case registerBit
        /// A register that is not zero.
        case registerFlag
        case unsigned16, signed16, unsigned32, signed32, unsigned64, signed64, float32, float64
        case text
    }

    private struct Step: BitwiseCopyable, Sendable {
        let shape: Shape
        let order: Order
        let slot: UInt16
        /// Bytes into the payload; for packed bits, bits.
        let place: Int
        /// The bit of a register, or the bytes of a text.
        let extent: Int
        let scale: Double
        let offset: Double
        let low: Double
        let high: Double
        let expect: Double
        let hasExpect: Bool
        /// Where its invalid values lie in `invalid`.
        let firstInvalid: Int
        let endInvalid: Int
    }

    /// `WordOrder` without its name: no string in the loop.
    private enum Order: UInt8, Sendable { case abcd, cdab, badc, dcba }

    private let steps: [Step]
    private let invalid: [Double]
    /// Steps with an `expect`, and the number of that expectation among its controller's.
    private let expectations: [(step: Int, number: Int)]
    private let heartbeat: Int?
    /// The most cells its readings can take.
    let cells: Int

    /// - Parameter expectations: the tags of the controller that have an `expect`, in the order of `Trust`'s numbers.
    init(_ request: PlannedRequest, controller: Controller, expectations: [Tag.ID], tags: [Tag]) {
        var invalid: [Double] = []
        steps = request.tags.map { id in
            let tag = tags[id]
            let first = invalid.count
            invalid += tag.invalid
            return Decoder.step(tag, in: request.range, invalid: first..<invalid.count)
        }
        self.invalid = invalid
        self.expectations = request.tags.enumerated().compactMap { step, tag in
            expectations.firstIndex(of: tag).map { (step, $0) }
        }
        heartbeat = request.tags.firstIndex { $0 == controller.heartbeat }
        cells = steps.reduce(0) { $0 + 1 + ($1.shape == .text ? Decoder.continuation($1.extent) : 0) }
    }

    private static func step(_ tag: Tag, in range: RegisterRange, invalid: Range<Int>) -> Step {
        let items = Int(tag.registers?.start ?? range.start) - Int(range.start)
        let shape = shape(of: tag)
        return Step(
            shape: shape, order: order(of: tag), slot: UInt16(truncatingIfNeeded: tag.slot),
            place: range.table.isBits ? items : items * 2,
            extent: shape == .text ? tag.type.registers * 2 : tag.bit ?? 0,
            scale: tag.scale, offset: tag.offset,
            // Never infinite: a product that overflows is no value of any sensor.
            low: tag.range?.lowerBound ?? -.greatestFiniteMagnitude,
            high: tag.range?.upperBound ?? .greatestFiniteMagnitude, expect: tag.expect ?? 0,
            hasExpect: tag.expect != nil, firstInvalid: invalid.lowerBound, endInvalid: invalid.upperBound)
    }

    private static func shape(of tag: Tag) -> Shape {
        if tag.registers?.table.isBits == true { return .packedBit }
        switch tag.type {
        case .bool: return tag.bit == nil ? .registerFlag : .registerBit
        case .int16: return .signed16
        case .uint16: return .unsigned16
        case .int32: return .signed32
        case .uint32: return .unsigned32
        case .int64: return .signed64
        case .uint64: return .unsigned64
        case .float32: return .float32
        case .float64: return .float64
        case .string: return .text
        case .bcd16, .signmag16: return .unsigned16
        case .bcd32, .signmag32: return .unsigned32
        }
    }

    private static func order(of tag: Tag) -> Order {
        switch tag.order {
        case .abcd, .cdabghef, .efghabcd, .dcbahgfe, .fehgbadc: .abcd
        case .cdab: .cdab
        case .badc: .badc
        case .dcba: .dcba
        }
    }

    // MARK: What a block says about its controller

    /// Looks at the layout and the heartbeat, before any value of the block is judged.
    func observe(_ payload: UnsafeBufferPointer<UInt8>, _ trust: inout Trust, at now: Int64) {
        for (step, number) in expectations {
            let found = Decoder.number(steps[step].shape, Decoder.bits(payload, steps[step]))
            trust.sawExpectation(number, met: found == steps[step].expect)
        }
        if let heartbeat { trust.sawHeartbeat(Decoder.bits(payload, steps[heartbeat]), at: now) }
    }

    // MARK: Readings

    /// Writes the readings of a block.
    ///
    /// - Parameters:
    ///   - doubt: why nothing of this controller counts as good, if so. A layout that is not the expected one takes
    ///     every number; a heartbeat that stands still leaves numbers, as uncertain.
    ///   - out: room for `cells`.
    /// - Returns: the cells written.
    func decode(
        _ payload: UnsafeBufferPointer<UInt8>, doubt: Quality?, into out: UnsafeMutableBufferPointer<Cell>
    ) -> Int {
        let doubt = doubt ?? .good
        return steps.withUnsafeBufferPointer { steps in
            invalid.withUnsafeBufferPointer { invalid in
                var count = 0
                for step in steps {
                    if step.shape == .text {
                        count += text(payload, step, doubt, UnsafeMutableBufferPointer(rebasing: out[count...]))
                        continue
                    }
                    let bits = Decoder.bits(payload, step)
                    let quality = lowered(Decoder.judge(bits, step, invalid), by: doubt)
                    // A bad reading has no number: what cannot be believed must not be found by anybody.
                    out[count] =
                        RawReading(bits: quality.isBad ? 0 : bits, slot: Int(step.slot), quality: quality).cell
                    count += 1
                }
                return count
            }
        }
    }

    /// Writes a bad reading for each value of a block: the controller refused all of it.
    ///
    /// - Returns: the cells written.
    func refuse(_ quality: Quality, into out: UnsafeMutableBufferPointer<Cell>) -> Int {
        for (index, step) in steps.enumerated() {
            out[index] = RawReading(bits: 0, slot: Int(step.slot), quality: quality).cell
        }
        return steps.count
    }

    private func lowered(_ quality: Quality, by doubt: Quality) -> Quality {
        if doubt.isGood { return quality }
        // With another layout every register means something else, and so does whatever was found wrong with it.
        if doubt.isBad { return quality == .unexpected ? quality : doubt }
        return quality.isGood ? doubt : quality
    }

    private static func judge(_ bits: UInt64, _ step: Step, _ invalid: UnsafeBufferPointer<Double>) -> Quality {
        let number = number(step.shape, bits)
        if step.hasExpect, number != step.expect { return .unexpected }
        if !number.isFinite { return .notANumber }
        for index in step.firstInvalid..<step.endInvalid where invalid[index] == number { return .invalidValue }
        let value = number * step.scale + step.offset
        return value >= step.low && value <= step.high ? .good : .outOfRange
    }

    /// The raw number, as `ValueType.rawNumber` has it.
    private static func number(_ shape: Shape, _ bits: UInt64) -> Double {
        switch shape {
        case .packedBit, .registerBit, .registerFlag, .unsigned16, .unsigned32, .unsigned64: Double(bits)
        case .signed16, .signed32, .signed64: Double(Int64(bitPattern: bits))
        case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: Double(bitPattern: bits)
        case .text: .nan
        }
    }

    // MARK: Bits

    private static func bits(_ payload: UnsafeBufferPointer<UInt8>, _ step: Step) -> UInt64 {
        switch step.shape {
        case .packedBit: UInt64(payload[step.place >> 3] >> UInt8(step.place & 7)) & 1
        case .registerBit: UInt64(word(payload, step.place)) >> UInt64(step.extent) & 1
        case .registerFlag: word(payload, step.place) == 0 ? 0 : 1
        case .unsigned16: UInt64(word(payload, step.place))
        case .signed16: UInt64(bitPattern: Int64(Int16(bitPattern: word(payload, step.place))))
        case .unsigned32, .float32: UInt64(double(payload, step))
        case .signed32: UInt64(bitPattern: Int64(Int32(bitPattern: double(payload, step))))
        case .unsigned64, .signed64, .float64: quad(payload, step)
        case .text: 0
        }
    }

    private static func word(_ payload: UnsafeBufferPointer<UInt8>, _ place: Int) -> UInt16 {
        UInt16(payload[place]) << 8 | UInt16(payload[place + 1])
    }

    private static func double(_ payload: UnsafeBufferPointer<UInt8>, _ step: Step) -> UInt32 {
        let wire = UInt32(word(payload, step.place)) << 16 | UInt32(word(payload, step.place + 2))
        switch step.order {
        case .abcd: return wire
        case .cdab: return wire << 16 | wire >> 16
        case .badc: return (wire & 0x00FF_00FF) << 8 | (wire >> 8) & 0x00FF_00FF
        case .dcba: return wire.byteSwapped
        }
    }

    private static func quad(_ payload: UnsafeBufferPointer<UInt8>, _ step: Step) -> UInt64 {
        var wire: UInt64 = 0
        for offset in stride(from: 0, to: 8, by: 2) { wire = wire << 16 | UInt64(word(payload, step.place + offset)) }
        switch step.order {
        case .abcd: return wire
        case .cdab: return bytesSwappedInWords(wire.byteSwapped)
        case .badc: return bytesSwappedInWords(wire)
        case .dcba: return wire.byteSwapped
        }
    }

    private static func bytesSwappedInWords(_ wire: UInt64) -> UInt64 {
        (wire & 0x00FF_00FF_00FF_00FF) << 8 | (wire >> 8) & 0x00FF_00FF_00FF_00FF
    }
}

// MARK: - Text

extension Decoder {
    /// Cells that hold so many bytes of text, 16 each.
    private static func continuation(_ bytes: Int) -> Int { (bytes + 15) / 16 }

    private func text(
        _ payload: UnsafeBufferPointer<UInt8>, _ step: Step, _ doubt: Quality, _ out: UnsafeMutableBufferPointer<Cell>
    ) -> Int {
        let field = UnsafeBufferPointer(rebasing: payload[step.place..<(step.place + step.extent)])
        let length = field.firstIndex(of: 0) ?? field.count
        let bytes = UnsafeBufferPointer(rebasing: field[..<length])
        let quality = lowered(Decoder.isText(bytes) ? .good : .notText, by: doubt)
        guard !quality.isBad else {
            out[0] = RawReading(bits: 0, slot: Int(step.slot), quality: quality).cell
            return 1
        }
        let more = Decoder.continuation(length)
        out[0] = RawReading(bits: UInt64(length), slot: Int(step.slot), quality: quality, continuation: more).cell
        for index in 0..<more {
            var cell = Cell()
            withUnsafeMutableBytes(of: &cell) { place in
                for byte in 0..<min(16, length - index * 16) { place[byte] = bytes[index * 16 + byte] }
            }
            out[1 + index] = cell
        }
        return 1 + more
    }

    /// ASCII is seen without an allocation; other UTF-8 costs one.
    private static func isText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }
}
