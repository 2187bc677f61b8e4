import Modbus
import Plant
import Testing

@testable import Acquisition

@Suite struct BlockPartsTests {
    private static let minute: Int64 = 60

    private func words(_ count: Int, every step: Int = 1) -> [SamplePlant.Row] {
        (0..<count).flatMap { SamplePlant.words($0 * step..<$0 * step + 1) }
    }

    // MARK: Bad values

    @Test(arguments: [0, 1, 37, 62, 123, 124])
    func oneBadRegisterAmongAHundredAndTwentyFiveIsFoundWithFourteenMoreRequests(bad: Int) {
        let trial = BlockOnTrial(words(125), RefusingDevice(refused: [bad: 2]))
        let first = trial.scan()
        #expect(first.answered == Set(0..<125).subtracting([bad]), "the rest comes in the same scan")
        #expect(first.requests.count <= 1 + 14)
        #expect(trial.parts.quarantine.map(\.range) == [SamplePlant.range(.holding, bad)])
        #expect(trial.parts.quarantine.map(\.quality) == [.exception(2)])
        let second = trial.scan()
        #expect(second.requests.count == (bad == 0 || bad == 124 ? 1 : 2), "and then around it")
        #expect(trial.parts.refused.enumerated().filter { !$1.isGood }.map(\.offset) == [bad])
    }

    /// A map in which every other register is unused: each gap is as wide as the next, so the middle one is taken.
    @Test(arguments: [0, 20, 41])
    func equalGapsDoNotMakeTheSearchALongOne(bad: Int) {
        let trial = BlockOnTrial(words(42, every: 3), RefusingDevice(refused: [bad * 3: 2]))
        let first = trial.scan()
        #expect(first.answered.count == 41)
        #expect(first.requests.count <= 1 + 12)
    }

    @Test func whatIsNotFoundInOneScanIsFoundInTheNext() {
        // Every third register is bad: more than one scan may ask for.
        let bad = Dictionary(uniqueKeysWithValues: stride(from: 0, to: 120, by: 3).map { ($0, UInt8(2)) })
        let trial = BlockOnTrial(words(120), RefusingDevice(refused: bad))
        var scans = 0
        repeat {
            scans += 1
            #expect(trial.scan().requests.count <= 60 + BlockParts.extraRequests)
        } while trial.parts.quarantine.count < bad.count && scans < 20
        #expect(trial.parts.quarantine.count == bad.count && scans <= 8)
        #expect(trial.scan().answered.count == 80)
    }

    @Test func aQuarantinedValueIsTestedAfterAMinuteThenEverMoreRarelyUpToOnceAnHour() {
        let trial = BlockOnTrial(words(8), RefusingDevice(refused: [3: 2]))
        var tests: [Int64] = []
        for second in 1...12_000 {
            let scan = trial.scan()
            if scan.requests.contains(where: { $0.range == SamplePlant.range(.holding, 3) }) {
                tests.append(Int64(second))
            }
        }
        // The first is the one that found it; then 1, 2, 4, 8, 16, 32, 60, 60 … minutes.
        let waits = zip(tests, tests.dropFirst()).map { $1 - $0 }
        #expect(waits.prefix(8) == [60, 120, 240, 480, 960, 1920, 3600, 3600])
    }

