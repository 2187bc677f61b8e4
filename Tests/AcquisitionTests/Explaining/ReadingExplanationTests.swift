import Foundation
import Plant
import Testing

import struct Plant.Tag

@testable import Acquisition
@testable import Modbus

/// Frames as a line records them, and what is made of them. A scan is at second 100, times are in milliseconds from it.
@Suite struct ReadingExplanationTests {
    private struct Recorder {
        let log = FrameLog(capacity: 1 << 16, clock: StoppedClock())
        private let connection = Frame.Connection(
            number: 1, local: (IPAddress(four: 0x7F00_0001), port: 40_000),
            peer: (IPAddress(four: 0x7F00_0001), port: 502))
        private var transaction: UInt8 = 0

        /// Holding registers of unit 1 that are asked for, and answered after 5 ms.
        mutating func ask(at milliseconds: Int64, from start: UInt8, _ words: [UInt16], refusal: UInt8? = nil) {
            send(at: milliseconds, from: start, count: UInt8(words.count))
            let values = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            let body: [UInt8] = refusal.map { [0x83, $0] } ?? [3, UInt8(values.count)] + values
            record(.received, at: milliseconds + 5, [0, transaction, 0, 0, 0, UInt8(body.count + 1), 1] + body)
        }

        /// A request that nobody answers.
        mutating func send(at milliseconds: Int64, from start: UInt8, count: UInt8) {
            transaction += 1
            record(.sent, at: milliseconds, [0, transaction, 0, 0, 0, 6, 1, 3, 0, start, 0, count])
        }

        private func record(_ event: Frame.Event, at milliseconds: Int64, _ bytes: [UInt8]) {
            bytes.withUnsafeBufferPointer {
                log.record(event, connection, $0, at: ReadingExplanationTests.time(milliseconds))
            }
        }
    }

    private struct StoppedClock: PlantClock {
        func monotonic() -> Int64 { 0 }
        func wall() -> Int64 { 0 }
    }

    private static func time(_ milliseconds: Int64) -> Int64 { 100_000_000_000 + milliseconds * 1_000_000 }

    /// Registers a and b, one block each, and c of another group; periods are 1 s and 10 s, the timeout is 2 s.
    private static func plant(
        formula: Formula? = nil, _ change: (inout SamplePlant.Member) -> Void = { _ in }
    ) -> Plant {
        let range = { SamplePlant.range(.holding, $0) }
        var rows = [
            SamplePlant.Row(name: "a", registers: range(0), range: 0...1000),
            SamplePlant.Row(name: "b", registers: range(50), scale: 0.1),
            SamplePlant.Row(name: "c", registers: range(100), scan: "slow"),
        ]
        if let formula {
            rows.append(SamplePlant.Row(name: "f", registers: range(200), range: 0...100, formula: formula))
        }
        var member = SamplePlant.Member(timeout: .seconds(2), rows: rows)
        change(&member)
        return SamplePlant.plant([member], periods: ["normal": .seconds(1), "slow": .seconds(10)])
    }

    private static func number(_ name: String) -> Tag.ID {
        plant(formula: Formula(text: "0", root: .number(0))).tags.first { $0.localName == name }?.id ?? 0
    }

    private func explain(
        _ name: String, _ recorder: Recorder, _ plant: Plant = plant(), at milliseconds: Int64 = 0
    ) throws(ExplanationFault) -> ReadingExplanation {
        guard let tag = plant.tag(named: "C-01.\(name)") else { throw .notRead(tag: name) }
        return try ReadingExplanation(of: tag, in: plant, at: Self.time(milliseconds)) { _ in recorder.log }
    }

    // MARK: Which request

