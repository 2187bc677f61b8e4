import Modbus
import Plant
import Testing

@testable import Acquisition

/// What holds of everything a line publishes, whatever its link does.
@Suite struct LineStoryTests {
    /// Whatever the link does: numbers go on without a hole, a scan is whole or followed by a loss, no number is
    /// published that the controller did not hold, and nothing is asked while it backs off.
    @Test(arguments: 0..<60)
    func whateverTheLinkDoesTheStoryIsConsistent(seed: Int) {
        let random = SharedRandom(seed: UInt64(seed))
        let plant = Self.plant(seed)
        let rehearsal = Rehearsal(plant, seed: UInt64(seed), ringCells: 1 << 18)
        let errors: [ModbusError] = [
            .timeout, .disconnected(0), .badReply(.length), .exception(2), .exception(11), .badReply(.stray),
        ]
        rehearsal.link.connect = { _ in random.chance(4) ? .init(milliseconds: 5, error: .refused) : .init() }
        rehearsal.link.read = { _, _ in
            random.chance(5)
                ? .init(milliseconds: random.upTo(1200), error: errors[Int(random.upTo(Int64(errors.count - 1)))])
                : .init(milliseconds: random.upTo(30))
        }
        rehearsal.link.memory = { unit, address, _ in UInt16(unit) * 1000 + UInt16(address) }
        rehearsal.run(milliseconds: 600_000)
        for group in plant.groups where group.diagnoses == nil {
            check(rehearsal.blocks.filter { $0.header.group == group.id }, group, plant, seed)
        }
        for group in plant.groups where group.diagnoses != nil {
            let own = rehearsal.blocks.filter { $0.header.group == group.id }
            #expect(own.map(\.header.sequence) == (0..<own.count).map { UInt64($0) + 1 }, "seed \(seed)")
            #expect(own.count >= 55, "seed \(seed)")
        }
    }

    /// Every third is asked for several blocks at once or has pauses, every second has another way or computed tags.
    private static func plant(_ seed: Int) -> Plant {
        var rows = SamplePlant.words(0..<2) + SamplePlant.words(50..<52) + SamplePlant.words(90..<91, scan: "fast")
        if seed % 4 == 1 {
            var sum = SamplePlant.Row(name: "sum", registers: SamplePlant.range(.holding, 99), type: .float64)
            sum.formula = Formula(text: "1", root: .number(1))
            rows.append(sum)
        }
        let pacing = [
            Pacing(), Pacing(maxInFlight: 4),
            Pacing(pause: .milliseconds(5), unitPause: .milliseconds(20), connectDelay: .milliseconds(300)),
        ][seed % 3]
        let others = seed % 4 == 2 ? [Endpoint(host: "127.0.0.2", port: 502)] : []
        return SamplePlant.plant(
            ["A", "B"].enumerated().map {
                .init(
                    name: $1, unit: UInt8($0 + 1), timeout: .seconds(1), others: others, pacing: pacing, rows: rows)
            }, diagnostics: .seconds(10))
    }

    private func check(_ blocks: [SeenBlock], _ group: ScanGroup, _ plant: Plant, _ seed: Int) {
        var previous: SeenBlock?
        let computes = group.tags.contains { plant.tags[$0].formula != nil }
        for block in blocks {
            let header = block.header
            let opens = header.block == 0
            let expected = previous.map { opens ? $0.header.sequence + 1 : $0.header.sequence } ?? 1
            #expect(header.sequence == expected, "seed \(seed)")
            if opens, let previous, previous.header.loss.isGood, header.loss.isGood {
                let last = Int(previous.header.blocks) - (computes ? 2 : 1)
                #expect(Int(previous.header.block) == last, "seed \(seed): a half scan without a loss")
            }
            if !opens {
                #expect(header.block == (previous?.header.block ?? 0) + 1 && header.sent == previous?.header.sent)
            }
            #expect(header.replied >= header.sent && header.replied >= (previous?.header.replied ?? 0))
            for reading in block.readings {
                let tag = plant.tags[group.tags[Int(reading.slot)]]
                let held = UInt64(plant.controllers[group.controller].unit) * 1000 + UInt64(tag.registers?.start ?? 0)
                #expect(reading.bits == (reading.quality.isBad ? 0 : held), "seed \(seed)")
            }
            previous = block
        }
        #expect(blocks.count > 100, "seed \(seed)")
    }
}

/// Randomness that closures of one thread share.
private final class SharedRandom: @unchecked Sendable {
    private var source: SplitMix
    init(seed: UInt64) { source = SplitMix(state: seed) }
    func upTo(_ limit: Int64) -> Int64 { Int64.random(in: 0...limit, using: &source) }
    func chance(_ percent: Int64) -> Bool { upTo(99) < percent }
}
