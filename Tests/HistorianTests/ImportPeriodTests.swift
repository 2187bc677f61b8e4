import Archive
import Plant
import Testing

@testable import Historian

/// How long one imported reading stands for.
@Suite struct ImportPeriodTests {
    static let spacings: [([Int64], Int64?)] = [
        ([], nil), ([5], nil), ([0, 1000, 2000, 3000], 1000), ([0, 1003, 2001, 3004], 1000),
        ([0, 60_000, 120_000, 7_200_000], 60_000), ([7000, 5000, 3000], 2000), ([0, 0, 0], nil),
        ([0, 28_800_001, 57_600_000], 29_000_000), ([0, 28_800_000, 57_600_000], 28_800_000), ([0, 7], 7),
        ([0, 99], 99),
    ]

    @Test(arguments: spacings)
    func spacingIsAMedian(_ times: [Int64], _ expected: Int64?) {
        var spacing = Spacing()
        for time in times { spacing.note(time) }
        #expect(spacing.period == expected)
    }

    static let periods: [(Duration?, Int64?, Int64?, Int64, ImportPeriod.Basis)] = [
        // What the person says, whatever else is known.
        (.seconds(5), 86_400_000, 1000, 5000, .given), (.seconds(5), nil, nil, 5000, .given),
        // One manual value a day of a tag that is read each second does not stand for a day.
        (nil, 86_400_000, 1000, 1000, .scans), (nil, nil, 1000, 1000, .scans),
        // An old record's means of a minute do.
        (nil, 60_000, 1000, 60_000, .measured), (nil, 3_600_000, 1000, 3_600_000, .measured),
        (nil, 3_600_001, 1000, 1000, .scans), (nil, 86_400_000, 43_200_000, 43_200_000, .scans),
        (nil, 7_200_000, 10_800_000, 7_200_000, .measured),
        // A file with more than the plant had keeps its own.
        (nil, 100, 1000, 100, .measured), (nil, 1000, 1000, 1000, .measured), (nil, 8000, nil, 8000, .measured),
        (nil, 604_800_000, nil, ImportPeriod.longest, .measured), (nil, nil, nil, ImportPeriod.lone, .assumed),
        // What a staging file can say.
        (.zero, nil, nil, 1, .given), (.seconds(1 << 40), nil, nil, 31_622_400_000, .given),
    ]

    @Test(arguments: periods)
    func theFilesTellUnlessTheyAreFarMoreSeldom(
        _ given: Duration?, _ spacing: Int64?, _ scans: Int64?, _ expected: Int64, _ basis: ImportPeriod.Basis
    ) {
        let period = ImportPeriod(given: given, spacing: spacing, scans: scans)
        #expect(period.milliseconds == expected)
        #expect(period.basis == basis)
        #expect(period.spacing == spacing)
    }

    /// What the dry run shows is what is kept, and what figures are made of.
    @Test func oneValueADayIsNoDayOfGoodTime() throws {
        let rig = try ImportRig()
        let day: Int64 = 86_400_000
        let rows = (0..<3 as Range<Int64>).map { "\(ImportRig.start - (3 - $0) * day),C1.temp,\($0)\n" }.joined()
        let text = "time,tag,value\n" + rows
        func goodSeconds() throws -> Double {
            let reader = try rig.rig.reader()
            return try reader.read { archive in
                let tag = try #require(try archive.tag(named: "C1.temp"))
                var seconds = 0.0
                try archive.aggregates(of: tag, from: 0, to: ImportRig.start, .whole) {
                    seconds = Double($0.goodMilliseconds) / 1000
                }
                return seconds
            }
        }
        let staged = try rig.stage(text)
        #expect(
            staged.tags == [
                StagedTag(
                    name: "C1.temp", readings: 3, isCreated: false,
                    period: ImportPeriod(given: nil, spacing: day, scans: 1000))
            ])
        try rig.run(staged)
        #expect(try goodSeconds() == 3)
        let given = try ImportRig()
        try given.run(try given.stage(text) { $0.period = .milliseconds(day) })
        let kept = try shell(given.rig.path, "SELECT period_ms FROM layout ORDER BY id DESC LIMIT 1")
        #expect(kept == [["86400000"]])
    }
}
