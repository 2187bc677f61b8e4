import Archive
import Foundation
import GRDB
import Plant
import Ring
import TestSupport
import Testing

@testable import Historian

/// The recorder goes on with another plant at a mark in its ring.
@Suite("The recorder and a change of the plant")
struct PlantChangeTests {
    /// As `Plant.small`, without its first controller and with a third.
    private static func changed(_ history: HistorySettings = HistorySettings()) throws -> Plant {
        let three = try Plant.test([
            [SlotSpec(name: "x", type: .uint16)], [SlotSpec(name: "level", type: .uint16)],
            [SlotSpec(name: "x", type: .uint16), SlotSpec(name: "y", type: .uint16)],
        ])
        let tags = three.tags.dropFirst()
        return Plant(
            name: "test", site: "here", timeZone: "UTC", controllers: Array(three.controllers.dropFirst()),
            groups: three.groups.dropFirst().map {
                ScanGroup(
                    id: $0.id - 1, controller: $0.controller - 1, scan: $0.scan, name: $0.name, period: $0.period,
                    tags: $0.tags.map { $0 - 1 })
            },
            tags: tags.map {
                .init(
                    id: $0.id - 1, name: $0.name, localName: $0.localName, controller: $0.controller - 1,
                    registers: $0.registers, type: $0.type, group: $0.group - 1, slot: $0.slot)
            }, history: history)
    }

    /// Puts the mark into the ring, as the watch does.
    @discardableResult
    private func change(_ rig: Rig, to plant: Plant, kept: Set<Int>) throws -> UInt64 {
        let number = try #require(rig.board.announce(plant, kept: kept))
        #expect(rig.publish(.change(number: number, layout: KeptRing.layout(of: plant))))
        return number
    }

    @Test func everyScanKeepsTheNameItWasReadUnder() throws {
        let rig = try Rig(.small())
        rig.scan(0, [.float(1), .int(0)])
        rig.scan(1, [.int(11)])
        try change(rig, to: Self.changed(), kept: [0])
        rig.publish(group: 0, sequence: 2, [0: .int(12)])
        rig.publish(group: 1, sequence: 1, [0: .int(5), 1: .int(6)])
        rig.loop.pass()
        rig.loop.pass()
        #expect(try rig.readings("C1.temp").map(\.number) == [1])
        #expect(try rig.readings("C2.level").map(\.number) == [11, 12])
        #expect(try rig.readings("C3.y").map(\.number) == [6])
        #expect(try rig.events().map(\.kind) == [.started])
        #expect(rig.board.status.newestSequences == ["C2/fast": 2, "C3/fast": 1])
        #expect(rig.board.change == nil)
        #expect(try rig.reader().newestSequences() == ["C1/fast": 1, "C2/fast": 2, "C3/fast": 1])
    }

