import Plant
import Testing

@Suite struct RegisterTests {
    @Test(arguments: [
        (RegisterTable.holding, 10, "holding:10 (0x000A, 40011)"), (.holding, 0, "holding:0 (0x0000, 40001)"),
        (.input, 0, "input:0 (0x0000, 30001)"), (.coil, 0, "coil:0 (0x0000, 00001)"),
        (.discrete, 74, "discrete:74 (0x004A, 10075)"), (.holding, 9_998, "holding:9998 (0x270E, 49999)"),
        (.holding, 9_999, "holding:9999 (0x270F, 410000)"), (.holding, 0x8002, "holding:32770 (0x8002, 432771)"),
        (.input, 65_535, "input:65535 (0xFFFF, 365536)"),
    ])
    func aRangeIsShownInAllThreeNotations(table: RegisterTable, start: Int, text: String) {
        #expect(RegisterRange(table: table, start: start, count: 1)?.description == text)
    }

    @Test(arguments: [
        (0, 1, true), (65_535, 1, true), (0, 65_536, true), (65_535, 2, false), (-1, 1, false), (0, 0, false),
    ])
    func aRangeLiesWithinTheTable(start: Int, count: Int, valid: Bool) {
        #expect((RegisterRange(table: .holding, start: start, count: count) != nil) == valid)
    }

    @Test(arguments: [
        (0, 2, 2, 2, false), (0, 2, 1, 2, true), (1, 2, 0, 2, true), (0, 4, 1, 1, true), (2, 2, 0, 2, false),
    ])
    func rangesOverlapWhenTheyShareAnItem(start: Int, count: Int, other: Int, otherCount: Int, overlap: Bool) throws {
        let one = try #require(RegisterRange(table: .input, start: start, count: count))
        let two = try #require(RegisterRange(table: .input, start: other, count: otherCount))
        let elsewhere = try #require(RegisterRange(table: .holding, start: other, count: otherCount))
        #expect(one.overlaps(two) == overlap)
        #expect(two.overlaps(one) == overlap)
        #expect(!one.overlaps(elsewhere))
    }

    @Test func theFourTablesHaveTheFourReadFunctionsAndNoOther() {
        #expect(RegisterTable.allCases.map(\.function).sorted() == [1, 2, 3, 4])
        #expect(RegisterTable.coil.function == 1 && RegisterTable.discrete.function == 2)
        #expect(RegisterTable.holding.function == 3 && RegisterTable.input.function == 4)
    }

    @Test func limitsAreThoseOfTheStandard() {
        for table in RegisterTable.allCases {
            #expect(table.protocolLimit == (table.isBits ? 2000 : 125))
        }
        #expect(RegisterTable.allCases.filter(\.isBits) == [.coil, .discrete])
        #expect(RegisterTable.allCases.sorted() == [.coil, .discrete, .holding, .input])
    }

    @Test(arguments: [
        (WordOrder.abcd, false, false), (.cdab, true, false), (.badc, false, true), (.dcba, true, true),
    ])
    func aWordOrderIsTwoIndependentSwaps(order: WordOrder, words: Bool, bytes: Bool) {
        #expect(order.wordsReversed == words)
        #expect(order.bytesSwapped == bytes)
    }
}
