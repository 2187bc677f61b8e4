import Plant
import TestSupport
import Testing

@Suite struct CRC32CTests {
    /// Bit by bit, as the standard describes it.
    private func oracle(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0 as UInt32) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
    }

    private func crc(_ bytes: [UInt8]) -> UInt32 {
        let key = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return bytes[8...].withUnsafeBytes { CRC32C.of(key: Int64(bitPattern: key), $0) }
    }

    /// RFC 3720, appendix B.4, and the check value of the catalogues, the first eight bytes as the key.
    @Test(
        arguments: [
            ([UInt8]("123456789".utf8), 0xE306_9283),
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0...31), 0x46DD_794E),
            ([UInt8]((0...31).reversed()), 0x113F_DB5C),
        ] as [([UInt8], UInt32)])
    func vectors(_ bytes: [UInt8], _ expected: UInt32) {
        #expect(oracle(bytes) == expected)
        #expect(crc(bytes) == expected)
    }

    @Test func everyLengthIsTheSameAsBitByBit() {
        var random = SeededRandom(seed: 4)
        for length in 8..<100 {
            let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(crc(bytes) == oracle(bytes), "\(length) bytes")
        }
    }

    @Test func nothingHasOneToo() {
        #expect(
            CRC32C.of(key: 0, UnsafeRawBufferPointer(start: nil, count: 0)) == oracle([UInt8](repeating: 0, count: 8)))
    }
}