    @Test func aHalfScanOfALineThatGoesOnBecomesWhole() throws {
        let rig = try Rig(.small())
        rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2)
        try change(rig, to: .small(), kept: [0, 1])
        rig.publish(group: 0, sequence: 1, [1: .int(30)], block: 1, blocks: 2)
        rig.loop.pass()
        rig.loop.pass()
        #expect(try rig.readings("C1.temp").map(\.number) == [20])
        #expect(try rig.readings("C1.flow").map(\.number) == [8])
        #expect(rig.board.status.incompleteScans == 0)
    }

    @Test func aHalfScanOfALineThatWasMadeAnewIsGivenUpWithoutAnAlarm() throws {
        let rig = try Rig(.small())
        rig.publish(group: 0, sequence: 1, [0: .float(20)], block: 0, blocks: 2)
        try change(rig, to: .small(), kept: [1])
        rig.publish(group: 0, sequence: 2, [0: .float(21), 1: .int(0)])
        rig.loop.pass()
        rig.loop.pass()
        #expect(try rig.readings("C1.temp").map(\.number) == [21])
        #expect(rig.board.status.incompleteScans == 1)
        #expect(try rig.events().map(\.kind) == [.started], "no ring was full")
    }

    @Test func aGapEndsWithItsGroupAndGoesOnWithItsLine() throws {
        let rig = try Rig(.small())
        rig.lose(0, .timeout)
        rig.lose(1, .refused)
        rig.clock.advance(milliseconds: 1000)
        let gone = rig.clock.now
        try change(rig, to: Self.changed(), kept: [0])
        rig.loop.pass()
        rig.clock.advance(milliseconds: 4000)
        rig.publish(group: 0, sequence: 2, [0: .int(1)])
        rig.loop.pass()
        let gaps = try rig.events().filter { $0.kind == .gap }
        #expect(gaps.map(\.subject) == ["C1/fast", "C2/fast"])
        #expect(gaps.map(\.end) == [gone, gone + 4000])
    }

    @Test func aGroupThatComesBackCountsOn() throws {
        let rig = try Rig(.small())
        for _ in 0..<3 { rig.scan(0, [.float(1), .int(0)]) }
        try change(rig, to: Self.changed(), kept: [0])
        rig.loop.pass()
        #expect(try rig.reader().newestSequences() == ["C1/fast": 3, "C2/fast": 0, "C3/fast": 0])
        try change(rig, to: .small(), kept: [1])
        rig.publish(group: 0, sequence: 4, [0: .float(2), 1: .int(0)])
        rig.loop.pass()
        rig.loop.pass()
        #expect(try rig.readings("C1.temp").map(\.number) == [1, 1, 1, 2])
        #expect(rig.board.status.missingScans == 0)
        #expect(rig.board.status.strayBlocks == 0)
    }

    @Test func aDatabaseThatRefusesHoldsTheChangeUpAndLosesNothing() throws {
        let rig = try Rig(.small())
        rig.scan(1, [.int(1)])
        let number = try change(rig, to: Self.changed(), kept: [0])
        rig.publish(group: 0, sequence: 2, [0: .int(2)])
        let other = try lockedConnection(rig.path)
        rig.loop.pass()
        rig.loop.pass()
        #expect(rig.board.change?.number == number)
        #expect(rig.board.announce(try Self.changed(), kept: []) == nil, "one at a time")
        #expect(rig.board.status.state == .degraded)
        try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        // The batch before the mark, then the plant, then the rest.
        for _ in 0..<3 { rig.loop.pass() }
        #expect(rig.board.status.state == .ok && rig.board.status.lastError == nil)
        #expect(try rig.readings("C2.level").map(\.number) == [1, 2])
        #expect(try rig.events().map(\.kind) == [.started, .storage])
    }

    @Test func aDatabaseThatRefusesThePlantAloneIsToldToo() throws {
        let rig = try Rig(.small())
        rig.loop.pass()
        try change(rig, to: Self.changed(), kept: [0])
        let other = try lockedConnection(rig.path)
        rig.loop.pass()
        #expect(rig.board.status.state == .degraded)
        try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        rig.loop.pass()
        #expect(rig.board.status.state == .ok && rig.board.change == nil)
        rig.loop.pass()
        #expect(try rig.events().map(\.kind) == [.started, .storage])
    }

    @Test func theCommitSettingsComeWithThePlant() throws {
        let rig = try Rig(.small())
        try change(rig, to: Self.changed(HistorySettings(commitReadings: 4)), kept: [0])
        rig.loop.pass()
        for sequence in 1...3 as ClosedRange<UInt64> { rig.publish(group: 0, sequence: sequence, [0: .int(1)]) }
        rig.board.hurry()
        rig.stop()
        #expect(try rig.readings("C2.level").count == 3)
    }

    @Test func aMarkThatNobodyAnnouncedChangesNothing() throws {
        let rig = try Rig(.small())
        let number = try change(rig, to: Self.changed(), kept: [0])
        rig.board.forget(change: number)
        rig.scan(1, [.int(7)])
        rig.loop.pass()
        rig.loop.pass()
        #expect(try rig.readings("C2.level").map(\.number) == [7])
    }

    /// Any order of scans, losses and changes between two plants: nothing is missing, nothing has another's name.
    @Test(arguments: [21, 22, 23, 24] as [UInt64])
    func nothingIsLostOrMisnamed(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let plants = [try Plant.small(), try Self.changed()]
        let rig = try Rig(plants[0])
        var present = 0
        var next: [String: UInt64] = [:]
        var sent: [String: [Double]] = [:]
        for value in 0..<400 {
            rig.clock.advance(milliseconds: 100)
            switch Int.random(in: 0..<20, using: &random) {
            case 0 where rig.board.change == nil:
                present = 1 - present
                // C2 runs in both plants.
                try change(rig, to: plants[present], kept: present == 0 ? [1] : [0])
            case 1, 2:
                rig.loop.pass()
            default:
                let group = plants[present].groups[Int.random(in: 0..<2, using: &random)]
                let sequence = next[group.name, default: 1]
                next[group.name] = sequence + 1
                let first = plants[present].tags[group.tags[0]]
                rig.publish(
                    group: group.id, sequence: sequence,
                    [0: first.type == .float32 ? .float(Float(value)) : .int(Int64(value)), 1: .int(0)])
                sent[first.name, default: []].append(Double(value))
            }
        }
        while rig.board.status.backlogCells > 0 { rig.loop.pass() }
        for (tag, values) in sent { #expect(try rig.readings(tag).map(\.number) == values, "seed \(seed), \(tag)") }
        #expect(rig.board.status.missingScans == 0, "seed \(seed)")
        #expect(rig.board.status.strayBlocks == 0, "seed \(seed)")
        #expect(try rig.events().map(\.kind) == [.started], "seed \(seed)")
    }
}
