import Plant
import Testing

@testable import Detection

@Suite struct PhantomTests {
    /// Within 3 K of the cold junction (tag 1) for 3 s while the output (tag 2) is above 20 %.
    private static func trial(coldJunction: Int? = 1, output: Int? = 2) -> Trial {
        Trial(
            .phantom(
                Phantom(coldJunction: coldJunction, after: .seconds(3), output: output, outputAbove: 20)),
            maxGap: 3000)
    }

    /// Each second: the value, the cold junction, the output; `nil` is bad.
    private static func take(
        _ trial: inout Trial, _ rows: [(Double?, Double?, Double?)], from second: Int64 = 0
    ) -> String {
        let verdicts = rows.enumerated().map { index, row in
            let time = (second + Int64(index)) * 1000
            trial.world.set(1, row.1 ?? .nan, at: time, row.1 == nil ? .timeout : .good)
            trial.world.set(2, row.2 ?? .nan, at: time, row.2 == nil ? .timeout : .good)
            return trial.take(time, row.0 ?? .nan, row.0 == nil ? .timeout : .good).verdict
        }
        return brief(verdicts)
    }

    @Test func `a heated furnace at the temperature of its cold junction has no thermocouple`() {
        var trial = Self.trial()
        #expect(Self.take(&trial, [(24, 22, 50), (24, 22, 50), (24, 22, 50), (24, 22, 50), (24, 22, 50)]) == "...!!")
        #expect(Self.take(&trial, [(25, 22, 50)], from: 5) == ".")
        #expect(Self.take(&trial, [(19, 22, 50)], from: 6) == ".")
    }

    @Test func `a cold furnace that nobody heats is only cold`() {
        var trial = Self.trial()
        #expect(Self.take(&trial, [(22, 22, 20), (22, 22, 20), (22, 22, 20), (22, 22, 20), (22, 22, 0)]) == ".....")
    }

    @Test func `a break begins the time again, and what stands stays`() {
        let same: (Double?, Double?, Double?) = (22, 22, 50)
        for bad in [(nil, 22, 50), (22, nil, 50), (22, 22, nil)] as [(Double?, Double?, Double?)] {
            var trial = Self.trial()
            #expect(Self.take(&trial, [same, same, same, bad, same, same, same, same]) == "...?...!")
            #expect(Self.take(&trial, [bad, same, same, same, same], from: 8) == "????!")
        }
        var trial = Self.trial()
        #expect(Self.take(&trial, [same, same]) == "..")
        #expect(Self.take(&trial, [same, same, same, same], from: 5) == "...!")
    }

    /// sincore.io: a F&F MB-TC-1 transmitter with no thermocouple shows a steady 21 degC.
    @Test func `without tags for them the room is 21 degC and the furnace is heated`() {
        var trial = Self.trial(coldJunction: nil, output: nil)
        #expect(brief(trial.take([21, 21, 21, 21, 24, 23.9], period: 1000)) == "...!..")
    }
}
