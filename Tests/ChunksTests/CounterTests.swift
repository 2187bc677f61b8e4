import Chunks
import Plant
import Testing

@Suite struct CounterTests {
    @Test(arguments: [
        (ValueType.uint16, 5.0, 9.0, 4.0), (.uint16, 5, 5, 0),
        (.uint16, 65_530, 4, 10), (.uint16, 49_152, 16_383, 32_767),
        // Not near enough to the ends: a reset.
        (.uint16, 49_151, 4, 4), (.uint16, 65_530, 16_384, 16_384), (.uint16, 100, 7, 7),
        (.int16, 32_767, -32_768, 1), (.int16, 32_767, 0, 0), (.int16, 16_383, -32_768, -32_768),
        (.uint32, 4_294_967_295, 0, 1), (.int32, 2_147_483_647, -2_147_483_648, 1),
        (.bcd16, 9_999, 0, 1), (.bcd16, 7_500, 2_499, 4_999), (.bcd32, 99_999_998, 3, 5),
        (.signmag16, 32_767, -32_767, 1), (.signmag32, 2_147_483_647, -2_147_483_647, 1),
        (.uint64, 0x1p64, 4, 4), (.int64, 0x1p63, -0x1p63, 0),
        (.float32, 1e9, 3, 3), (.float64, 1e300, 3, 3), (.bool, 1, 0, 0),
    ])
    func increase(_ type: ValueType, _ from: Double, _ to: Double, _ expected: Double) {
        #expect(Counter.increase(from: from, to: to, type: type) == expected)
    }

    @Test func risesAcrossAWrapWithinAChunk() throws {
        let column = TagColumn(bits: [65_500, 65_535, 4, 90, 20])
        let counter = traits(.uint16, isStepped: true, isCounter: true)
        let bytes = Chunk.encode(column, evenSpan(5), counter)
        let found = try #require(try statistics(bytes, count: 5, start: 0, counter))
        #expect(found.rise == 146)
    }
}
