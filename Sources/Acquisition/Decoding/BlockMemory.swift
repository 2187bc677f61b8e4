import Plant

/// What is kept of a block between two of its readings: the counters' last values, and since when what has stood still.
///
/// Time counts between readings only: what is read more rarely than its limit is not frozen in between, and what has
/// the same value on both sides of an outage has stood still for it.
struct BlockMemory: Sendable {
    /// Bits that may stand still, and since when they do, in monotonic nanoseconds.
    private struct Standstill: BitwiseCopyable {
        var bits: UInt64 = 0
        var since: Int64?
    }

    private var counters: [UInt64?]
    private var standstills: [Standstill]
    private var payload: [UInt8]
    /// Which values of the payload have ever been read: what comes for the first time has not stood still.
    private var isKnown: [Bool]
    private var isWholeKnown = false
    private var unchangedSince: Int64?

    /// - Parameters:
    ///   - bytes: of the block's payload; none when it may stand still.
    ///   - values: in that payload.
    init(counters: Int, clocks: Int, bytes: Int, values: Int) {
        self.counters = Array(repeating: nil, count: counters)
        standstills = Array(repeating: Standstill(), count: clocks)
        payload = Array(repeating: 0, count: bytes)
        isKnown = Array(repeating: false, count: values)
    }

    /// Keeps a counter's value.
    ///
    /// - Returns: the value before; `nil` for the first.
    mutating func count(_ bits: UInt64, _ counter: Int) -> UInt64? {
        defer { counters[counter] = bits }
        return counters[counter]
    }

    /// - Returns: for how long these bits have been there, in nanoseconds.
    mutating func stood(_ bits: UInt64, _ clock: Int, at now: Int64) -> Int64 {
        if let since = standstills[clock].since, standstills[clock].bits == bits { return now - since }
        standstills[clock] = Standstill(bits: bits, since: now)
        return 0
    }

    /// - Returns: for how long the payload has been the same in every bit, in nanoseconds.
    mutating func stood(_ new: UnsafeBufferPointer<UInt8>, at now: Int64) -> Int64 {
        var changed = !isWholeKnown
        if !isWholeKnown {
            for value in isKnown.indices { isKnown[value] = true }
            isWholeKnown = true
        }
        for index in payload.indices where payload[index] != new[index] {
            payload[index] = new[index]
            changed = true
        }
        return unchanged(!changed, at: now)
    }

    /// Keeps what one value takes of a payload that has holes.
    ///
    /// - Parameter number: of the value among those of the payload.
    /// - Returns: true when it was another, or none.
    mutating func replace(_ value: WireValue, _ number: Int, of new: UnsafeBufferPointer<UInt8>) -> Bool {
        let isNew = !isKnown[number]
        isKnown[number] = true
        if value.shape == .packedBit {
            let mask = UInt8(1) << UInt8(value.place & 7)
            let flips = (payload[value.place >> 3] ^ new[value.place >> 3]) & mask
            payload[value.place >> 3] ^= flips
            return isNew || flips != 0
        }
        var changed = isNew
        for index in value.place..<value.end where payload[index] != new[index] {
            payload[index] = new[index]
            changed = true
        }
        return changed
    }

    /// - Returns: for how long nothing of the payload has changed, in nanoseconds.
    mutating func unchanged(_ isSame: Bool, at now: Int64) -> Int64 {
        if isSame, let since = unchangedSince { return now - since }
        unchangedSince = now
        return 0
    }
}

extension BlockMemory {
    /// A text as bits that a clock can keep: FNV-1a over its bytes.
    static func mark(of text: UnsafeMutableBufferPointer<Cell>, bytes: Int) -> UInt64 {
        UnsafeRawBufferPointer(text).prefix(bytes).reduce(0xCBF2_9CE4_8422_2325) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
    }
}
