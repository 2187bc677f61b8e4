import Detection
import Plant
import TestSupport
import struct Plant.Tag
import Ring
import Testing

@testable import Watch

struct ComputedTagTests {
    @Test func theValuesOfAScanAreComputedWhenItsLastBlockCame() {
        let rig = Rig(ComputedPlant.plant())
        rig.block(1, sequence: 1, [ComputedPlant.temperature(2)])
        rig.block(0, sequence: 1, [ComputedPlant.voltage(4.1)], block: 0, blocks: 3)
        #expect(rig.shared.latest[ComputedPlant.resistance] == .neverRead)
        rig.block(0, sequence: 1, [ComputedPlant.current(25)], block: 1, blocks: 3)
        // 4.1 as a float32, minus 1.6, over 2.5 A.
        #expect(rig.number(ComputedPlant.resistance) == (Double(Float(4.1)) - 1.6) / 2.5)
        #expect(rig.number(ComputedPlant.corrected) == (Double(Float(4.1)) - 1.6) / 2.5 * 2)
        #expect(rig.shared.latest[ComputedPlant.resistance].quality == .good)
        #expect(rig.shared.latest[ComputedPlant.resistance].time == rig.clock.wall() / 1_000_000)
    }

    @Test func theComputedBlockFollowsInTheSameScan() throws {
        let rig = Rig(ComputedPlant.plant())
        rig.cell(7, ComputedPlant.voltage(4.1), ComputedPlant.current(25))
        let blocks = rig.recorded()
        #expect(blocks.map(\.header.block) == [0, 1, 2])
        #expect(blocks.allSatisfy { $0.header.blocks == 3 && $0.header.sequence == 7 && $0.header.group == 0 })
        let last = try #require(blocks.last)
        #expect(last.header.sent == blocks[0].header.sent)
        #expect(last.header.wallOffset == blocks[0].header.wallOffset)
        #expect(last.readings.map(\.slot) == [2, 3])
        #expect(last.readings.map(\.quality) == [.good, .neverRead])
    }

    @Test func blocksThatComeInAnotherOrderGiveTheSameMoment() {
        let rig = Rig(ComputedPlant.plant())
        rig.cell(1, ComputedPlant.voltage(2.6), ComputedPlant.current(10))
        // With several requests on their way the second reply may be the first.
        rig.block(0, sequence: 2, [ComputedPlant.current(20)], block: 1, blocks: 3)
        #expect(rig.number(ComputedPlant.resistance) == (Double(Float(2.6)) - 1.6) / 1)
        rig.block(0, sequence: 2, [ComputedPlant.voltage(5.6)], block: 0, blocks: 3)
        #expect(rig.number(ComputedPlant.resistance) == (Double(Float(5.6)) - 1.6) / 2)
    }

    @Test func aScanWithALostBlockIsNotComputed() {
        let rig = Rig(ComputedPlant.plant())
        rig.cell(1, ComputedPlant.voltage(2.6), ComputedPlant.current(10))
        let before = rig.shared.latest[ComputedPlant.resistance]
        rig.clock.advance(.seconds(1))
        // The ring was full when its first block came.
        rig.block(0, sequence: 2, [ComputedPlant.current(20)], block: 1, blocks: 3)
        #expect(rig.shared.latest[ComputedPlant.resistance] == before)
        rig.clock.advance(.seconds(1))
        rig.cell(3, ComputedPlant.voltage(3.6), ComputedPlant.current(20))
        #expect(rig.number(ComputedPlant.resistance) == (Double(Float(3.6)) - 1.6) / 2)
        #expect(rig.recorded().map(\.header.sequence) == [1, 1, 1, 2, 3, 3, 3])
    }

