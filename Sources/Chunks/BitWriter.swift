/// Bits that grow, the most significant first, so that a reader counts leading ones with one instruction.
struct BitWriter {
    private var bytes: [UInt8] = []
    /// Bits that are no whole word yet, at the top.
    private var word: UInt64 = 0
    private var filled = 0

    init(bits: Int) { bytes.reserveCapacity(bits / 8 + 8) }

    /// - Parameter width: 0...64; bits of the value above it must be zero.
    @inline(__always)
    mutating func put(_ value: UInt64, width: Int) {
        let room = 64 - filled
        if width < room {
            word |= value &<< (room - width)
            filled += width
        } else {
            let over = width - room
            flush(word | value >> over)
            word = over == 0 ? 0 : value &<< (64 - over)
            filled = over
        }
    }

    private mutating func flush(_ word: UInt64) {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// All of it, filled up with zeros to a whole byte.
    consuming func finish() -> [UInt8] {
        withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0.prefix((filled + 7) / 8)) }
        return bytes
    }
}
