import Plant
import Ring
import Testing

import struct Plant.Tag

@testable import Acquisition

/// What a line leaves room for, and rings for, where the watch computes.
@Suite struct LineComputedTests {
    private static func plant(alarm: Bool) -> Plant {
        var computed = SamplePlant.Row(name: "sum", registers: SamplePlant.range(.holding, 60), type: .float64)
        computed.formula = Formula(text: "r0 + r50", root: .add(.tag(0), .tag(1)))
        return SamplePlant.plant(
            [.init(rows: SamplePlant.words(0..<1) + SamplePlant.words(50..<51) + [computed])]
        ) { tags in
            guard alarm, let sum = tags.first(where: { $0.formula != nil }) else { return [] }
            return [Self.high(sum.id, 100)]
        }
    }

    private static func high(_ tag: Tag.ID, _ limit: Double) -> AlarmDefinition {
        AlarmDefinition(
            id: 0, name: "h", rule: "h", tag: tag,
            detector: .levels(Levels([AlarmLimit(level: .high, limit: limit, priority: .high)], isAbove: true)),
            qualification: Qualification(maxGap: .seconds(3)))
    }

    @Test func aScanHasOneMoreBlockThanRequestsAndTheLineNeverPublishesIt() {
        let plant = Self.plant(alarm: false)
        let rehearsal = Rehearsal(plant)
        rehearsal.run(milliseconds: 5500)
        let blocks = rehearsal.blocks
        #expect(ScanPlan(plant: plant).lines[0].groups[0].blocks == 3)
        #expect(blocks.map(\.header.block) == Array([[0, 1], [0, 1], [0, 1], [0, 1], [0, 1], [0, 1]].joined()))
        #expect(blocks.allSatisfy { $0.header.blocks == 3 })
        #expect(blocks.map(\.header.sequence) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
        #expect(rehearsal.link.asked.count == 12)
    }

    @Test(arguments: [false, true])
    func theBlockBehindWhichAnAlarmedTagIsComputedAlwaysRings(alarm: Bool) {
        let rehearsal = Rehearsal(Self.plant(alarm: alarm))
        rehearsal.run(milliseconds: 5500)
        #expect(!rings(rehearsal, block: 0, value: 7))
        #expect(rings(rehearsal, block: 1, value: 7) == alarm)
    }

    @Test func newLimitsTakeEffectAtTheNextTurn() {
        let rehearsal = Rehearsal(Self.plant(alarm: false))
        let inbox = rehearsal.inbox
        rehearsal.link.idle = { at in
            // Register 0 at or above 100, and the sum behind the second block.
            if at < 3000 { inbox.put(limits: [0: [100], 2: [50]]) }
        }
        rehearsal.run(milliseconds: 5500)
        var urgency = rehearsal.urgency(0, 0)
        #expect(look(&urgency, 0) == false && look(&urgency, 99) == false)
        #expect(look(&urgency, 100) && !look(&urgency, 100 + 20) == false)
        #expect(rings(rehearsal, block: 1, value: 50))
    }

    private func rings(_ rehearsal: Rehearsal, block: Int, value: UInt64) -> Bool {
        var urgency = rehearsal.urgency(0, block)
        _ = look(&urgency, value)
        return look(&urgency, value)
    }

    private func look(_ urgency: inout Urgency, _ value: UInt64) -> Bool {
        var cells = [RawReading(bits: value, slot: 0, quality: .good).cell]
        return cells.withUnsafeMutableBufferPointer { urgency.look(at: $0, count: 1) }
    }
}
