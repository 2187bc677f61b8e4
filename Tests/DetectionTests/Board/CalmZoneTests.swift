import Plant
import TestSupport
import Testing

@testable import Detection

/// The short way of a calm sample against the whole step: the same states, whatever comes.
@Suite struct CalmZoneTests {
    private static func definition(_ random: inout SeededRandom) -> AlarmDefinition {
        let isAbove = random.chance(50)
        let sign: Double = isAbove ? 1 : -1
        let levels: [AlarmLevel] = isAbove ? [.high, .highHigh] : [.low, .lowLow]
        let deadband = random.pick([0, 0.5, 1])
        var limits = [AlarmLimit(level: levels[0], limit: sign * 3, priority: .high, deadband: deadband)]
        if random.chance(50) {
            limits.append(
                AlarmLimit(level: levels[1], limit: sign * 5, priority: .critical, deadband: random.pick([0, 1])))
        }
        return AlarmDefinition(
            id: 0, name: "a", rule: "a", tag: 0,
            detector: .levels(Levels(limits, isAbove: isAbove, isInclusive: random.chance(50))),
            qualification: Qualification(
                onDelay: .seconds(random.pick([0, 2])), offDelay: .seconds(random.pick([0, 3])), maxGap: .seconds(3),
                count: random.chance(30) ? .init(runs: 3, within: .seconds(20)) : nil,
                onBad: random.chance(30) ? .activate(after: .seconds(2)) : .freeze),
            handling: Handling(
                latching: random.chance(30), acknowledgement: random.pick([.required, .auto, .none]),
                reAlarm: random.chance(20) ? .seconds(7) : nil))
    }

    @Test(arguments: 1...60) func theShortWayIsTheSame(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let definition = Self.definition(&random)
        var rig = BoardRig([definition])
        var twin = AlarmState()
        var events: [AlarmEvent] = []
        var shortcuts = 0
        for turn in 0..<400 {
            let time = Int64(turn) * 1000
            // Whole and half numbers, so that limits and the ends of deadbands are met exactly.
            let value = Double(Int(random.next() % 28) - 14) / 2
            let quality = random.chance(5) ? random.pick([Quality.timeout, .clamped, .stale]) : .good
            if random.chance(3) {
                let command = random.pick([
                    AlarmCommand.acknowledge(occurrence: twin.occurrence, revision: twin.revision), .reset,
                    .shelve(for: .seconds(5), oneShot: random.chance(50)), .unshelve, .suppress, .unsuppress,
                ])
                let note = Note(who: "kim", why: "because")
                #expect(
                    rig.board.obey(command, 0, at: time, by: note)
                        == take(definition, &twin, .command(time: time, command, by: note), &events))
            }
            if quality.isGood, rig.board.calm[0].contains(value) { shortcuts += 1 }
            let seen = quality.isBad ? .nan : value
            rig.board.take(0, Sample(time: time, value: seen, quality: quality))
            let sample = Sample(time: time, value: seen, quality: quality)
            var memory = DetectorMemory(definition)
            _ = take(definition, &twin, .tick(time: time), &events)
            let finding = memory.find(definition, sample, after: twin.lastLevel, Settled(rig.plant))
            let value_ = seen.isFinite ? seen : nil
            _ = take(definition, &twin, .sample(time: time, finding, value: value_, quality: quality), &events)
            _ = rig.gather()
            #expect(rig.board.states[0] == twin, "seed \(seed), turn \(turn)")
        }
        #expect(rig.happened.map(\.event) == events, "seed \(seed)")
        #expect(shortcuts > 20, "seed \(seed): the short way must be taken to be tested")
    }

    private func take(
        _ definition: AlarmDefinition, _ state: inout AlarmState, _ input: AlarmInput, _ events: inout [AlarmEvent]
    ) -> AlarmAnswer? {
        let result = step(definition, &state, input)
        events += result.events
        return result.answer
    }
}
