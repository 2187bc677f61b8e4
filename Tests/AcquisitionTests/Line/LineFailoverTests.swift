import Modbus
import Plant
import Testing

@testable import Acquisition

/// A line with two ways to its controllers.
@Suite struct LineFailoverTests {
    private static let one = Endpoint(host: "10.0.0.1", port: 502)
    private static let two = Endpoint(host: "10.0.0.2", port: 502)

    private static func rehearsal(_ units: Int = 1, pacing: Pacing = Pacing(), rows: [SamplePlant.Row]) -> Rehearsal {
        Rehearsal(
            SamplePlant.plant(
                (1...units).map {
                    .init(
                        name: "U\($0)", endpoint: one, unit: UInt8($0), timeout: .milliseconds(500), others: [two],
                        pacing: pacing, rows: rows)
                }), ringCells: 1 << 20)
    }

    private static func rehearsal(_ units: Int = 1, pacing: Pacing = Pacing()) -> Rehearsal {
        rehearsal(units, pacing: pacing, rows: SamplePlant.words(0..<3))
    }

    /// Nobody answers at an endpoint between two times.
    private static func down(_ endpoint: Endpoint, _ from: Int64, _ to: Int64, _ rehearsal: Rehearsal) {
        let isDown = { (asked: Endpoint, at: Int64) in asked == endpoint && at >= from && at < to }
        rehearsal.link.connectTo = { isDown($0, $1) ? .init(milliseconds: 1, error: .refused) : .init(milliseconds: 1) }
        rehearsal.link.readFrom = { endpoint, _, at in
            isDown(endpoint, at) ? .init(milliseconds: 1, error: .disconnected(0)) : .init()
        }
    }

    @Test func theOtherEndpointIsTriedAtOnceAndLosesNoScan() throws {
        let rehearsal = Self.rehearsal()
        Self.down(Self.one, 5000, .max, rehearsal)
        rehearsal.run(milliseconds: 20_500)
        #expect(rehearsal.link.dialled.map(\.endpoint) == [Self.one, Self.two])
        let losses = rehearsal.blocks.filter { !$0.header.loss.isGood }
        #expect(losses.count == 1)
        let after = try #require(rehearsal.blocks.first { $0.header.sequence > losses[0].header.sequence })
        #expect(rehearsal.time(after) < 5100)
        #expect(rehearsal.status.endpoint == "10.0.0.2:502")
        #expect(rehearsal.status.endpoints == ["10.0.0.1:502", "10.0.0.2:502"])
        #expect(rehearsal.status.fault == nil && rehearsal.status.groups[0].skipped == 0)
        #expect(rehearsal.notices.all.map(\.ended) == [false, true])
        #expect(rehearsal.notices.all[0].cause.hasSuffix("next is 10.0.0.2:502"))
    }

    @Test func bothAreTriedBeforeTheLineBacksOff() {
        let rehearsal = Self.rehearsal()
        rehearsal.link.connect = { _ in .init(milliseconds: 1, error: .refused) }
        rehearsal.run(milliseconds: 100_000)
        let dialled = rehearsal.link.dialled
        #expect(dialled.count >= 10)
        for pair in stride(from: 0, to: dialled.count - 2, by: 2) {
            #expect(dialled[pair].endpoint == Self.one && dialled[pair + 1].endpoint == Self.two)
            #expect(dialled[pair + 1].at - dialled[pair].done < 1_000_000_000)
            #expect(dialled[pair + 2].at - dialled[pair + 1].done >= 1_000_000_000)
        }
        #expect(rehearsal.blocks.filter { !$0.header.loss.isGood }.count == 1)
    }

