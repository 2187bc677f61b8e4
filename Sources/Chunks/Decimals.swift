import Plant

/// Floats that are decimals with few places: integers / 10^places. A sensor with a resolution of 0.1 that is published
/// as a float32 has no more information than that.
struct Decimals {
    /// No sensor has more.
    static let placesMax = 9
    /// Powers of ten up to 10^22 are exact.
    private static let powers = (0...placesMax).map { places in (0..<places).reduce(1.0) { power, _ in power * 10 } }

    let places: Int
    private let power: Double
    private let isSingle: Bool

    init(_ type: ValueType, places: Int) {
        self.places = min(places, Decimals.placesMax)
        power = Decimals.powers[self.places]
        isSingle = type == .float32
    }

    /// The fewest places with which each of the numbers comes back bit for bit, and the integers; `nil` when there are
    /// none, as with a not-a-number or -0.0 among them.
    static func find(_ type: ValueType, _ bits: [UInt64]) -> (Decimals, [Int64])? {
        var decimals = Decimals(type, places: 0)
        var integers: [Int64] = []
        for bits in bits {
            while decimals.integer(bits) == nil {
                guard decimals.places < placesMax else { return nil }
                decimals = Decimals(type, places: decimals.places + 1)
            }
        }
        integers.reserveCapacity(bits.count)
        for bits in bits {
            guard let integer = decimals.integer(bits) else { return nil }
            integers.append(integer)
        }
        return (decimals, integers)
    }

    /// 3 x 2^51: a double of this size has no places left, so adding and taking it away rounds to a whole number.
    private static let rounder = 0x1.8p52
    /// Beyond, it does not.
    private static let wholeMax = 0x1p51

    @inline(__always)
    func integer(_ bits: UInt64) -> Int64? {
        let number =
            isSingle ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits)
        let scaled = number * power
        guard scaled.magnitude < Decimals.wholeMax else { return nil }
        let integer = Int64(scaled + Decimals.rounder - Decimals.rounder)
        return self.bits(integer) == bits ? integer : nil
    }

    @inline(__always)
    func bits(_ integer: Int64) -> UInt64 {
        let number = Double(integer) / power
        return isSingle ? UInt64(Float(number).bitPattern) : number.bitPattern
    }
}