    @Test func aLossMakesComputedTagsBadToo() {
        let rig = Rig(ComputedPlant.plant())
        rig.cell(1, ComputedPlant.voltage(2.6), ComputedPlant.current(10))
        rig.block(0, sequence: 2, [ComputedPlant.voltage(2.6)], block: 0, blocks: 3)
        rig.block(0, sequence: 3, [], loss: .timeout)
        #expect(rig.shared.latest[ComputedPlant.resistance].quality == .timeout)
        #expect(rig.recorded().map(\.header.block) == [0, 1, 2, 0, 0])
    }

    @Test func alarmsWatchComputedTagsLikeAnyOther() throws {
        let rig = Rig(ComputedPlant.plant())
        rig.cell(1, ComputedPlant.voltage(5.6), ComputedPlant.current(10))
        #expect(rig.transitions.all.isEmpty)
        rig.clock.advance(.seconds(1))
        rig.cell(2, ComputedPlant.voltage(7.6), ComputedPlant.current(10))
        let raise = try #require(rig.transitions.all.first)
        #expect(raise.event.what == .raise && raise.alarm == 0)
        #expect(raise.event.value == Double(Float(7.6)) - 1.6)
        rig.clock.advance(.seconds(1))
        rig.cell(3, ComputedPlant.voltage(0, .sensorFault), ComputedPlant.current(10))
        #expect(rig.shared.alarms.states[0].core == .unack, "a value that cannot be computed clears nothing")
    }