    @Test func theChoiceIsStickyAndThePreferredOneIsTestedEverMoreRarely() {
        let rehearsal = Self.rehearsal()
        Self.down(Self.one, 5000, .max, rehearsal)
        rehearsal.run(milliseconds: 3 * 3_600_000)
        let tests = rehearsal.link.dialled.dropFirst().filter { $0.endpoint == Self.one }.map { $0.at / 60_000_000_000 }
        let waits = zip([0] + tests, tests).map { $1 - $0 }
        for (wait, minutes) in zip(waits, [5, 10, 20, 40, 60] as [Int64]) { #expect(abs(wait - minutes) <= 1) }
        #expect(rehearsal.link.dialled.filter { $0.endpoint == Self.two }.count == 1, "the tests leave it alone")
        #expect(rehearsal.status.groups[0].skipped == 0 && rehearsal.status.groups[0].late == 0)
    }

    @Test func itGoesBackWhenThePreferredOneAnswersAgainWithoutLosingAScan() throws {
        let rehearsal = Self.rehearsal()
        Self.down(Self.one, 5000, 100_000, rehearsal)
        rehearsal.run(milliseconds: 400_000)
        #expect(rehearsal.link.dialled.map(\.endpoint) == [Self.one, Self.two, Self.one])
        #expect(rehearsal.status.endpoint == "10.0.0.1:502" && rehearsal.status.connects == 3)
        #expect(rehearsal.blocks.filter { !$0.header.loss.isGood }.count == 1, "only the first change was a loss")
        let group = rehearsal.status.groups[0]
        #expect(group.skipped == 0 && group.late == 0 && group.scans >= 400)
        #expect(rehearsal.notices.all.last?.cause == "back on 10.0.0.1:502, which is preferred")
        #expect(rehearsal.link.asked.last?.endpoint == Self.one)
    }

    @Test func aTestWaitsForAnIdleMomentAndEndsWithinIt() {
        // Each second a scan of 900 ms, and a preferred endpoint that takes any time it is given.
        let rehearsal = Self.rehearsal()
        rehearsal.link.connectTo = { endpoint, at in
            endpoint == Self.one && at >= 5000 ? .init(milliseconds: 30, error: .unreachable(110)) : .init()
        }
        rehearsal.link.readFrom = { endpoint, _, at in
            endpoint == Self.one && at >= 5000 ? .init(error: .disconnected(0)) : .init(milliseconds: 900)
        }
        rehearsal.run(milliseconds: 1_000_000)
        let tests = rehearsal.link.dialled.dropFirst().filter { $0.endpoint == Self.one }
        #expect(tests.count == 2)
        for test in tests { #expect(test.at % 1_000_000_000 >= 900_000_000) }
        #expect(rehearsal.status.groups[0].skipped == 0)
    }

    /// Behind a gateway the first unit may be the dead one; whether the preferred way works is asked of another.
    @Test func aDeadUnitDoesNotKeepTheLineOnItsSecondEndpoint() {
        let rehearsal = Self.rehearsal(3)
        let isDown = { (endpoint: Endpoint, at: Int64) in endpoint == Self.one && at >= 5000 && at < 60_000 }
        rehearsal.link.connectTo = { isDown($0, $1) ? .init(milliseconds: 1, error: .refused) : .init(milliseconds: 1) }
        rehearsal.link.readFrom = { endpoint, request, at in
            if isDown(endpoint, at) { return .init(milliseconds: 1, error: .disconnected(0)) }
            return request.unit == 1 ? .init(milliseconds: 500, error: .timeout) : .init()
        }
        rehearsal.run(milliseconds: 900_000)
        #expect(rehearsal.status.endpoint == "10.0.0.1:502")
        #expect(rehearsal.status.controllers.map(\.fault) == ["timeout", nil, nil])
    }

    /// The connection stands, but the gateway finds none of its units: a line that looked for one without a rest between
    /// would never come to an end here.
    @Test(.timeLimit(.minutes(20))) func aTestThatNobodyCouldAnswerIsPutOffWithARest() {
        let rehearsal = Self.rehearsal(2)
        rehearsal.link.connectTo = { endpoint, at in
            endpoint == Self.one && at >= 5000 ? .init(milliseconds: 1, error: .refused) : .init(milliseconds: 1)
        }
        rehearsal.link.readFrom = { endpoint, _, at in
            if at < 5000 { return .init() }
            if endpoint == Self.one { return .init(error: .disconnected(0)) }
            return (100_000..<900_000).contains(at) ? .init(error: .exception(11)) : .init()
        }
        rehearsal.run(milliseconds: 1_300_000)
        // After the loss itself, when it was dialled once more for the other unit.
        let tests = rehearsal.link.dialled.filter { $0.endpoint == Self.one && $0.at > 10_000_000_000 }
        #expect(tests.allSatisfy { $0.at > 900_000_000_000 } && !tests.isEmpty)
        #expect(rehearsal.status.controllers.allSatisfy { $0.fault == nil })
    }

    @Test func theCountOfStraysGoesOnAcrossTheChange() {
        let plant = SamplePlant.plant(
            [.init(name: "U1", endpoint: Self.one, others: [Self.two], rows: SamplePlant.words(0..<3))],
            diagnostics: .seconds(10))
        let rehearsal = Rehearsal(plant)
        rehearsal.link.strays = 1
        Self.down(Self.one, 5000, 100_000, rehearsal)
        rehearsal.run(milliseconds: 400_500)
        #expect(rehearsal.status.connects == 3)
        #expect(rehearsal.status.strays == rehearsal.link.asked.count - 1, "one with each reply until the last period")
    }

    @Test func aTestLeavesAConnectionItsDelayToo() {
        let rehearsal = Self.rehearsal(pacing: Pacing(connectDelay: .milliseconds(300)))
        Self.down(Self.one, 5000, 100_000, rehearsal)
        rehearsal.run(milliseconds: 400_000)
        #expect(rehearsal.status.endpoint == "10.0.0.1:502")
        for dial in rehearsal.link.dialled {
            let first = rehearsal.link.asked.first { $0.at >= dial.done && $0.endpoint == dial.endpoint }
            #expect((first?.at ?? .max) - dial.done >= 300_000_000)
        }
    }

    @Test func onAnotherEndpointTheLayoutIsSeenAnew() {
        var layout = SamplePlant.Row(name: "layout", registers: SamplePlant.range(.holding, 90))
        layout.expect = 90
        let rehearsal = Self.rehearsal(rows: SamplePlant.words(0..<2, scan: "fast") + [layout])
        Self.down(Self.one, 5000, 100_000, rehearsal)
        rehearsal.run(milliseconds: 400_000)
        let dials = rehearsal.link.dialled
        #expect(dials.count == 3)
        for dial in dials.prefix(2) {
            #expect(rehearsal.link.asked.first { $0.at >= dial.done }?.range == 90..<91)
        }
        // Behind the test's own request.
        let after = rehearsal.link.asked.filter { $0.at >= dials[2].done }
        #expect(after.prefix(2).contains { $0.range == 90..<91 })
        #expect(rehearsal.blocks.flatMap(\.readings).allSatisfy { $0.quality == .good })
    }

    /// What one device refuses, the other may have.
    @Test func whatTheFirstDeviceRefusedIsAskedOfTheSecond() {
        let rehearsal = Self.rehearsal(1)
        rehearsal.link.connectTo = { endpoint, at in
            endpoint == Self.one && at >= 20_000 ? .init(milliseconds: 1, error: .refused) : .init(milliseconds: 1)
        }
        rehearsal.link.readFrom = { endpoint, request, at in
            if endpoint == Self.one, at >= 20_000 { return .init(error: .disconnected(0)) }
            return endpoint == Self.one && (Int(request.range.start)..<request.range.end).contains(1)
                ? .init(error: .exception(2)) : .init()
        }
        rehearsal.run(milliseconds: 30_000)
        #expect(rehearsal.status.controllers[0].quarantined.isEmpty)
        #expect(rehearsal.blocks.last?.readings.allSatisfy { $0.quality == .good } == true)
    }
}
