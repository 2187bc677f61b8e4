import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

@Suite("The beacon beside the history")
struct BeaconTests {
    @Test func itsBytesAreReadBackAndAnyFlippedBitIsNoticed() throws {
        let beacon = Beacon(ordinal: 77, scans: 5, commits: 3, time: 1_767_434_400_123)
        let bytes = beacon.encoded
        #expect(bytes.count == 48 && Beacon(bytes) == beacon)
        #expect(String(decoding: bytes.prefix(8), as: UTF8.self) == "CuplBcn1")
        for bit in 0..<(48 * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(Beacon(damaged) == nil, "bit \(bit)")
        }
        for count in [0, 1, 47, 49] { #expect(Beacon(Array((bytes + [0]).prefix(count))) == nil) }
    }

    private func commit(_ rig: Rig, _ count: Int) {
        for _ in 0..<count {
            rig.clock.advance(milliseconds: 1000)
            rig.scan(1, [.int(1)])
            rig.loop.pass()
        }
    }

    @Test func aLogThatIsGoneIsToldWithItsScans() throws {
        let rig = try Rig(.small())
        commit(rig, 10)
        try rig.store.queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        let kept = rig.clock.now
        commit(rig, 7)
        let copy = try copyOfFiles(rig.path)
        try FileManager.default.removeItem(atPath: copy.history + "-wal")
        do {
            let next = try Rig(.small(), in: copy, after: 100_000)
            #expect(next.board.status.lostScans == 7)
            next.scan(1, [.int(2)])
            next.loop.pass()
            let told = try next.events().filter { $0.kind == .lost }
            #expect(told.map(\.start) == [kept] && told.map(\.end) == [rig.clock.now])
            #expect(told.first?.attributes == ["scans": "7"])
            // The daemon was there until the last of them.
            #expect(try next.events().filter { $0.kind == .gap }.map(\.start) == [rig.clock.now])
            // Numbers of lost scans are not given again.
            #expect(try RawReader(copy.history).readings["C2.level"]?.last?.ordinal == 18)
        }
        let again = try Rig(.small(), in: copy, after: 200_000)
        #expect(again.board.status.lostScans == 0, "told once")
    }

    @Test func aLossIsToldAgainUntilTheEventIsStored() throws {
        let rig = try Rig(.small())
        try rig.store.queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        commit(rig, 3)
        let copy = try copyOfFiles(rig.path)
        try FileManager.default.removeItem(atPath: copy.history + "-wal")
        do { #expect(try Rig(.small(), in: copy, after: 50_000).board.status.lostScans == 3) }
        #expect(try Rig(.small(), in: copy, after: 60_000).board.status.lostScans == 3)
    }

    @Test func nothingIsLostWhenNothingIs() throws {
        let scratch = try Scratch()
        do {
            let rig = try Rig(.small(), in: scratch)
            commit(rig, 5)
            rig.stop()
        }
        do {
            let killed = try Rig(.small(), in: scratch, after: 100_000)
            commit(killed, 5)
        }
        let rig = try Rig(.small(), in: scratch, after: 200_000)
        #expect(rig.board.status.lostScans == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.history + "-beacon"))
        let beacon = try #require(Beacon(Array(bytes)))
        #expect(beacon.ordinal == 10 && beacon.scans == 10)
    }

    @Test func aBeaconThatIsNoneSaysNothing() throws {
        let scratch = try Scratch()
        try Data("who knows".utf8).write(to: URL(fileURLWithPath: scratch.history + "-beacon"))
        let rig = try Rig(.small(), in: scratch)
        commit(rig, 2)
        #expect(rig.board.status.lostScans == 0 && rig.board.status.beaconFailures == 0)
        #expect(rig.beacon?.ordinal == 2)
    }

    @Test func aBeaconThatCannotBeWrittenStopsNoCommit() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(
            atPath: scratch.history + "-beacon", withIntermediateDirectories: false)
        let rig = try Rig(.small(), in: scratch)
        commit(rig, 3)
        #expect(rig.board.status.commits == 3 && rig.board.status.beaconFailures == 3)
        #expect(rig.board.status.state == .ok)
    }
}

extension Rig {
    fileprivate var beacon: Beacon? {
        (try? Data(contentsOf: URL(fileURLWithPath: path + "-beacon"))).flatMap { Beacon(Array($0)) }
    }
}