    struct Judged: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var voltage: RawReading = ComputedPlant.voltage(2.6)
        var current: RawReading = ComputedPlant.current(10)
        var clamps = false
        var quality: Quality
    }

    @Test(arguments: [
        Judged(testDescription: "all good", quality: .good),
        Judged(
            testDescription: "the first bad input", voltage: ComputedPlant.voltage(0, .failLow),
            current: ComputedPlant.current(0, .timeout), quality: .failLow),
        Judged(
            testDescription: "bad beats uncertain", voltage: ComputedPlant.voltage(2.6, .clamped),
            current: ComputedPlant.current(0, .exception(4)), quality: .exception(4)),
        Judged(
            testDescription: "the first uncertain input", voltage: ComputedPlant.voltage(2.6, .weakSignal),
            current: ComputedPlant.current(10, .frozen), quality: .weakSignal),
        Judged(testDescription: "division by zero", current: ComputedPlant.current(0), quality: .undefined),
        Judged(
            testDescription: "nought by nought", voltage: ComputedPlant.voltage(1.6), current: ComputedPlant.current(0),
            quality: .undefined),
        Judged(
            testDescription: "outside the range", voltage: ComputedPlant.voltage(5000), quality: .outOfRange),
        Judged(
            testDescription: "pinned to the range", voltage: ComputedPlant.voltage(5000), clamps: true,
            quality: .clamped),
        Judged(
            testDescription: "pinned, but already in doubt", voltage: ComputedPlant.voltage(5000, .frozen),
            clamps: true, quality: .frozen),
    ])
    func theWorstInputDecides(_ judged: Judged) {
        let rig = Rig(ComputedPlant.plant(clamps: judged.clamps))
        rig.cell(1, judged.voltage, judged.current)
        let reading = rig.shared.latest[ComputedPlant.resistance]
        #expect(reading.quality == judged.quality)
        if reading.quality.isBad { #expect(reading.bits == 0) }
        if judged.clamps { #expect(rig.number(ComputedPlant.resistance) == 1000) }
    }

    @Test func anInputOfAnotherGroupGrowsStale() {
        let rig = Rig(ComputedPlant.plant())
        rig.block(1, sequence: 1, [ComputedPlant.temperature(2)])
        rig.clock.advance(ComputedPlant.stale)
        rig.cell(1, ComputedPlant.voltage(2.6), ComputedPlant.current(10))
        #expect(rig.shared.latest[ComputedPlant.corrected].quality == .good, "exactly that old is not older")
        rig.clock.advance(.milliseconds(1))
        rig.cell(2, ComputedPlant.voltage(2.6), ComputedPlant.current(10))
        #expect(rig.shared.latest[ComputedPlant.corrected].quality == .stale)
        #expect(rig.number(ComputedPlant.corrected) != nil)
        #expect(rig.shared.latest[ComputedPlant.resistance].quality == .good)
    }

    @Test func aResultThatStandsStillIsFrozen() {
        let rig = Rig(ComputedPlant.plant(stuckAfter: .seconds(5)))
        var sequence: UInt64 = 0
        func scan(_ voltage: Float) -> Quality {
            sequence += 1
            rig.cell(sequence, ComputedPlant.voltage(voltage), ComputedPlant.current(10))
            rig.clock.advance(.seconds(1))
            return rig.shared.latest[ComputedPlant.resistance].quality
        }
        let qualities = (0..<8).map { _ in scan(2.6) }
        #expect(qualities == Array(repeating: .good, count: 6) + [.frozen, .frozen])
        #expect(scan(2.7) == .good)
    }

    /// An independent account of the rules over random scans: nothing is computed from what is bad, old or missing.
    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func aComputedValueIsNeverBetterThanItsInputs(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let rig = Rig(ComputedPlant.plant(range: -50...50), recorderCells: 1 << 16)
        let qualities: [Quality] = [.good, .good, .good, .frozen, .weakSignal, .timeout, .notANumber, .exception(2)]
        var slow: (value: Double, quality: Quality, at: Int64)?
        for sequence in 1...500 as ClosedRange<UInt64> {
            rig.clock.advance(.milliseconds(Int64.random(in: 100...6000, using: &random)))
            if Int.random(in: 0..<12, using: &random) == 0 {
                let reading = ComputedPlant.temperature(
                    Double(Int.random(in: -9...9, using: &random)), qualities.randomElement(using: &random) ?? .good)
                slow = (Double(bitPattern: reading.bits), reading.quality, rig.clock.monotonic())
                rig.block(1, sequence: sequence, [reading])
            }
            let voltage = ComputedPlant.voltage(
                Float(Int.random(in: -20...20, using: &random)), qualities.randomElement(using: &random) ?? .good)
            let current = ComputedPlant.current(
                Int64.random(in: -30...30, using: &random), qualities.randomElement(using: &random) ?? .good)
            rig.cell(sequence, voltage, current)

            let volts = Double(Float(bitPattern: UInt32(voltage.bits)))
            let amperes = Double(Int64(bitPattern: current.bits)) * 0.1
            var inputs = [voltage.quality, current.quality]
            expect(rig, ComputedPlant.resistance, (volts - 1.6) / amperes, inputs, -50...50, seed, sequence)
            let age = rig.clock.monotonic() - (slow?.at ?? 0)
            var third = slow?.quality ?? .neverRead
            if !third.isBad, age > ComputedPlant.stale.nanoseconds { third = .stale }
            inputs.append(third)
            expect(
                rig, ComputedPlant.corrected, (volts - 1.6) / amperes * (slow?.value ?? 0), inputs, nil, seed, sequence)
        }
        #expect(rig.recorded().filter { $0.header.group == 0 }.count == 1500, "seed \(seed)")
    }

    private func expect(
        _ rig: Rig, _ tag: Int, _ value: Double, _ inputs: [Quality], _ range: ClosedRange<Double>?, _ seed: UInt64,
        _ sequence: UInt64
    ) {
        let found = rig.shared.latest[tag]
        let cause: Quality
        if let bad = inputs.first(where: \.isBad) {
            cause = bad
        } else if !value.isFinite {
            cause = .undefined
        } else if let range, !range.contains(value) {
            cause = .outOfRange
        } else {
            cause = inputs.first { $0.isUncertain } ?? .good
        }
        #expect(found.quality == cause, "seed \(seed), scan \(sequence)")
        #expect(found.bits == (cause.isBad ? 0 : value.bitPattern), "seed \(seed), scan \(sequence)")
    }
}
