import Archive
import Plant
import Testing

@testable import Historian

@Suite("Blocks become whole scans")
struct ScanAssemblerTests {
    @Test func blocksOfSeveralGroupsInterleave() throws {
        let rig = try Rig(.small())
        rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2, took: 2)
        rig.publish(group: 1, sequence: 1, [0: .int(7)])
        rig.publish(group: 0, sequence: 1, [1: .int(30)], block: 1, blocks: 2, took: 9)
        rig.loop.pass()
        #expect(rig.board.status.scans == 2)
        #expect(rig.board.status.readings == 3)
        #expect(try rig.readings("C1.temp").map(\.number) == [20])
        #expect(try rig.readings("C1.flow").map(\.number) == [30 * 0.1 + 5])
        #expect(try rig.readings("C2.level").map(\.number) == [7])
        // The time a scan took ends with its slowest block.
        #expect(try shell(rig.path, "SELECT took_ms FROM hot ORDER BY scan_group") == [["9"], ["3"]])
    }

    @Test func halfAScanIsNoScan() throws {
        let rig = try Rig(.small())
        rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2)
        rig.loop.pass()
        #expect(rig.board.status.scans == 0)
        rig.clock.advance(milliseconds: 1000)
        rig.publish(group: 0, sequence: 2, [0: .float(21), 1: .int(0)])
        rig.loop.pass()
        #expect(rig.board.status.scans == 1)
        #expect(rig.board.status.incompleteScans == 1)
        #expect(try rig.readings("C1.temp").map(\.number) == [21])
        let told = try rig.events().filter { $0.kind == .overflow }
        #expect(told.count == 1)
        #expect(told.first?.attributes["incomplete"] == "1")
        #expect(told.first?.subject == "C1/fast")
    }

    @Test func aScanGoesOnInTheNextPass() throws {
        let rig = try Rig(.small())
        rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2)
        rig.loop.pass()
        rig.publish(group: 0, sequence: 1, [1: .int(0)], block: 1, blocks: 2)
        rig.loop.pass()
        #expect(rig.board.status.scans == 1)
        #expect(rig.board.status.incompleteScans == 0)
    }

    @Test func aBlockThatComesTwiceOrLateIsNotBelieved() throws {
        let rig = try Rig(.small())
        rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2)
        rig.publish(group: 0, sequence: 1, [0: .float(99)], block: 0, blocks: 2)
        rig.publish(group: 0, sequence: 1, [1: .int(0)], block: 1, blocks: 2)
        rig.publish(group: 0, sequence: 1, [1: .int(99)], block: 1, blocks: 2)
        rig.publish(group: 9, sequence: 1, [0: .int(1)])
        rig.loop.pass()
        #expect(rig.board.status.strayBlocks == 3)
        #expect(try rig.readings("C1.temp").map(\.number) == [20])
        #expect(try rig.readings("C1.flow").map(\.number) == [5])
    }

    @Test func aSlotThatNobodyReadHasNoNumber() throws {
        let rig = try Rig(.small())
        rig.publish(group: 0, sequence: 1, [0: .float(20)])
        rig.loop.pass()
        let flow = try rig.readings("C1.flow")
        #expect(flow.map(\.number) == [nil])
        #expect(flow.map(\.quality) == [.neverRead])
    }

    @Test func scansThatAreLateAreToldWithTheirTime() throws {
        let rig = try Rig(.small())
        rig.scan(0, [.float(1), .int(1)])
        let before = rig.clock.now
        // Of a second's period, three may be missing.
        rig.clock.advance(milliseconds: 3000)
        rig.scan(0, [.float(1), .int(1)])
        let middle = rig.clock.now
        rig.clock.advance(milliseconds: 3100)
        rig.scan(0, [.float(1), .int(1)])
        rig.loop.pass()
        let told = try rig.events().filter { $0.kind == .gap }
        #expect(told.map(\.text) == ["late scan"])
        #expect(told.map(\.subject) == ["C1/fast"])
        #expect(told.first?.start == middle)
        #expect(told.first?.end == rig.clock.now)
        #expect(before < middle)
    }

    @Test func aClockThatIsSetForwardMakesNoScanLate() throws {
        let rig = try Rig(.small())
        rig.scan(0, [.float(1), .int(1)])
        rig.clock.advance(milliseconds: 1000)
        rig.wallShift = 3_600_000
        rig.scan(0, [.float(1), .int(1)])
        rig.loop.pass()
        #expect(try rig.events().filter { $0.kind == .gap }.isEmpty)
    }

    @Test func aJumpInTheNumbersIsToldWithItsCount() throws {
        let rig = try Rig(.small())
        rig.scan(0, [.float(1), .int(1)])
        rig.scan(1, [.int(1)])
        let before = rig.clock.now
        rig.clock.advance(milliseconds: 5000)
        rig.next[0] += 4
        rig.next[1] += 3
        rig.scan(0, [.float(2), .int(2)])
        rig.scan(1, [.int(2)])
        rig.loop.pass()
        #expect(rig.board.status.missingScans == 7)
        let told = try rig.events().filter { $0.kind == .overflow }
        #expect(told.count == 1)
        #expect(told.first?.start == before)
        #expect(told.first?.end == rig.clock.now)
        #expect(told.first?.attributes == ["scans": "7", "incomplete": "0", "groups": "2"])
    }

    @Test func lossIsARowAndAGapUntilTheFirstGoodScan() throws {
        let rig = try Rig(.small())
        rig.scan(0, [.float(1), .int(1)])
        rig.clock.advance(milliseconds: 1000)
        let lost = rig.clock.now
        rig.lose(0, .timeout)
        rig.loop.pass()
        #expect(
            try rig.events().last == HistoryEvent(.gap, start: lost, end: nil, subject: "C1/fast", text: "bad:timeout"))
        rig.clock.advance(milliseconds: 1000)
        rig.lose(0, .refused)
        rig.clock.advance(milliseconds: 1000)
        rig.scan(0, [.float(3), .int(3)])
        rig.loop.pass()
        let gaps = try rig.events().filter { $0.kind == .gap }
        #expect(gaps == [HistoryEvent(.gap, start: lost, end: rig.clock.now, subject: "C1/fast", text: "bad:timeout")])
        let temperatures = try rig.readings("C1.temp")
        #expect(temperatures.map(\.quality) == [.good, .timeout, .refused, .good])
        #expect(temperatures.map(\.number) == [1, nil, nil, 3])
        #expect(
            try shell(
                rig.path, "SELECT ifnull(value, 'none'), quality FROM recent WHERE tag = 'C1.flow' ORDER BY time")
                == [["5.1", "good"], ["none", "bad:timeout"], ["none", "bad:refused"], ["5.3", "good"]])
    }

    @Test func aLinkThatBreaksInsideAScanIsAGapAndNoOverflow() throws {
        let rig = try Rig(.small())
        rig.publish(group: 0, sequence: 1, [0: .float(1)], block: 0, blocks: 2)
        rig.publish(group: 0, sequence: 1, loss: .disconnected)
        rig.publish(group: 0, sequence: 2, [0: .float(1)], block: 0, blocks: 2)
        rig.publish(group: 0, sequence: 3, loss: .disconnected)
        rig.loop.pass()
        #expect(try rig.readings("C1.temp").map(\.quality) == [.disconnected, .disconnected])
        #expect(try rig.events().map(\.kind) == [.started, .gap])
    }
}
