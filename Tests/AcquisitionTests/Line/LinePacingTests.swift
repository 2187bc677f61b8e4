import Modbus
import Plant
import Testing

@testable import Acquisition

/// How gently a line asks, to the nanosecond.
@Suite struct LinePacingTests {
    private static let blocks = SamplePlant.words(0..<1) + SamplePlant.words(50..<51) + SamplePlant.words(90..<91)

    @Test func aPauseIsLeftBetweenAReplyAndTheNextRequest() {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(pacing: Pacing(pause: .microseconds(20_007)), rows: Self.blocks)]))
        rehearsal.run(milliseconds: 10_500)
        let asked = rehearsal.link.asked
        for (one, next) in zip(asked, asked.dropFirst()) { #expect(next.at - one.replied >= 20_007_000) }
        for scan in 1..<10 {
            let own = rehearsal.link.requests(from: Int64(scan) * 1000, to: Int64(scan) * 1000 + 900)
            #expect(own.map { $0.at - own[0].at } == [0, 22_007_000, 44_014_000], "and not a nanosecond more")
        }
        #expect(rehearsal.status.groups[0].skipped == 0)
        #expect(abs(rehearsal.status.groups[0].pass_expected_ms - 46.014) < 0.001)
    }

    @Test func anotherUnitIsAskedAfterItsOwnPause() {
        let member = SamplePlant.Member(
            name: "A", unit: 1, pacing: Pacing(pause: .milliseconds(3), unitPause: .milliseconds(20)),
            rows: SamplePlant.words(0..<1) + SamplePlant.words(50..<51))
        var other = member
        (other.name, other.unit) = ("B", 2)
        // The second unit falls due five milliseconds after the first, while that is still being read.
        let rehearsal = Rehearsal(SamplePlant.plant([member, other], periods: ["normal": .milliseconds(100)]))
        rehearsal.run(milliseconds: 3050)
        let asked = rehearsal.link.asked
        var least: [Bool: Int64] = [:]
        for (one, next) in zip(asked, asked.dropFirst()) {
            let changes = one.request.unit != next.request.unit
            least[changes] = min(least[changes] ?? .max, next.at - one.replied)
        }
        #expect(least[false] == 3_000_000)
        #expect(least[true] == 20_000_000)
        #expect(rehearsal.link.requests(1).count == 62 && rehearsal.link.requests(2).count == 62)
    }

    @Test func aNewConnectionIsLeftAloneForItsDelay() {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(pacing: Pacing(connectDelay: .milliseconds(750)), rows: Self.blocks)]))
        rehearsal.link.read = { _, at in (5000..<5500).contains(at) ? .init(error: .disconnected(0)) : .init() }
        rehearsal.run(milliseconds: 12_000)
        #expect(rehearsal.link.dialled.count == 2)
        for dial in rehearsal.link.dialled {
            let first = rehearsal.link.asked.first { $0.at >= dial.done }
            #expect(first.map { $0.at - dial.done } == 750_000_000)
        }
        let beyond = rehearsal.link.requests(from: 3000, to: 4900)
        #expect(beyond.count == 6 && beyond.first?.at == 3_000_000_000, "once it stands there is no delay")
    }

    /// The watchdog takes a thread that has not turned for some seconds for stuck.
    @Test(arguments: [Pacing(connectDelay: .seconds(60)), Pacing(pause: .seconds(10))])
    func aLongPauseIsNotTakenForAStuckThread(pacing: Pacing) {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(pacing: pacing, rows: Self.blocks)], periods: ["normal": .seconds(60)]))
        let clock = rehearsal.clock
        var longest: Int64 = 0
        rehearsal.link.idle = { [unowned rehearsal] _ in
            longest = max(longest, clock.monotonic() - rehearsal.lastTurn)
        }
        rehearsal.run(milliseconds: 300_000)
        #expect(longest <= LineSchedule.longestSleep)
        #expect(rehearsal.link.asked.count >= 12)
    }

    @Test func aStopEndsAPause() {
        let rehearsal = Rehearsal(
            SamplePlant.plant([.init(pacing: Pacing(connectDelay: .seconds(60)), rows: Self.blocks)]))
        rehearsal.run(milliseconds: 10_000)
        #expect(rehearsal.link.asked.isEmpty && rehearsal.blocks.isEmpty)
    }
}
