import Plant
import Testing

@testable import Detection

/// Limits, deadbands and levels: `Levels.finding`.
@Suite struct VerdictTests {
    private func level(of value: Double, after previous: AlarmLevel?, _ definition: AlarmDefinition) -> AlarmLevel? {
        guard case .levels(let levels) = definition.detector else { return nil }
        return levels.finding(for: value, in: levels.sets[0], after: previous).verdict.level
    }

    /// High 10, high-high 13, deadband 1.
    @Test(
        arguments: [
            (9.99, nil, nil), (10, nil, .high), (12.99, nil, .high), (13, nil, .highHigh), (100, nil, .highHigh),
            (9, .high, .high), (8.99, .high, nil), (12.5, .high, .high),
            (12, .highHigh, .highHigh), (11.99, .highHigh, .high), (9, .highHigh, .high), (8.99, .highHigh, nil),
            (9, .unknown, nil), (10, .unknown, .high),
        ] as [(Double, AlarmLevel?, AlarmLevel?)])
    func `limits are inclusive and a level is left only beyond the deadband`(
        value: Double, before: AlarmLevel?, after: AlarmLevel?
    ) {
        #expect(level(of: value, after: before, .high()) == after)
        let mirrored: [AlarmLevel: AlarmLevel] = [.high: .low, .highHigh: .lowLow, .unknown: .unknown]
        let low = level(of: -value, after: before.flatMap { mirrored[$0] }, .high(sign: -1))
        #expect(low == after.flatMap { mirrored[$0] })
    }

    @Test(arguments: [(10, false), (10.nextUp, true)] as [(Double, Bool)])
    func `an exclusive limit is met by the value that is exactly at it`(value: Double, isIn: Bool) {
        let definition = AlarmDefinition.high(deadband: 0, inclusive: false)
        #expect((level(of: value, after: nil, definition) != nil) == isIn)
        #expect((level(of: value, after: .high, definition) != nil) == isIn)
    }

    @Test func `without a deadband there is no memory`() {
        #expect(level(of: 9.999, after: .high, .high(deadband: 0)) == nil)
        #expect(level(of: 12.999, after: .highHigh, .high(deadband: 0)) == .high)
        #expect(level(of: -9.999, after: .low, .high(deadband: 0, sign: -1)) == nil)
    }

    @Test func `a finding has limit and priority of its level, or of the mildest`() {
        guard case .levels(let levels) = AlarmDefinition.high().detector else { return }
        let worst = levels.finding(for: 13, in: levels.sets[0], after: nil)
        #expect(worst.limit == 13 && worst.priority == .critical)
        let out = levels.finding(for: 0, in: levels.sets[0], after: nil)
        #expect(out.limit == 10 && out.priority == .high)
    }

    @Test func `a figure exactly at its limit is not decided by the rounding of a division`() {
        // The quotient of the second would be rounded up to the limit.
        let rate = Levels([AlarmLimit(level: .high, limit: 0.1, priority: .low)], isAbove: true)
        #expect(rate.finding(for: 0.5, weight: 5, in: rate.sets[0], after: nil).verdict == .alarm(.high))
        #expect(rate.finding(for: 0.5.nextDown, weight: 5, in: rate.sets[0], after: nil).verdict == .out)
    }

    @Test func `nothing is watched in a phase without limits`() {
        let levels = Levels([], isAbove: true)
        let finding = levels.finding(for: 1e9, in: levels.sets[0], after: .highHigh)
        #expect(finding.verdict == .out && finding.limit == nil && finding.priority == .low)
    }
}