    @Test func aHealedValueIsReadWithTheOthersFromItsNextTestOn() {
        let trial = BlockOnTrial(words(8), RefusingDevice(refused: [3: 2]))
        _ = trial.scan()
        trial.device.refused = [:]
        for _ in 0..<59 { #expect(!trial.scan().answered.contains(3)) }
        #expect(trial.scan().answered.count == 8, "a minute after it was found")
        #expect(trial.parts.isWhole && trial.parts.quarantine.isEmpty && trial.parts.refused.isEmpty)
        #expect(trial.scan().requests.map(\.range) == [SamplePlant.range(.holding, 0, 8)])
    }

    @Test func theCodeIsThatOfTheLastRefusal() {
        let trial = BlockOnTrial(words(4), RefusingDevice(refused: [1: 2]))
        _ = trial.scan()
        trial.device.refused = [1: 3]
        for _ in 0..<60 { _ = trial.scan() }
        #expect(trial.parts.quarantine.map(\.quality) == [.exception(3)])
    }

    @Test func aLongValueIsRefusedAsOne() {
        let wide = SamplePlant.Row(name: "wide", registers: SamplePlant.range(.holding, 4, 4), type: .float64)
        let trial = BlockOnTrial(words(4) + [wide], RefusingDevice(refused: [5: 2]))
        #expect(trial.scan().answered == Set(0..<4))
        #expect(trial.parts.quarantine.map(\.range) == [SamplePlant.range(.holding, 4, 4)])
    }

    @Test func bitsAreFoundLikeRegisters() {
        let bits = (0..<100).map {
            SamplePlant.Row(name: "b\($0)", registers: SamplePlant.range(.coil, $0), type: .bool)
        }
        let trial = BlockOnTrial(bits, RefusingDevice(refused: [77: 2]))
        #expect(trial.scan().answered == Set(0..<100).subtracting([77]))
    }

    @Test func whatIsNeverRefusedIsAskedForWhole() {
        let trial = BlockOnTrial(words(125), RefusingDevice())
        for _ in 0..<5 { #expect(trial.scan().requests.count == 1) }
        #expect(trial.parts.isWhole && trial.parts.refused.isEmpty && trial.parts.learnedLimit == nil)
    }

    // MARK: Limits and gaps

    @Test(arguments: [(32, 31), (64, 62), (1, 1), (100, 62)])
    func aLengthIsLearnedWhenTwoScansInARowWereRefusedForIt(limit: Int, learned: Int) {
        let trial = BlockOnTrial(words(125), RefusingDevice(limit: limit))
        var lessons = trial.scan().lessons
        var scans = 1
        while lessons.isEmpty, scans < 30 {
            lessons = trial.scan().lessons
            scans += 1
        }
        // Where the parts of one scan are more than it may ask for, the search goes on in the next.
        #expect(scans >= 2 && (limit == 1 || scans == 2))
        guard case .limit(let items)? = lessons.first else {
            Issue.record("nothing was learned: \(lessons)")
            return
        }
        #expect(items <= limit && items >= min(limit, learned) && trial.parts.learnedLimit == items)
        let after = trial.scan()
        #expect(after.answered.count == 125 && after.requests.allSatisfy { $0.range.count <= items })
    }

    @Test func oneRefusalTeachesNothing() {
        let trial = BlockOnTrial(words(125), RefusingDevice(limit: 32))
        #expect(trial.scan().lessons.isEmpty)
        for _ in 0..<10 {
            trial.device.limit = .max
            let well = trial.scan()
            #expect(well.requests.count == 1, "it is asked for whole again")
            trial.device.limit = 32
            let ill = trial.scan()
            #expect(ill.answered.count == 125 && ill.lessons.isEmpty, "two refusals with an answer between are not two")
        }
        #expect(trial.parts.learnedLimit == nil)
    }

    @Test func badValuesInTwoScansInARowTeachNoLength() {
        let trial = BlockOnTrial(words(60), RefusingDevice(refused: [10: 2]))
        for bad in [10, 20, 30, 40] {
            trial.device.refused[bad] = 2
            #expect(trial.scan().lessons.isEmpty)
        }
        #expect(trial.parts.learnedLimit == nil && trial.parts.quarantine.count == 4)
    }

    @Test func whatIsLearnedIsDoubtedAfterAnHourThenEverMoreRarelyUpToOnceADay() {
        let trial = BlockOnTrial(words(100), RefusingDevice(limit: 50))
        var doubts: [Int64] = []
        for minute in 1...(32 * 60 as Int64) {
            trial.wait(seconds: 59)
            if trial.scan().requests.contains(where: { $0.range.count == 100 }) { doubts.append(minute) }
        }
        // Two scans each time: the first refusal and the one that confirms it.
        let times = stride(from: 0, to: doubts.count - 1, by: 2).map { doubts[$0] }
        let hours = zip(times, times.dropFirst()).map { Double($1 - $0) / 60 }
        #expect(hours.map { $0.rounded() } == [1, 2, 4, 8, 16])
    }

    @Test func aLengthThatNoLongerHoldsIsForgotten() {
        let trial = BlockOnTrial(words(100), RefusingDevice(limit: 50))
        while trial.parts.isWhole || trial.parts.learnedLimit == nil { _ = trial.scan() }
        trial.device.limit = .max
        for _ in 0..<3599 { #expect(trial.scan().requests.count == 2) }
        trial.wait(seconds: 5)
        _ = trial.scan()
        #expect(trial.scan().requests.count == 1 && trial.parts.isWhole && trial.parts.learnedLimit == nil)
    }

    @Test func whatAnotherBlockHasLearnedIsTakenOverAndDoubtedLikewise() {
        let trial = BlockOnTrial(words(100), RefusingDevice(limit: 40))
        trial.parts.learn(limit: 40, at: trial.now)
        #expect(trial.scan().requests.map(\.range.count) == [40, 40, 20])
        trial.parts.learn(limit: 60, at: trial.now)
        #expect(trial.parts.learnedLimit == 40, "a longer one teaches nothing")
        trial.device.limit = .max
        trial.wait(seconds: 3600)
        _ = trial.scan()
        #expect(trial.scan().requests.count == 1)
    }

    @Test func aGapThatMayNotBeReadIsCut() {
        // 0..<10 and 12..<22 are there, 10 and 11 are not.
        let rows = SamplePlant.words(0..<10) + SamplePlant.words(12..<22)
        let trial = BlockOnTrial(rows, RefusingDevice(refused: [10: 2, 11: 2]))
        let first = trial.scan()
        #expect(first.answered.count == 20 && first.requests.count == 3 && first.lessons.isEmpty)
        #expect(trial.scan().lessons == [.gap(SamplePlant.range(.holding, 10, 2))])
        for _ in 0..<3 { #expect(trial.scan().requests.map(\.range.count) == [10, 10]) }
        #expect(trial.parts.quarantine.isEmpty && trial.parts.learnedLimit == nil)
    }

    // MARK: Silence

    @Test func silenceOnceIsALostPacket() {
        let trial = BlockOnTrial(words(16), RefusingDevice(silent: [9]))
        _ = trial.scan()
        trial.device.silent = []
        #expect(trial.scan().requests.count == 1)
        trial.device.silent = [9]
        _ = trial.scan()
        #expect(trial.parts.isWhole, "two with an answer between are not two")
    }

    @Test func aSilentValueIsFoundStepByStep() {
        let trial = BlockOnTrial(words(16), RefusingDevice(silent: [9]))
        var scans = 0
        while trial.scan().isLost, scans < 40 { scans += 1 }
        // Two for each halving, and two for the value itself.
        #expect(scans == 10)
        #expect(trial.parts.quarantine.map(\.quality) == [.timeout])
        #expect(trial.scan().answered.count == 15)
    }

    @Test func aLengthThatIsMetWithSilenceIsLearned() {
        let trial = BlockOnTrial(words(100), RefusingDevice(limit: 32, isSilentBeyondLimit: true))
        var lessons: [BlockParts.Lesson] = []
        var scans = 0
        while lessons.isEmpty, scans < 40 {
            lessons = trial.scan().lessons
            scans += 1
        }
        #expect(lessons.contains(.limit(25)) && trial.parts.learnedLimit == 25)
        #expect(trial.scan().answered.count == 100)
    }
}
