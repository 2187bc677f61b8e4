import TestSupport
import Testing

@testable import Chunks

@Suite struct ByteCodingTests {
    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 1 << 35, 1 << 63, .max] as [UInt64])
    func varintsComeBack(_ value: UInt64) throws {
        var writer = ByteWriter()
        writer.varint(value)
        #expect(writer.bytes.count == ByteWriter.length(value))
        try writer.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(try reader.varint() == value)
            try reader.checkEnd()
            #expect(throws: ChunkError.self) { try reader.byte() }
        }
    }

    @Test(arguments: [(0, 0), (-1, 1), (1, 2), (-64, 127), (.max, .max - 1), (.min, .max)] as [(Int64, UInt64)])
    func signsAreFolded(_ value: Int64, _ folded: UInt64) {
        #expect(ZigZag.fold(value) == folded)
        #expect(ZigZag.unfold(folded) == value)
    }

    @Test func bitsOfEveryWidthComeBack() throws {
        for seed in UInt64(0)..<100 {
            var random = SeededRandom(seed: seed)
            let fields = (0..<200).map { _ in
                let width = Int(random.next() % 65)
                return (width: width, value: width == 0 ? 0 : random.next() >> UInt64(64 - width))
            }
            var writer = BitWriter(bits: 0)
            for field in fields { writer.put(field.value, width: field.width) }
            let bytes = writer.finish()
            try #require(bytes.count == (fields.reduce(0) { $0 + $1.width } + 7) / 8)
            try bytes.withUnsafeBytes { bytes in
                var reader = BitReader(bytes, from: 0)
                for field in fields { try #require(reader.read(field.width) == field.value, "seed \(seed)") }
                try reader.checkEnd()
                #expect(reader.read(64) == 0)
                #expect(throws: ChunkError.self) { try reader.checkEnd() }
            }
        }
    }
}
