import Plant
import Testing

@testable import Detection

@Suite struct VerdictTests {
    /// value, rank before, rank after: high 10, high-high 13, deadband 1.
    @Test(
        arguments: [
            (9.99, 0, 0), (10, 0, 1), (12.99, 0, 1), (13, 0, 2), (100, 0, 2),
            (9, 1, 1), (8.99, 1, 0), (12.5, 1, 1),
            (12, 2, 2), (11.99, 2, 1), (9, 2, 1), (8.99, 2, 0),
        ] as [(Double, Int, Int)])
    func `limits are inclusive and a level is left only beyond the deadband`(
        value: Double, before: Int, after: Int
    ) {
        #expect(AlarmDefinition.high().rank(of: value, after: before) == after)
        #expect(AlarmDefinition.low().rank(of: -value, after: before) == after)
    }

    @Test func `without a deadband there is no memory`() {
        #expect(AlarmDefinition.high(deadband: 0).rank(of: 9.999, after: 1) == 0)
        #expect(AlarmDefinition.high(deadband: 0).rank(of: 12.999, after: 2) == 1)
        #expect(AlarmDefinition.low(deadband: 0).rank(of: -9.999, after: 1) == 0)
    }

    @Test func `a state alarm is in at each of its values and at no other`() {
        let definition = AlarmDefinition.trip([3, 5])
        #expect([2, 3, 4, 5, 5.5].map { definition.rank(of: $0, after: 0) } == [0, 1, 0, 1, 0])
        #expect(definition.rank(of: 4, after: 1) == 0)
    }

    @Test func `a level has the limit and the priority that it was given`() {
        let definition = AlarmDefinition.high()
        #expect(definition.terms(of: .highHigh).limit == 13)
        #expect(definition.terms(of: .highHigh).priority == .critical)
        #expect(definition.terms(of: .high).limit == 10)
        #expect(definition.terms(of: .high).priority == .high)
        #expect(definition.level(ofRank: 0) == nil)
        #expect(definition.level(ofRank: 2) == .highHigh)
    }

    @Test func `a level that the definition no longer has counts as the mildest`() {
        let definition = AlarmDefinition.high(highHigh: nil)
        #expect(definition.rank(of: .highHigh) == 1)
        #expect(definition.terms(of: .highHigh).limit == 10)
    }
}
