import Modbus
import Plant
import Testing

@testable import Acquisition

/// A controller that takes several requests at once, here by a transport that has one on its way: what is published,
/// and in which order, must not depend on it.
@Suite struct LineInFlightTests {
    private static func rehearsal(_ device: @escaping (Int64) -> RefusingDevice) -> Rehearsal {
        let rows = SamplePlant.words(0..<10) + SamplePlant.words(50..<60) + SamplePlant.words(90..<100)
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(timeout: .seconds(1), pacing: Pacing(maxInFlight: 8), rows: rows)]),
            ringCells: 1 << 20)
        rehearsal.link.read = { request, at in
            switch device(at).reply(to: request.range) {
            case .values: .init()
            case .exception(let code): .init(error: .exception(code))
            case .silence: .init(milliseconds: 1000, error: .timeout)
            }
        }
        return rehearsal
    }

    @Test func blocksComeInTheirOrderAndEachWithItsOwnReply() {
        let rehearsal = Self.rehearsal { _ in RefusingDevice() }
        rehearsal.run(milliseconds: 5500)
        let blocks = rehearsal.blocks
        #expect(blocks.map(\.header.block) == Array(repeatElement([0, 1, 2], count: 6).joined()))
        #expect(blocks.prefix(3).map { rehearsal.time($0) } == [3, 5, 7])
        for (block, start) in zip(blocks, repeatElement([0, 50, 90], count: 6).joined()) {
            #expect(block.readings.map(\.bits) == (start..<start + 10).map { UInt64($0) })
        }
        #expect(rehearsal.status.controllers[0].in_flight == 8 && rehearsal.status.ok == 18)

    }

    @Test func aBadRegisterIsFoundAmongThemInTheSameScan() {
        let rehearsal = Self.rehearsal { _ in RefusingDevice(refused: [55: 2]) }
        rehearsal.run(milliseconds: 5500)
        let blocks = rehearsal.blocks
        #expect(blocks.map(\.header.block) == Array(repeatElement([0, 1, 2], count: 6).joined()))
        for block in blocks {
            let bad = block.header.block == 1
            #expect(block.readings.map(\.quality) == (0..<10).map { bad && $0 == 5 ? .exception(2) : .good })
        }
        #expect(rehearsal.link.requests(from: 900).count == 5 * 4)
        #expect(rehearsal.status.controllers[0].in_flight == 8, "a refusal is no fault of the pipeline")
    }

    @Test func aQuarantinedRegisterIsTestedAndComesBack() {
        let rehearsal = Self.rehearsal { at in RefusingDevice(refused: at < 30_000 ? [55: 2] : [:]) }
        rehearsal.run(milliseconds: 70_500)
        #expect(rehearsal.link.asked.filter { $0.range == 55..<56 }.count == 2)
        #expect(rehearsal.blocks.suffix(3).flatMap(\.readings).allSatisfy { $0.quality == .good })
        #expect(rehearsal.link.asked.suffix(3).map(\.range) == [0..<10, 50..<60, 90..<100])
    }

    @Test func aRefusalForNowIsOfItsBlockAlone() {
        let rehearsal = Self.rehearsal { at in RefusingDevice(refused: at < 3000 ? [92: 6] : [:]) }
        rehearsal.run(milliseconds: 5500)
        let refused = rehearsal.blocks.filter { $0.readings.contains { $0.quality == .exception(6) } }
        #expect(refused.count == 3 && refused.allSatisfy { $0.header.block == 2 && $0.readings.count == 10 })
        #expect(rehearsal.link.asked.count == 18)
    }

    @Test func afterAFaultThereIsOneAtATimeForTenMinutesAndThenAgainSeveral() throws {
        let rehearsal = Self.rehearsal { at in RefusingDevice(silent: at >= 5000 && at < 6000 ? [50] : []) }
        let status = { [unowned rehearsal] in rehearsal.status.controllers[0].in_flight }
        var seen: [(at: Int64, depth: Int)] = []
        rehearsal.link.idle = { at in if seen.last?.depth != status() { seen.append((at, status())) } }
        rehearsal.run(milliseconds: 700_000)
        #expect(seen.map(\.depth) == [8, 1, 8])
        let (fell, rose) = (try #require(seen.dropFirst().first), try #require(seen.last))
        #expect(rose.at - fell.at >= 600_000 - 1000 && rose.at - fell.at <= 602_000)
        #expect(rehearsal.blocks.filter { !$0.header.loss.isGood }.count == 1)
        #expect(rehearsal.notices.all.contains { $0.cause.hasSuffix("one at a time for 10 min") })
    }

    @Test func aLimitIsLearnedAmongThemAsWell() {
        let rehearsal = Self.rehearsal { _ in RefusingDevice(limit: 6) }
        rehearsal.run(milliseconds: 5500)
        #expect(rehearsal.lessons.all == [LearnedLimits(registers: 5)])
        #expect(rehearsal.link.requests(from: 2900).allSatisfy { $0.request.range.count == 5 })
        #expect(rehearsal.blocks.flatMap(\.readings).allSatisfy { $0.quality == .good })
    }
}
