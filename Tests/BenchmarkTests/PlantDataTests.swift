import Testing

@testable import cupel_bench

@Suite
struct PlantDataTests {
    /// Of the first hour as the C program of the prototypes makes it: each reading as time, register, tag, quality and
    /// kind.
    @Test func theFirstHourIsThatOfThePrototypes() {
        var data = PlantData()
        var scan = PlantData.Scan()
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for _ in 0..<3600 * data.controllerCount {
            data.next(into: &scan)
            for (slot, raw) in scan.raw.enumerated() {
                let tag = scan.controller * PlantData.tagsOfController + slot
                let rest =
                    UInt64(UInt32(bitPattern: raw)) | UInt64(tag) << 32 | (scan.isLost ? 0 : 192) << 48
                    | UInt64(PlantData.Kind(ofTag: tag).rawValue) << 56
                for word in [UInt64(bitPattern: scan.time), rest] { sum = (sum ^ word) &* 0x100_0000_01B3 }
            }
        }
        #expect(sum == PlantDataTests.firstHour)
    }

    /// FNV-1a by 64-bit words over the records of the C program's file.
    static let firstHour: UInt64 = 0x1488_6175_6E30_7602
}
