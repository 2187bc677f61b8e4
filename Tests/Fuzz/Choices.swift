/// Where a case takes its decisions from: a seed, or the bytes that libFuzzer gives.
struct Choices {
    private var state: UInt64
    private let bytes: UnsafeBufferPointer<UInt8>?
    private var place = 0

    init(seed: UInt64, number: UInt64) {
        state = seed ^ number &* 0xD129_0FF3_1C2B_6A4D
        bytes = nil
    }

    init(bytes: UnsafeBufferPointer<UInt8>) {
        state = 0
        self.bytes = bytes
    }

    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014); or the next two bytes,
    /// nothing but zeros when there are no more.
    private mutating func next() -> UInt64 {
        guard let bytes else {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
        defer { place = min(place + 2, bytes.count) }
        return (0..<2).reduce(0) { $0 << 8 | (place + $1 < bytes.count ? UInt64(bytes[place + $1]) : 0) }
    }

    /// 0..<limit.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
    mutating func chance(in count: Int) -> Bool { below(count) == 0 }
}
