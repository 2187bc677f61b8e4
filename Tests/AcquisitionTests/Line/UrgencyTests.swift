import Plant
import Testing

@testable import Acquisition

@Suite struct UrgencyTests {
    /// Tag 0 has high 100 with a deadband of 10 and high-high 200, tag 1 a state, tag 2 nothing.
    private static func plant() -> Plant {
        SamplePlant.plant([.init(rows: SamplePlant.words(0..<3))]) { tags in
            [
                AlarmDefinition(
                    id: 0, name: "h:\(tags[0].name)", rule: "h", tag: 0,
                    detector: .levels(
                        Levels(
                            [
                                AlarmLimit(level: .high, limit: 100, priority: .high, deadband: 10),
                                AlarmLimit(level: .highHigh, limit: 200, priority: .critical, deadband: 10),
                            ], isAbove: true)), qualification: Qualification(maxGap: .seconds(3))),
                AlarmDefinition(
                    id: 1, name: "s:\(tags[1].name)", rule: "s", tag: 1,
                    detector: .test(.state([7]), priority: .low), qualification: Qualification(maxGap: .seconds(3))),
            ]
        }
    }

    private func looks(_ blocks: [[(UInt64, Quality)]]) throws -> [Bool] {
        let plant = Self.plant()
        let request = try #require(ScanPlan(plant: plant).lines[0].groups[0].requests.first)
        var urgency = Urgency(request.tags, plant: plant, limits: Urgency.limits(of: plant))
        return blocks.map { block in
            var cells = block.enumerated().map { RawReading(bits: $1.0, slot: $0, quality: $1.1).cell }
            return cells.withUnsafeMutableBufferPointer { urgency.look(at: $0, count: block.count) }
        }
    }

    private func good(_ first: UInt64, _ second: UInt64 = 0, _ third: UInt64 = 0) -> [(UInt64, Quality)] {
        [(first, .good), (second, .good), (third, .good)]
    }

    @Test func theFirstLookIsNews() throws {
        #expect(try looks([good(50), good(50)]) == [true, false])
    }

    @Test func crossingALimitOrADeadbandIsNewsAndMovingBetweenThemIsNot() throws {
        let values: [UInt64] = [50, 89, 90, 91, 99, 100, 101, 150, 189, 190, 199, 200, 201, 100, 99, 90, 89, 89]
        let news = [
            true, false, true, true, false, true, true, false, false, true, true, true, true, true, true, true, true,
            false,
        ]
        #expect(try looks(values.map { good($0) }) == news)
    }

    @Test func aStateThatBeginsOrEndsIsNews() throws {
        #expect(
            try looks([good(0, 0), good(0, 7), good(0, 7), good(0, 8), good(0, 9)]) == [true, true, false, true, false])
    }

    @Test func anotherQualityIsNewsEvenWithTheSameValue() throws {
        let blocks = [
            good(50), [(50, .frozen), (0, .good), (0, .good)], [(0, .timeout), (0, .good), (0, .good)], good(50),
        ]
        #expect(try looks(blocks) == [true, true, true, true])
    }

    @Test func aTagWithoutAnAlarmIsNeverNews() throws {
        #expect(
            try looks([good(0, 0, 1), good(0, 0, 60_000), [(0, .good), (0, .good), (0, .outOfRange)]]) == [
                true, false, false,
            ])
    }

    /// Whatever the values do, two blocks without news lie among the limits alike.
    @Test(arguments: 0..<50)
    func silenceMeansThatNoLimitWasCrossed(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let values = (0..<200).map { _ in UInt64.random(in: 80...210, using: &random) }
        let news = try looks(values.map { good($0) })
        for index in values.indices.dropFirst() where !news[index] {
            for limit in [UInt64(90), 100, 190, 200] {
                #expect((values[index] >= limit) == (values[index - 1] >= limit), "seed \(seed)")
                #expect((values[index] > limit) == (values[index - 1] > limit), "seed \(seed)")
            }
        }
    }
}
