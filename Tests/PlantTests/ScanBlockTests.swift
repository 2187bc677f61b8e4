import Plant
import Testing

@Suite struct ScanBlockTests {
    static let headers = [
        ScanHeader(sequence: 0, group: 0, sent: 0, replied: 0, wallOffset: 0),
        ScanHeader(
            sequence: .max, group: Int(UInt32.max), count: Int(UInt16.max), block: Int(UInt16.max),
            blocks: Int(UInt16.max), loss: Quality(rawValue: 255), sent: .max, replied: .min, wallOffset: -1),
        ScanHeader(
            sequence: 1 << 40, group: 7, count: 100, block: 1, blocks: 2, loss: .timeout, sent: 1_000_000_000,
            replied: 1_002_000_000, wallOffset: 1_767_225_600_000_000_000),
    ]

    @Test(arguments: headers)
    func aHeaderSurvivesItsCells(header: ScanHeader) {
        #expect(ScanHeader(header.cell0, header.cell1, header.cell2) == header)
    }

    @Test(arguments: headers)
    func theFirstCellAloneTellsTheLengthOfTheBlock(header: ScanHeader) {
        #expect(ScanHeader.blockCells(header.cell0) == ScanHeader.cells + Int(header.count))
    }

    @Test func noFieldOfAHeaderTouchesAnother() {
        let zero = ScanHeader(sequence: 0, group: 0, blocks: 0, sent: 0, replied: 0, wallOffset: 0)
        let full = Self.headers[1]
        let one: [ScanHeader] = [
            Self.with(zero) { $0.sequence = full.sequence }, Self.with(zero) { $0.group = full.group },
            Self.with(zero) { $0.count = full.count }, Self.with(zero) { $0.block = full.block },
            Self.with(zero) { $0.blocks = full.blocks }, Self.with(zero) { $0.loss = full.loss },
            Self.with(zero) { $0.sent = full.sent }, Self.with(zero) { $0.replied = full.replied },
            Self.with(zero) { $0.wallOffset = full.wallOffset },
        ]
        for header in one {
            #expect(ScanHeader(header.cell0, header.cell1, header.cell2) == header)
        }
    }

    /// 2026-01-01T00:00:00Z is 1 767 225 600 s after 1970.
    @Test(
        arguments: [
            (0, 1_767_225_600_000_000_000, 1_767_225_600_000), (1_999_999, 0, 1),
            (5_000_000_000, 1_767_225_595_000_000_000, 1_767_225_600_000), (1, -1, 0),
        ] as [(Int64, Int64, Int64)])
    func aScanIsStampedWhenItsFirstRequestLeft(sent: Int64, wallOffset: Int64, time: Int64) {
        let header = ScanHeader(
            sequence: 1, group: 1, sent: sent, replied: sent + 900_000_000, wallOffset: wallOffset)
        #expect(header.time == time)
    }

    @Test(arguments: [
        RawReading(bits: 0, slot: 0, quality: .good),
        RawReading(bits: .max, slot: Int(UInt16.max), quality: Quality(rawValue: 255), continuation: 255),
        RawReading(bits: 0x4049_0FDB, slot: 99, quality: .frozen),
        RawReading(bits: 31, slot: 3, quality: .good, continuation: 2),
        RawReading(bits: 1, slot: 0, quality: .good, continuation: 255),
        RawReading(bits: 0, slot: Int(UInt16.max), quality: .good),
        RawReading(bits: 0, slot: 0, quality: .exception(2)),
    ])
    func aReadingSurvivesItsCell(reading: RawReading) {
        #expect(RawReading(reading.cell) == reading)
    }

    @Test func aCellIsSixteenBytesAndMovesAsItIs() {
        #expect(MemoryLayout<Cell>.size == 16)
        #expect(MemoryLayout<Cell>.stride == 16)
    }

    private static func with(_ header: ScanHeader, _ change: (inout ScanHeader) -> Void) -> ScanHeader {
        var changed = header
        change(&changed)
        return changed
    }
}
