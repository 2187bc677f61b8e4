import Plant
import Simulation
import Testing

@Suite struct RegisterImageTests {
    @Test func tablesSpanFromTheirFirstToTheirLastTag() {
        let tags = [
            sampleTag(type: .float32, start: 10), sampleTag(type: .uint16, start: 20),
            sampleTag(type: .int16, table: .input, start: 5), sampleTag(type: .bool, table: .coil, start: 100),
        ]
        let image = RegisterImage(tags: tags)
        #expect(image[.holding].start == 10)
        #expect(image[.holding].words == [UInt16](repeating: 0, count: 11))
        #expect(image[.input].start == 5)
        #expect(image[.input].words.count == 1)
        #expect(image[.coil].start == 100)
        #expect(image[.discrete].words.isEmpty)
    }

    @Test func valuesLandInTheirOwnRegistersOnly() {
        let first = sampleTag(type: .float32, start: 10)
        let second = sampleTag(type: .uint16, start: 12)
        var image = RegisterImage(tags: [first, second])
        image.store(first.bits(nearest: 1234.5), of: first)
        #expect(image[.holding].words == [0x449a, 0x5000, 0])
        image.store(7, of: second)
        #expect(image[.holding].words == [0x449a, 0x5000, 7])
    }

    @Test(arguments: 0...15) func aBitLeavesItsNeighboursAlone(bit: Int) {
        let word = sampleTag(type: .uint16, start: 8)
        let tag = sampleTag(type: .bool, start: 8, bit: bit)
        var image = RegisterImage(tags: [word, tag])
        image.store(1, of: tag)
        #expect(image[.holding].words == [1 << UInt16(bit)])
        image.store(0xffff, of: word)
        image.store(0, of: tag)
        #expect(image[.holding].words == [~(1 << UInt16(bit))])
    }

    @Test(arguments: [RegisterTable.coil, .discrete]) func bitTablesHoldOnesAndZeros(table: RegisterTable) {
        let tags = (0..<3).map { sampleTag(type: .bool, table: table, start: 40 + $0) }
        var image = RegisterImage(tags: tags)
        image.store(1, of: tags[1])
        #expect(image[table].words == [0, 1, 0])
        image.store(0, of: tags[1])
        #expect(image[table].words == [0, 0, 0])
    }

    @Test func aBooleanWithoutABitFillsItsRegister() {
        let tag = sampleTag(type: .bool, table: .input, start: 3)
        var image = RegisterImage(tags: [tag])
        image.store(1, of: tag)
        #expect(image[.input].words == [1])
    }

    @Test func shorterTextLeavesNothingOfTheLonger() {
        let tag = sampleTag(type: .string(registers: 2))
        var image = RegisterImage(tags: [tag])
        image.store(text: "ABCD", of: tag)
        image.store(text: "E", of: tag)
        #expect(image[.holding].words == [0x4500, 0])
    }
}