    @Test(arguments: [
        // (asked at, explained at, is found)
        (0, 0, true), (0, 1, true), (999, 0, true), (1001, 0, false), (-1, 0, true),
        (0, 4900, true), (0, 5000, true), (0, 5001, false), (60_000, 0, false), (-60_000, 0, false),
    ])
    func aReadingIsExplainedByARequestOfItsTimeOnly(asked: Int64, at: Int64, isFound: Bool) {
        var recorder = Recorder()
        recorder.ask(at: asked, from: 0, [7])
        // Others that have nothing to do with it.
        recorder.ask(at: at, from: 100, [1])
        do throws(ExplanationFault) {
            let explained = try explain("a", recorder, at: at)
            #expect(isFound)
            #expect(explained.value == 7)
            #expect(explained.sent == UTCTime.text(Self.time(asked) / 1_000_000))
        } catch {
            #expect(!isFound)
            #expect(error == .gone(tag: "C-01.a", oldest: Self.time(asked)))
        }
    }

    @Test func whatWasAnsweredInTheScanIsPreferredToWhatWasRefusedInIt() throws {
        var recorder = Recorder()
        recorder.ask(at: 0, from: 0, [0, 0], refusal: 2)
        recorder.ask(at: 20, from: 0, [8])
        #expect(try explain("a", recorder).value == 8)
    }

    @Test func aRequestOnItsWayIsNoTimeout() throws {
        var recorder = Recorder()
        recorder.ask(at: 0, from: 0, [7])
        recorder.send(at: 1000, from: 0, count: 1)
        #expect(try explain("a", recorder, at: 1500).value == 7)
        #expect(try explain("a", recorder, at: 3001).quality == "bad:timeout")
    }

    /// Quarantined values are tested ever more rarely, while the scans go on without them.
    @Test func aValueThatIsLeftOutOfTheScansIsExplainedByItsRefusal() throws {
        var recorder = Recorder()
        recorder.ask(at: -60_000, from: 0, [0], refusal: 2)
        #expect(throws: ExplanationFault.self) { try explain("a", recorder) }
        recorder.ask(at: 0, from: 50, [1])
        let explained = try explain("a", recorder)
        #expect(explained.quality == "bad:exception-2")
        #expect(explained.steps.last == "refused then, and left out of the scans since")
    }

