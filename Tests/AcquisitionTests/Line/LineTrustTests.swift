import Modbus
import Plant
import Testing

@testable import Acquisition

/// What a line publishes while a controller's layout or heartbeat is in doubt.
@Suite struct LineTrustTests {
    private static func layoutPlant() -> Plant {
        var layout = SamplePlant.Row(name: "layout", registers: SamplePlant.range(.holding, 500), scan: "slow")
        layout.expect = 1
        return SamplePlant.plant(
            [.init(rows: SamplePlant.words(0..<2, scan: "fast") + [layout])],
            periods: ["fast": .milliseconds(500), "slow": .seconds(10)])
    }

    @Test func theLayoutIsSeenBeforeAnythingIsBelieved() throws {
        let rehearsal = Rehearsal(Self.layoutPlant())
        rehearsal.link.memory = { _, address, _ in address == 500 ? 1 : 7 }
        rehearsal.run(milliseconds: 30_000)
        #expect(rehearsal.blocks.first?.header.group == 1, "the slow group goes first, because it shows the layout")
        #expect(rehearsal.blocks.flatMap(\.readings).allSatisfy { $0.quality == .good })
        #expect(rehearsal.status.groups[1].scans >= 3)
    }

    @Test func anotherLayoutMakesEveryTagBadUntilItIsRightAgain() {
        let rehearsal = Rehearsal(Self.layoutPlant())
        rehearsal.link.memory = { _, address, at in address == 500 ? (at < 15_000 || at > 35_000 ? 1 : 2) : 7 }
        rehearsal.run(milliseconds: 60_000)
        var sawMismatch = false
        var broken = false
        for block in rehearsal.blocks {
            if block.header.group == 1 {
                broken = block.readings[0].quality != .good
                #expect(block.readings[0].quality == (broken ? .unexpected : .good))
            } else {
                sawMismatch = sawMismatch || broken
                let expected: Quality = broken ? .layoutMismatch : .good
                #expect(block.readings.allSatisfy { $0.quality == expected && (!broken || $0.bits == 0) })
            }
        }
        #expect(sawMismatch)
        #expect(rehearsal.notices.all.map(\.ended) == [false, true])
        #expect(rehearsal.status.controllers[0].layout_matches)
    }

    @Test func afterALostConnectionTheLayoutIsSeenAnew() throws {
        let rehearsal = Rehearsal(Self.layoutPlant())
        rehearsal.link.memory = { _, address, at in address == 500 ? (at < 12_500 ? 1 : 2) : 7 }
        rehearsal.link.read = { _, at in at >= 12_000 && at < 12_500 ? .init(error: .disconnected(0)) : .init() }
        rehearsal.run(milliseconds: 20_000)
        let after = rehearsal.blocks.drop { $0.header.loss.isGood }.filter { $0.header.loss.isGood }
        #expect(after.first?.header.group == 1)
        #expect(!after.isEmpty && after.flatMap(\.readings).allSatisfy { $0.quality.isBad && $0.bits == 0 })
    }

    @Test func aLayoutThatCannotBeSeenAfterALossIsNotTheOneOfBefore() {
        let rehearsal = Rehearsal(Self.layoutPlant())
        rehearsal.link.memory = { _, address, _ in address == 500 ? 1 : 7 }
        rehearsal.link.read = { request, at in
            if at >= 12_000, at < 12_500 { return .init(error: .disconnected(0)) }
            return request.range.start == 500 && at > 12_500 ? .init(error: .exception(2)) : .init()
        }
        rehearsal.run(milliseconds: 20_000)
        let after = rehearsal.blocks.drop { $0.header.loss.isGood }.filter { $0.header.loss.isGood }
        let others = after.filter { $0.header.group == 0 }.flatMap(\.readings)
        #expect(!others.isEmpty && others.allSatisfy { $0.quality == .layoutMismatch })
    }

    @Test func aControllerWhoseProgramStandsStillIsUncertain() {
        let rows = SamplePlant.words(0..<3)
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(heartbeat: "r0", heartbeatTimeout: .seconds(5), rows: rows)]))
        rehearsal.link.memory = { _, address, at in
            address == 0 ? UInt16((at < 10_000 || at > 30_000 ? at : 10_000) / 1000) : 7
        }
        rehearsal.run(milliseconds: 40_000)
        for block in rehearsal.blocks {
            let second = rehearsal.time(block) / 1000
            let expected: Quality = (16...29).contains(second) ? .frozen : .good
            #expect(block.readings.allSatisfy { $0.quality == expected }, "at \(second) s")
            #expect(block.readings[1].bits == 7, "an uncertain reading keeps its number")
        }
        #expect(rehearsal.notices.all.map(\.ended) == [false, true])
        #expect(!rehearsal.status.controllers[0].frozen)
    }
}
