/// Bits that changed since the value before, as in Pelkonen et al., "Gorilla: a fast, scalable, in-memory time series
/// database", VLDB 2015: for numbers that jump about, where no difference is small.
///
/// A zero: no change. `10`: the changed bits lie in the window of the one before, which follows. `11`: a new window, six
/// bits for the zeros before it, six for its width less one, and the window.
enum ExclusiveCode {
    private static let fieldWidth = 6

    /// The first value as a varint, then the changes; `nil` when more bits are needed than the limit.
    static func encode(_ values: [UInt64], limit: Int) -> [UInt8]? {
        var head = ByteWriter()
        head.varint(values[0])
        var writer = BitWriter(bits: min(limit, values.count * 78))
        var (leading, width) = (0, 64)
        var left = limit - head.bytes.count * 8
        for index in 1..<values.count {
            let change = values[index] ^ values[index - 1]
            guard change != 0 else {
                writer.put(0, width: 1)
                left -= 1
                continue
            }
            let (zeros, trailing) = (change.leadingZeroBitCount, change.trailingZeroBitCount)
            let own = 64 - zeros - trailing
            let fits = zeros >= leading && trailing >= 64 - leading - width
            if fits, width <= own + 2 * fieldWidth {
                writer.put(0b10, width: 2)
                left -= 2 + width
            } else {
                (leading, width) = (zeros, own)
                writer.put(0b11, width: 2)
                writer.put(UInt64(leading), width: fieldWidth)
                writer.put(UInt64(width - 1), width: fieldWidth)
                left -= 2 + 2 * fieldWidth + width
            }
            writer.put(change >> UInt64(64 - leading - width), width: width)
            guard left >= 0 else { return nil }
        }
        return left < 0 ? nil : head.bytes + writer.finish()
    }

    /// As many values as there is room for, one at least.
    static func read(
        _ reader: inout ByteReader, into values: UnsafeMutableBufferPointer<UInt64>
    ) throws(ChunkError) {
        var value = try reader.varint()
        values[0] = value
        var bits = reader.bits()
        var (leading, width) = (0, 64)
        for index in 1..<values.count {
            let next = bits.peek()
            if next >> 63 == 0 {
                bits.skip(1)
            } else {
                bits.skip(2)
                if next >> 62 & 1 == 1 {
                    leading = Int(next >> 56 & 63)
                    width = Int(next >> 50 & 63) + 1
                    bits.skip(2 * fieldWidth)
                    guard leading + width <= 64 else {
                        throw .damaged("\(width) bits behind \(leading) zeros, expected 64 at most together")
                    }
                }
                value ^= bits.read(width) << UInt64(64 - leading - width)
            }
            values[index] = value
        }
        try reader.close(bits)
    }
}
