import Chunks
import Plant
import TestSupport
import Testing

/// Any bytes decode or throw; under AddressSanitizer (`cupel-fuzz`) also that nothing outside is read.
@Suite struct DamageTests {
    /// Decodes in every way there is. Whatever comes back has the right number of elements.
    private func tryAll(_ bytes: [UInt8], count: Int, _ type: ValueType, _ seed: UInt64) {
        if let column = try? decoded(bytes, count: count, type) {
            #expect((type.isString ? column.texts.count : column.bits.count) == count, "seed \(seed)")
            #expect(column.qualities.isEmpty || column.qualities.count == count, "seed \(seed)")
        }
        _ = try? statistics(bytes, count: count, start: .max, traits(type, isCounter: true))
        bytes.withUnsafeBytes { data in
            if let span = try? SpanColumns(decoding: data, count: count) {
                #expect([span.times.count, span.took.count, span.sequences.count] == [count, count, count])
            }
            var times: [Int64] = []
            if (try? SpanColumns.decodeTimes(data, count: count, into: &times)) != nil {
                #expect(times.count == count, "seed \(seed)")
            }
            if let losses = try? SpanColumns.decodeLosses(data, count: count) {
                #expect(losses.isEmpty || losses.count == count, "seed \(seed)")
            }
        }
    }

    @Test func damagedChunksNeverTrap() {
        for seed in UInt64(0)..<3000 {
            var source = RandomColumns(seed: seed)
            let type = source.random.pick(RandomColumns.types)
            let span = source.span(source.random.pick([1, 3, 65, 200]))
            let isSpan = source.random.chance(30)
            var bytes =
                isSpan
                ? span.encoded()
                : Chunk.encode(
                    source.column(type, source.random.pick(RandomColumns.Shape.allCases), span), span, traits(type))
            switch source.random.next() % 4 {
            case 0: bytes.removeLast(1 + Int(source.random.next() % UInt64(bytes.count)))
            case 1: bytes[Int(source.random.next() % UInt64(bytes.count))] ^= 1 << UInt8(source.random.next() % 8)
            case 2:
                for _ in 0..<5 {
                    bytes[Int(source.random.next() % UInt64(bytes.count))] = UInt8(
                        truncatingIfNeeded: source.random.next())
                }
            default:
                bytes = (0..<Int(source.random.next() % 60)).map { _ in UInt8(truncatingIfNeeded: source.random.next())
                }
            }
            tryAll(bytes, count: source.random.chance(80) ? span.count : 1000, type, seed)
            tryAll(bytes, count: span.count, source.random.pick(RandomColumns.types), seed)
        }
    }

    @Test(arguments: RandomColumns.Shape.allCases)
    func aChunkThatIsCutShortIsDamaged(_ shape: RandomColumns.Shape) {
        var source = RandomColumns(seed: 3)
        for type in RandomColumns.types {
            let span = source.span(100)
            let bytes = Chunk.encode(source.column(type, shape, span), span, traits(type))
            for length in 0..<bytes.count {
                #expect(throws: ChunkError.self, "\(type), \(length) of \(bytes.count) bytes") {
                    try decoded(Array(bytes[..<length]), count: 100, type)
                }
            }
            #expect(throws: ChunkError.self, "\(type), a byte too many") {
                try decoded(bytes + [0], count: 100, type)
            }
        }
    }

    @Test(
        arguments: [
            ([], ValueType.int16, "ends"),
            ([0x06 | 0x08], .float32, "exclusive with form"),
            ([0x18, 0], .int16, "header"),
            ([0x07], .int16, "texts where"),
            ([0x00, 0], .string(registers: 1), "numbers where"),
            ([0x08, 1, 30], .int16, "floats where"),
            ([0x08, 10, 30], .float32, "10 decimal places"),
            ([0x10, 32, 30], .float32, "32 zeros"),
            ([0x10, 64, 30], .float64, "64 zeros"),
            ([0x02, 0], .int16, "run of 0"),
            ([0x02, 5, 0], .int16, "run of 5"),
            ([0x20, 0, 9], .int16, "run of 9"),
            ([0x03, 0, 0], .int16, "expected at least"),
            ([0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02], .int16, "more than 64 bits"),
            ([0x07, 1, 1, 0xFF, 4, 0], .string(registers: 1), "no UTF-8"),
            ([0x07, 1, 1, 65, 4, 1], .string(registers: 1), "text 1 of 1"),
            ([0x07, 1, 200, 65, 4, 1], .string(registers: 1), "bytes expected"),
            ([0x07, 9, 1, 65, 4, 1], .string(registers: 1), "run of 9"),
            // A new window of 64 bits behind 1 zero.
            ([0x06, 0, 0b1100_0001, 0b1111_1100], .float64, "behind 1 zeros"),
            ([0x00, 0, 0], .int16, "1 bytes too many"),
            ([0xC3, 0, 0, 0], .float64, "bytes expected"),
        ] as [([UInt8], ValueType, String)])
    func saysWhatIsWrong(_ bytes: [UInt8], _ type: ValueType, _ words: String) {
        #expect {
            try decoded(bytes, count: 4, type)
        } throws: { error in
            "\(error)".contains(words)
        }
    }

    @Test(arguments: [([2], "flags 2"), ([0, 8], "coding 8"), ([0, 6], "coding exclusive")] as [([UInt8], String)])
    func saysWhatIsWrongWithASpan(_ bytes: [UInt8], _ words: String) {
        #expect {
            try bytes.withUnsafeBytes { try SpanColumns(decoding: $0, count: 4) }
        } throws: { error in
            "\(error)".contains(words)
        }
    }
}
