import Modbus
import Plant
import Testing

@testable import Acquisition

/// What holds of a block's parts whatever its controller refuses.
@Suite struct BlockPartsStoryTests {
    private struct Story {
        let trial: BlockOnTrial
        /// Registers that a request may not touch, of values and of gaps alike.
        let bad: Int
        /// Values whose registers are all well.
        let readable: Set<Int>
        let seed: Int
    }

    private func story(_ seed: Int, silent: Bool) -> Story {
        var random = SplitMix(state: UInt64(seed))
        var rows: [SamplePlant.Row] = []
        var at = 0
        while at < 100 {
            let type: ValueType = [.uint16, .uint16, .float32, .float64].randomElement(using: &random) ?? .uint16
            rows.append(
                SamplePlant.Row(
                    name: "r\(at)", registers: SamplePlant.range(.holding, at, type.registers), type: type))
            at += type.registers + ([0, 0, 0, 1, 5].randomElement(using: &random) ?? 0)
        }
        rows.removeLast(Int.random(in: 0..<rows.count - 2, using: &random))
        var device = RefusingDevice()
        let holes = [0, 1, 3, 12].randomElement(using: &random) ?? 0
        for _ in 0..<holes {
            let place = Int.random(in: 0..<100, using: &random)
            if silent, Bool.random(using: &random) {
                device.silent.insert(place)
            } else {
                device.refused[place] = UInt8.random(in: 2...3, using: &random)
            }
        }
        if Int.random(in: 0..<3, using: &random) == 0 {
            device.limit = Int.random(in: 4...90, using: &random)
            device.isSilentBeyondLimit = silent && Bool.random(using: &random)
        }
        let trial = BlockOnTrial(rows, device)
        let readable = trial.planned.tags.indices.filter { index in
            guard let range = trial.tags[trial.planned.tags[index]].registers else { return false }
            return device.reply(to: range) == .values
        }
        return Story(trial: trial, bad: device.refused.count + device.silent.count, readable: Set(readable), seed: seed)
    }

    /// Refusals: within a few scans every readable value comes in every scan.
    @Test(arguments: 0..<60)
    func everyReadableValueIsSoonReadAgain(seed: Int) {
        let story = story(seed, silent: false)
        // One to find what is bad, one more for each 32 requests of it, and two to learn a length or a gap.
        for _ in 0..<(6 + story.bad) { check(story.trial.scan(), story) }
        for _ in 0..<40 {
            let scan = story.trial.scan()
            check(scan, story)
            #expect(scan.answered.isSuperset(of: story.readable), "seed \(seed)")
        }
    }

    /// Silences too: each ends its scan, but between two tests of what is silent everything readable comes.
    @Test(arguments: 0..<60)
    func silenceIsFoundOutAsWell(seed: Int) {
        let story = story(seed, silent: true)
        // Two for each halving of each silent value and of each length, and the same again to confirm a length.
        let lengths = story.trial.device.isSilentBeyondLimit ? 800 / story.trial.device.limit : 0
        for _ in 0..<(40 + 16 * story.bad + lengths) { check(story.trial.scan(), story) }
        var lost = 0
        var complete = 0
        for _ in 0..<600 {
            let scan = story.trial.scan()
            check(scan, story)
            if scan.isLost { lost += 1 } else if scan.answered.isSuperset(of: story.readable) { complete += 1 }
        }
        // Each silent value is tested four times within ten minutes at most.
        #expect(lost <= 4 * story.trial.device.silent.count, "seed \(seed)")
        #expect(complete + lost >= 600 - story.bad * 4, "seed \(seed)")
    }

    /// What is quarantined is left alone but for its tests, whose waits double.
    @Test(arguments: 0..<20)
    func whatIsBadIsAskedForNoMoreOftenThanItsTestsAllow(seed: Int) {
        let story = story(seed, silent: false)
        for _ in 0..<(6 + story.bad) { _ = story.trial.scan() }
        let quarantined = story.trial.parts.quarantine.map(\.range)
        var times: [RegisterRange: [Int64]] = [:]
        for _ in 0..<3000 {
            for request in story.trial.scan().requests {
                for range in quarantined where range.overlaps(request.range) {
                    #expect(request.range == range, "seed \(seed): it is tested alone")
                    times[range, default: []].append(story.trial.now)
                }
            }
        }
        for (range, tests) in times {
            let waits = zip(tests, tests.dropFirst()).map { ($1 - $0) / 1_000_000_000 }
            #expect(
                zip(waits, waits.dropFirst()).allSatisfy { $1 >= $0 * 2 - 1 || $1 >= 3600 }, "seed \(seed), \(range)")
            #expect(tests.count <= 8, "seed \(seed), \(range)")
        }
    }

    /// A controller that is well again is asked for whole blocks again, a test later for values, and what was learned
    /// is forgotten when it is doubted.
    @Test(arguments: 0..<20)
    func aHealedControllerIsAskedForWholeBlocksAgain(seed: Int) {
        let story = story(seed, silent: false)
        var random = SplitMix(state: UInt64(seed) &+ 1_000_000)
        let illness = Int.random(in: 5...600, using: &random)
        for _ in 0..<illness { _ = story.trial.scan() }
        story.trial.device = RefusingDevice()
        let wasCut = story.trial.parts.learnedLimit != nil || story.trial.parts.quarantine.isEmpty
        // A wait has at most doubled since its last test, and one value is tested in each scan.
        for _ in 0..<(2 * illness + 120 + story.bad) { _ = story.trial.scan() }
        #expect(story.trial.parts.quarantine.isEmpty, "seed \(seed)")
        guard wasCut || !story.trial.parts.isWhole else { return }
        story.trial.wait(seconds: 3600)
        for _ in 0..<2 { _ = story.trial.scan() }
        #expect(story.trial.parts.isWhole && story.trial.parts.learnedLimit == nil, "seed \(seed)")
    }

    /// No request splits a value, is longer than allowed, or is one too many.
    private func check(_ scan: BlockOnTrial.Scan, _ story: Story) {
        let trial = story.trial
        let values = trial.planned.tags.compactMap { trial.tags[$0].registers }
        for request in scan.requests {
            #expect(request.range.count <= 125)
            for value in values where value.overlaps(request.range) {
                #expect(
                    value.start >= request.range.start && value.end <= request.range.end,
                    "seed \(story.seed): a value is split")
            }
        }
        let expected = values.count + 1
        #expect(scan.requests.count <= min(expected, trial.parts.parts.count) + BlockParts.extraRequests + 2)
    }
}
