import Plant
import Testing

@testable import Detection

@Suite struct MismatchTests {
    private static func trial() -> Trial {
        Trial(.mismatch(feedback: 1, transit: .milliseconds(2500)), maxGap: 3000)
    }

    /// The command each second, with the feedback; `nil` is bad.
    private static func take(_ trial: inout Trial, _ pairs: [(Double?, Double?)], from second: Int64 = 0) -> String {
        let verdicts = pairs.enumerated().map { index, pair in
            let time = (second + Int64(index)) * 1000
            trial.world.set(1, pair.1 ?? .nan, at: time, pair.1 == nil ? .timeout : .good)
            return trial.take(time, pair.0 ?? .nan, pair.0 == nil ? .timeout : .good).verdict
        }
        return brief(verdicts)
    }

    @Test func `the plant has its time to move`() {
        var trial = Self.trial()
        #expect(Self.take(&trial, [(0, 0), (1, 0), (1, 0), (1, 0), (1, 0), (1, 1)]) == "....!.")
        #expect(Self.take(&trial, [(0, 1), (0, 1), (0, 0), (0, 0)], from: 6) == "....")
    }

    @Test func `the time ends without a sample`() {
        var trial = Self.trial()
        #expect(trial.due == nil)
        #expect(Self.take(&trial, [(0, 0), (1, 0)]) == "..")
        #expect(trial.due == 3500)
        #expect(trial.look(3499) == nil)
        #expect(trial.look(3500) == Finding(.fault, priority: .high, detail: "command 1, feedback 0"))
        #expect(trial.due == nil)
        #expect(trial.look(4000) == nil)
        #expect(Self.take(&trial, [(1, 0)], from: 4) == "!")
    }

    @Test func `but not beyond the evidence horizon`() {
        var trial = Trial(.mismatch(feedback: 1, transit: .seconds(5)), maxGap: 3000)
        _ = Self.take(&trial, [(1, 0), (1, 0)])
        #expect(trial.due == nil)
        #expect(trial.look(5000) == nil)
        _ = Self.take(&trial, [(1, 0)], from: 2)
        #expect(trial.due == 5000)
    }

    @Test func `a new command gives time again, and leaves an alarm that stands`() {
        var trial = Self.trial()
        #expect(Self.take(&trial, [(1, 0), (1, 0), (2, 0), (2, 0), (2, 0), (2, 0)]) == ".....!")
        #expect(Self.take(&trial, [(3, 0), (3, 0), (3, 0), (3, 0)], from: 6) == "???!")
    }

    @Test func `a bad sample of either or a gap begins the time again`() {
        for bad in [(nil, 0), (1, nil)] as [(Double?, Double?)] {
            var trial = Self.trial()
            #expect(Self.take(&trial, [(1, 0), (1, 0), bad, (1, 0), (1, 0), (1, 0), (1, 0)]) == "..?...!")
        }
        var trial = Self.trial()
        #expect(Self.take(&trial, [(1, 0)]) == ".")
        trial.world.set(1, 0, at: 3001)
        #expect(trial.take(3001, 1).verdict == .out)
        #expect(trial.due == 5501)
    }
}

@Suite struct StaleTests {
    private static func trial() -> Trial { Trial(.stale(after: .seconds(3))) }

    @Test func `no good sample for longer than the time is in, without any sample`() {
        var trial = Self.trial()
        #expect(trial.due == nil)
        #expect(trial.take(1000, 5).verdict == .out)
        #expect(trial.due == 4001)
        #expect(trial.look(4000) == nil)
        let finding = Finding(.fault, priority: .high, detail: "no good sample for 3 s")
        #expect(trial.look(4001) == finding)
        #expect(trial.look(9000) == nil)
        #expect(trial.due == nil)
        #expect(trial.take(10_000, 5).verdict == .out)
        #expect(trial.due == 13_001)
    }

    @Test func `a bad or doubtful sample is no good one`() {
        var trial = Self.trial()
        #expect(trial.take(0, 5).verdict == .out)
        #expect(trial.take(3000, 5, .stale).verdict == .unknown)
        #expect(trial.due == 3001)
        #expect(trial.take(3001, .nan, .timeout).verdict == .fault)
        #expect(trial.take(4000, .nan, .timeout).verdict == .fault)
    }

    @Test func `text is a good sample`() {
        var trial = Self.trial()
        trial.take(0, 5)
        #expect(trial.take(3001, .nan, .good).verdict == .out)
    }

    @Test func `after a restart the time runs from whatever comes first`() {
        var trial = Self.trial()
        #expect(trial.take(1000, .nan, .timeout).verdict == .unknown)
        #expect(trial.due == 4001)
        var looked = Self.trial()
        #expect(looked.look(500) == nil)
        #expect(looked.due == 3501)
        looked.memory.reset(looked.definition)
        #expect(looked.due == nil)
    }
}
