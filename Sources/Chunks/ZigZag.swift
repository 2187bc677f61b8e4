/// Small numbers of either sign as small numbers without one: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
enum ZigZag {
    @inline(__always)
    static func fold(_ value: Int64) -> UInt64 { UInt64(bitPattern: value &<< 1 ^ value &>> 63) }

    @inline(__always)
    static func unfold(_ value: UInt64) -> Int64 { Int64(bitPattern: value &>> 1 ^ (0 &- (value & 1))) }
}
