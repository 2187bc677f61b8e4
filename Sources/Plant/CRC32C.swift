/// The checksum of spans and chunks: CRC-32C (Castagnoli), as in RFC 3720, appendix B.4.
public enum CRC32C {
    /// Of the key, the least significant byte first, and the data behind it: a chunk does not match under another key.
    public static func of(key: Int64, _ data: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var crc = folded(tables, ~0, UInt64(bitPattern: key))
            let words = data.count & ~7
            for place in stride(from: 0, to: words, by: 8) {
                crc = folded(
                    tables, crc, UInt64(littleEndian: data.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            }
            for byte in data[words...] { crc = crc >> 8 ^ tables[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
            return ~crc
        }
    }

    /// Eight bytes at a time, one table for each of them: "slicing by 8" (Kounavis, Berry: "Novel table lookup-based
    /// algorithms for high-performance CRC generation", 2008).
    @inline(__always)
    private static func folded(_ tables: UnsafeBufferPointer<UInt32>, _ crc: UInt32, _ word: UInt64) -> UInt32 {
        let mixed = word ^ UInt64(crc)
        let low =
            tables[7 * 256 + Int(mixed & 0xFF)] ^ tables[6 * 256 + Int(mixed &>> 8 & 0xFF)]
            ^ tables[5 * 256 + Int(mixed &>> 16 & 0xFF)] ^ tables[4 * 256 + Int(mixed &>> 24 & 0xFF)]
        let high =
            tables[3 * 256 + Int(mixed &>> 32 & 0xFF)] ^ tables[2 * 256 + Int(mixed &>> 40 & 0xFF)]
            ^ tables[256 + Int(mixed &>> 48 & 0xFF)] ^ tables[Int(mixed &>> 56)]
        return low ^ high
    }

    /// The polynomial 0x1EDC6F41 with its bits turned round.
    private static let polynomial: UInt32 = 0x82F6_3B78

    /// Eight tables of 256: what a byte does to the checksum when so many zeros follow it.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? polynomial : 0) }
        }
        for index in 256..<2048 {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
        }
        return tables
    }()
}
