import Modbus
import Plant
import Testing

@testable import Acquisition

/// A line over days: cuts, outages, and what it does when they are over.
@Suite struct LineEnduranceTests {
    private static let plant = SamplePlant.plant([
        .init(
            name: "F-01", timeout: .seconds(1),
            rows: SamplePlant.words(0..<2) + SamplePlant.words(50..<52) + SamplePlant.words(90..<91, scan: "fast"))
    ])

    @Test(arguments: [UInt64(1)])
    func aThousandCutsAreComeBackFromEachWithinAMinuteOfTheCablesReturn(seed: UInt64) {
        var random = SplitMix(state: seed)
        // Each outage begins some minutes after the last, and lasts up to three.
        var outages: [Range<Int64>] = []
        var at: Int64 = 5000
        for _ in 0..<1000 {
            let length = Int64.random(in: 10...180_000, using: &random)
            outages.append(at..<at + length)
            at += length + Int64.random(in: 70_000...200_000, using: &random)
        }
        let errors: [ModbusError] = [.refused, .unreachable(113), .disconnected(0), .timeout, .badReply(.transaction)]
        let kinds = outages.map { _ in Int.random(in: 0..<errors.count, using: &random) }
        var next = 0
        let error = { (at: Int64) -> ModbusError? in
            while next < outages.count, outages[next].upperBound <= at { next += 1 }
            return next < outages.count && outages[next].contains(at) ? errors[kinds[next]] : nil
        }
        let rehearsal = Rehearsal(Self.plant, seed: seed, ringCells: 1 << 14)
        rehearsal.link.connect = { at in
            // What stands in the way of a request stands in the way of a connection.
            error(at).map { $0 == .timeout ? .init(milliseconds: 1000, error: .unreachable(110)) : .init(error: $0) }
                ?? .init(milliseconds: 1)
        }
        rehearsal.link.read = { _, at in
            error(at).map { .init(milliseconds: $0 == .timeout ? 1000 : 2, error: $0) } ?? .init()
        }
        let reader = rehearsal.reader
        rehearsal.link.idle = { _ in _ = reader.blocks() }
        rehearsal.run(milliseconds: at)
        let good = rehearsal.blocks.filter { $0.header.loss.isGood }.map { rehearsal.time($0) }
        var place = 0
        for outage in outages {
            while place < good.count, good[place] < outage.upperBound { place += 1 }
            let back = place < good.count ? good[place] - outage.upperBound : .max
            #expect(back <= 61_000, "seed \(seed): \(back) ms after \(outage)")
        }
        let group = rehearsal.status.groups[0]
        #expect(group.skipped <= 2 * outages.count, "what was down is not made up for")
        #expect(rehearsal.notices.all.count <= 4 * outages.count, "a few lines for each, however often it was tried")
        #expect(rehearsal.notices.all.last?.ended == true)
    }

    @Test func nothingIsQueuedWhileItIsDown() throws {
        let rehearsal = Rehearsal(Self.plant)
        rehearsal.link.connect = { at in at > 1000 && at < 600_000 ? .init(error: .refused) : .init() }
        rehearsal.link.read = { _, at in (1000..<2000).contains(at) ? .init(error: .disconnected(104)) : .init() }
        rehearsal.run(milliseconds: 700_000)
        let back = try #require(rehearsal.link.connects.first { $0 >= 600_000 })
        // Three blocks at once, and then what falls due.
        let first = rehearsal.link.requests(from: back, to: back + 900)
        #expect(Set(first.prefix(3).map(\.range)) == [0..<2, 50..<52, 90..<91] && first.count <= 3 + 2 * 2)
        #expect(rehearsal.status.groups.allSatisfy { $0.skipped <= 1 && $0.late <= 1 })
        #expect(rehearsal.link.requests(from: 2500, to: 600_000).isEmpty)
    }

    @Test func theLossIsToldAtTheMomentItIsKnownAndStandsForEveryTag() throws {
        let rehearsal = Rehearsal(Self.plant)
        rehearsal.link.read = { _, at in at > 10_250 ? .init(milliseconds: 1000, error: .timeout) : .init() }
        rehearsal.run(milliseconds: 60_000)
        let losses = rehearsal.blocks.filter { !$0.header.loss.isGood }
        #expect(losses.map(\.header.group).sorted() == [0, 1])
        #expect(losses.allSatisfy { $0.header.loss == .timeout && rehearsal.time($0) == 11_500 })
    }

    @Test func aDayOfScansIsOneADueTimeAndNeverTwoAtOnce() {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(rows: SamplePlant.words(0..<1))], periods: ["normal": .seconds(10)]))
        let reader = rehearsal.reader
        rehearsal.link.idle = { _ in _ = reader.blocks() }
        rehearsal.run(milliseconds: 86_400_000)
        let asked = rehearsal.link.asked.dropFirst()
        #expect(asked.count == 8639 && asked.allSatisfy { $0.at % 10_000_000_000 == 0 })
        #expect(rehearsal.status.groups[0].skipped == 0)
    }
}
