import Plant
import Testing

@Suite struct RegisterTests {
    @Test(arguments: [
        (RegisterTable.holding, 10, "holding:10 (0x000A, 40011, 4x00011)"),
        (.holding, 0, "holding:0 (0x0000, 40001, 4x00001)"),
        (.input, 0, "input:0 (0x0000, 30001, 3x00001)"), (.coil, 0, "coil:0 (0x0000, 00001, 0x00001)"),
        (.discrete, 74, "discrete:74 (0x004A, 10075, 1x00075)"),
        (.holding, 9_998, "holding:9998 (0x270E, 49999, 4x09999)"),
        (.holding, 9_999, "holding:9999 (0x270F, 410000, 4x10000)"),
        (.holding, 0x8002, "holding:32770 (0x8002, 432771, 4x32771)"),
        (.input, 65_535, "input:65535 (0xFFFF, 365536, 3x65536)"),
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

    @Test func anOrderIsThreeIndependentSwapsAndAllEightAreThere() {
        let swaps = WordOrder.allCases.map { [$0.swapsBytes, $0.swapsWords, $0.swapsHalves] }
        #expect(Set(swaps).count == 8)
    }

    /// The long name says where the bytes of 0xABCDEFGH arrive; the swaps must say the same.
    @Test(arguments: WordOrder.allCases)
    func aNameSaysWhatItsSwapsDo(order: WordOrder) {
        var bytes = Array("abcdefgh")
        if order.swapsHalves { bytes = Array(bytes[4...] + bytes[..<4]) }
        if order.swapsWords { bytes = [2, 3, 0, 1, 6, 7, 4, 5].map { bytes[$0] } }
        if order.swapsBytes { bytes = [1, 0, 3, 2, 5, 4, 7, 6].map { bytes[$0] } }
        #expect(String(bytes) == order.longName)
        if order.longName != order.rawValue {
            var short = Array("abcd")
            if order.swapsWords { short = [2, 3, 0, 1].map { short[$0] } }
            if order.swapsBytes { short = [1, 0, 3, 2].map { short[$0] } }
            #expect(String(short) == order.rawValue)
        }
    }
}
