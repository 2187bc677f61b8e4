import Plant

/// The bits of floats as integers in the order of the numbers: neighbours differ by one, -0.0 comes before 0.0. Not-a-
/// numbers keep their bits like all others.
struct FloatBits {
    /// 32 or 64.
    private let width: Int
    /// Zeros at the end of all of them, which are left out: a float32 that became a float64 ends in 29.
    let shift: Int

    init(_ type: ValueType, shift: Int) { (width, self.shift) = (type == .float32 ? 32 : 64, shift) }

    init(_ type: ValueType, common bits: [UInt64]) {
        self.init(type, shift: 0)
        let all = bits.reduce(0) { $0 | $1 } & magnitudeMask
        self.init(type, shift: all == 0 ? 0 : all.trailingZeroBitCount)
    }

    var isValid: Bool { shift < width }

    private var sign: UInt64 { 1 << UInt64(width - 1) }
    private var magnitudeMask: UInt64 { sign - 1 }

    func integer(_ bits: UInt64) -> Int64 {
        let magnitude = Int64(bitPattern: (bits & magnitudeMask) >> UInt64(shift))
        return bits & sign == 0 ? magnitude : ~magnitude
    }

    @inline(__always)
    func bits(_ integer: Int64) -> UInt64 {
        let isNegative = integer < 0
        let magnitude = UInt64(bitPattern: isNegative ? ~integer : integer) &<< UInt64(truncatingIfNeeded: shift)
        return magnitude & magnitudeMask | (isNegative ? sign : 0)
    }
}