    @Test func aDiagnosticTagHasNoFrames() {
        let plant = SamplePlant.plant([SamplePlant.Member(rows: SamplePlant.words(0..<1))], diagnostics: .seconds(10))
        for tag in plant.tags where tag.diagnostic != nil {
            #expect(throws: ExplanationFault.notRead(tag: tag.name)) {
                try ReadingExplanation(of: tag, in: plant, at: 0) { _ in nil }
            }
        }
    }

    // MARK: Computed tags

    private static let product = Formula(
        text: "a * b", root: .multiply(.tag(number("a")), .tag(number("b"))))

    @Test func aFormulaIsCalculatedFromTheReadingsOfItsScan() throws {
        var recorder = Recorder()
        // The scan before, and the one after.
        for (at, value) in [(-1000, 4), (0, 5), (1000, 6)] as [(Int64, UInt16)] {
            recorder.ask(at: at, from: 0, [value])
            recorder.ask(at: at + 20, from: 50, [value * 10])
        }
        let plant = Self.plant(formula: Self.product)
        let explained = try explain("f", recorder, plant)
        #expect(explained.value == 25 && explained.quality == "good")
        #expect(
            explained.steps == [
                "computed from the values of C-01.a, C-01.b", "formula a * b", "with C-01.a = 5", "with C-01.b = 5",
                "result 25",
            ])
        #expect(explained.inputs.map(\.value) == [5, 5])
        // Between the two requests of the scan: never half of one and half of another.
        #expect(try explain("f", recorder, plant, at: 10).inputs.map(\.value) == [6, 6])
    }

    @Test func aBadInputGivesItsQualityAndNoNumber() throws {
        var recorder = Recorder()
        recorder.ask(at: 0, from: 0, [5000])
        recorder.ask(at: 20, from: 50, [50])
        let explained = try explain("f", recorder, Self.plant(formula: Self.product))
        #expect(explained.value == nil && explained.quality == "bad:out-of-range")
        #expect(explained.steps.last == "no result: C-01.a is bad:out-of-range")
    }

    @Test(arguments: [UInt16(0), 1])
    func aResultThatIsNoNumberIsUndefined(a: UInt16) throws {
        var recorder = Recorder()
        recorder.ask(at: 0, from: 0, [a])
        recorder.ask(at: 20, from: 50, [0])
        // 0 / 0 and 1 / 0.
        let formula = Formula(text: "a / b", root: .divide(.tag(Self.number("a")), .tag(Self.number("b"))))
        let explained = try explain("f", recorder, Self.plant(formula: formula))
        #expect(explained.value == nil && explained.quality == "bad:undefined")
    }

    @Test(arguments: [(false, "bad:out-of-range", nil), (true, "uncertain:clamped", 100)] as [(Bool, String, Double?)])
    func aResultOutsideItsRangeIsBadOrPinned(clamps: Bool, quality: String, value: Double?) throws {
        var recorder = Recorder()
        recorder.ask(at: 0, from: 0, [1000])
        recorder.ask(at: 20, from: 50, [50])
        let plain = Self.plant(formula: Self.product)
        let plant = Plant(
            name: plain.name, site: plain.site, timeZone: plain.timeZone, controllers: plain.controllers,
            groups: plain.groups,
            tags: plain.tags.map { tag in
                guard let formula = tag.formula else { return tag }
                return Tag(
                    id: tag.id, name: tag.name, localName: tag.localName, unit: "W", controller: tag.controller,
                    registers: nil, type: .float64, range: tag.range, rules: TagRules(clamps: clamps),
                    formula: formula, group: tag.group, slot: tag.slot)
            })
        let explained = try explain("f", recorder, plant)
        #expect(explained.quality == quality)
        #expect(explained.value == value)
        #expect(explained.steps.contains("result 5000 W"))
        #expect(explained.steps.last == "\(quality): found 5000 W, expected 0 to 100 W")
    }

    @Test(
        arguments: [(-25_000, 10, "good"), (-40_000, 10, "uncertain:stale"), (100, 10, "good")]
            as [(Int64, UInt16, String)])
    func anInputOfAnotherGroupIsTheLastBeforeTheScansEnd(at: Int64, value: UInt16, quality: String) throws {
        var recorder = Recorder()
        if at < 0 { recorder.ask(at: at, from: 100, [value]) } else { recorder.ask(at: -9000, from: 100, [value]) }
        recorder.ask(at: 0, from: 0, [5])
        recorder.ask(at: 20, from: 50, [0])
        // After the scan: the watch did not have it.
        recorder.ask(at: 100, from: 100, [20])
        let formula = Formula(text: "a + c", root: .add(.tag(Self.number("a")), .tag(Self.number("c"))))
        let explained = try explain("f", recorder, Self.plant(formula: formula))
        #expect(explained.value == 15)
        #expect(explained.quality == quality)
    }

    // MARK: What is not judged

    @Test func theRulesOfTheControllerAsAWholeAreNamed() throws {
        var recorder = Recorder()
        recorder.ask(at: 0, from: 0, [7])
        let plain = try explain("a", recorder)
        #expect(!plain.steps.contains { $0.contains("not judged") || $0.contains("lower") })
        let plant = Self.plant {
            $0.rows[1].expect = 3
            $0.heartbeat = "c"
        }
        let explained = try explain("a", recorder, plant)
        #expect(
            explained.steps.suffix(3) == [
                "not judged here: the layout of C-01, by C-01.b",
                "not judged here: whether the heartbeat of C-01, C-01.c, moved within 5 s",
                "so the stored quality may be lower than the one shown",
            ])
        #expect(explained.quality == "good")
    }

    @Test func aBlockThatMayNotStandStillIsNamed() throws {
        var recorder = Recorder()
        recorder.ask(at: 0, from: 0, [7])
        let plain = Self.plant()
        let plant = Plant(
            name: plain.name, site: plain.site, timeZone: plain.timeZone,
            controllers: plain.controllers.map {
                Controller(
                    id: $0.id, name: $0.name, endpoints: $0.endpoints, unit: $0.unit, timeout: $0.timeout,
                    unchangedAfter: .seconds(30))
            }, groups: plain.groups, tags: plain.tags)
        #expect(
            try explain("a", recorder, plant).steps.suffix(2) == [
                "not judged here: whether its block has changed within 30 s",
                "so the stored quality may be lower than the one shown",
            ])
    }
}
