import Plant
import Testing

@Suite struct BlockCheckTests {
    private static func block(_ values: Int) -> [Cell] {
        let header = ScanHeader(
            sequence: 77, group: 3, count: values, block: 1, blocks: 2, sent: 5_000_000_000, replied: 5_003_000_000,
            wallOffset: 1_767_225_600_000_000_000)
        return [header.cell0, header.cell1, header.cell2]
            + (0..<values).map { RawReading(bits: UInt64($0) * 31, slot: $0, quality: .good).cell }
    }

    @Test(arguments: [0, 1, 100]) func aSignedBlockMatchesAndKeepsItsHeader(values: Int) {
        var cells = Self.block(values)
        cells.withUnsafeMutableBufferPointer { BlockCheck.sign($0) }
        var signed = ScanHeader(cells[0], cells[1], cells[2])
        #expect(signed.check != 0)
        #expect(cells.withUnsafeMutableBufferPointer { BlockCheck.matches($0) })
        signed.check = 0
        #expect(signed == ScanHeader(cells: Self.block(values)))
    }

    @Test func noBitCanChangeUnseen() {
        var cells = Self.block(3)
        cells.withUnsafeMutableBufferPointer { BlockCheck.sign($0) }
        for place in cells.indices {
            for bit in 0..<64 as Range<UInt64> {
                var (low, high) = (cells, cells)
                low[place].low ^= 1 << bit
                high[place].high ^= 1 << bit
                #expect(!low.withUnsafeMutableBufferPointer { BlockCheck.matches($0) }, "cell \(place), bit \(bit)")
                #expect(!high.withUnsafeMutableBufferPointer { BlockCheck.matches($0) }, "cell \(place), bit \(bit)")
            }
        }
    }

    @Test func lessThanAHeaderIsNoBlock() {
        var cells = [Cell(), Cell()]
        #expect(!cells.withUnsafeMutableBufferPointer { BlockCheck.matches($0) })
    }
}

extension ScanHeader {
    fileprivate init(cells: [Cell]) { self.init(cells[0], cells[1], cells[2]) }
}
