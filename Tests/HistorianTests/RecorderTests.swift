import Archive
import Foundation
import GRDB
import Plant
import Ring
import Testing

@testable import Historian

@Suite("The recorder's own thread", .timeLimit(.minutes(20)))
struct RecorderTests {
    @Test func aFullRingOrAStopBringsACommitForward() async throws {
        let scratch = try Scratch()
        var history = HistorySettings(commitReadings: 40)
        history.commitEvery = .seconds(3600)
        let plant = try Plant.test([[SlotSpec(name: "n", type: .uint32)]], history: history)
        let ring = Ring<Cell>(capacity: 4096)
        let doorbell = Doorbell()
        var producer = ring.producer
        let recorder = try Recorder(
            path: scratch.history, plant: plant, consumer: ring.consumer, doorbell: doorbell, clock: SystemClock())
        let first = try #require(recorder.nextSequence[0])
        func publish(_ numbers: Range<UInt64>) {
            for number in numbers {
                let time = Int64(number) * 1_000_000
                let header = ScanHeader(
                    sequence: first + number, group: 0, count: 1, sent: time, replied: time,
                    wallOffset: HandClock.wallOffset)
                let reading = RawReading(bits: number, slot: 0, quality: .good)
                let published = [header.cell0, header.cell1, header.cell2, reading.cell]
                    .withUnsafeBufferPointer { producer.publish($0) }
                #expect(published)
            }
        }
        let (passes, tell) = AsyncStream.makeStream(of: UInt64.self)
        try recorder.start { tell.yield($0) }
        var pass = passes.makeAsyncIterator()
        #expect(await pass.next() == 0)
        // The next commit by the clock is an hour away.
        publish(0..<100)
        doorbell.ring()
        while let readings = await pass.next(), readings < 100 {}
        publish(100..<105)
        recorder.record(HistoryEvent(.annotation, at: 5, text: "tapped"))
        recorder.stop()
        recorder.stop()
        let status = recorder.status
        #expect(status.scans == 105)
        #expect(status.newestSequences == ["C1/fast": first + 104])
        #expect(status.state == .ok)
        #expect(status.backlogCells == 0)
        #expect(status.refusedCells == 0)
        let reader = try HistoryReader(path: scratch.history)
        #expect(try reader.events(from: 0, to: .max).map(\.text).contains("tapped"))
        var stored: [Double] = []
        try reader.readings(tag: "C1.n", from: 0, to: .max) { stored.append($0.number ?? -1) }
        #expect(stored == (0..<105).map(Double.init))
    }

    @Test func aNewRunContinuesTheNumbers() throws {
        let scratch = try Scratch()
        let plant = try Plant.small()
        do {
            let rig = try Rig(plant, in: scratch)
            rig.scan(1, [.int(1)])
            rig.lose(0, .timeout)
            rig.loop.pass()
        }
        let ring = Ring<Cell>(capacity: 64)
        let recorder = try Recorder(
            path: scratch.history, plant: plant, consumer: ring.consumer, doorbell: Doorbell(), clock: SystemClock())
        #expect(recorder.nextSequence == [0: 2, 1: 2])
        let events = try HistoryReader(path: scratch.history).events(from: 0, to: .max)
        #expect(events.allSatisfy { $0.end != nil })
    }

    @Test func aLockedDatabaseDoesNotHoldUpAStop() throws {
        let rig = try Rig(.small())
        let other = try lockedConnection(rig.path)
        rig.scan(1, [.int(1)])
        // Every look at the clock takes 200 ms, so the recorder's patience ends without a wait.
        rig.clock.step(milliseconds: 200)
        rig.stop()
        #expect(rig.board.status.state == .degraded)
        #expect(rig.board.status.failures > 1)
        try other.close()
        #expect(try rig.readings("C2.level").isEmpty)
    }

    @Test func tooManyEventsAtOnceAreCounted() throws {
        let rig = try Rig(.small())
        for number in 0..<(RecorderBoard.eventLimit + 5) {
            rig.board.post(HistoryEvent(.annotation, at: Int64(number)))
        }
        #expect(rig.board.status.refusedEvents == 5)
        rig.loop.pass()
        #expect(try rig.events().count == RecorderBoard.eventLimit + 1)
        let data = try JSONEncoder().encode(rig.board.status)
        #expect(try JSONDecoder().decode(RecorderStatus.self, from: data) == rig.board.status)
    }
}
