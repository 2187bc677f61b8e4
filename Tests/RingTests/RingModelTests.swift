import Ring
import TestSupport
import Testing

/// The ring beside a model queue: all short sequences of operations, and long random ones.
@Suite struct RingModelTests {
    struct Exhaustive: Sendable, CustomTestStringConvertible {
        let capacity: Int
        let operations: [RingOperation]
        let depth: Int
        var testDescription: String { "capacity \(capacity), depth \(depth)" }
    }

    /// Depths chosen so that all of it takes a few seconds in a debug build; every batch size up to one too many is
    /// there for 2 and 4, and for 8 those that wrap in different ways.
    static let exhaustive = [
        Exhaustive(
            capacity: 2,
            operations: [.publish(1), .publish(2), .publish(3), .look, .take(1), .take(2), .skip(1), .skip(2)],
            depth: 7),
        Exhaustive(
            capacity: 4,
            operations: [
                .publish(1), .publish(2), .publish(3), .publish(4), .publish(5), .look, .take(1), .take(2), .take(3),
                .take(4), .skip(1), .skip(3),
            ],
            depth: 5),
        Exhaustive(
            capacity: 8,
            operations: [
                .publish(1), .publish(3), .publish(5), .publish(8), .publish(9), .look, .take(1), .take(3), .take(5),
                .take(8), .skip(2), .skip(8),
            ],
            depth: 5),
    ]

    @Test(arguments: exhaustive)
    func everyShortSequenceOfOperationsBehavesLikeAQueue(_ plan: Exhaustive) {
        var sequences = 0
        for offset in 0..<plan.capacity {
            let start = RingTrial(capacity: plan.capacity, offset: offset).model
            Self.explore(plan, from: start, prefix: []) { sequence in
                sequences += 1
                var trial = RingTrial(capacity: plan.capacity, offset: offset)
                for operation in sequence {
                    guard let difference = trial.run(operation) else { continue }
                    Issue.record("offset \(offset), \(sequence): \(difference)")
                    return false
                }
                return true
            }
        }
        // Guards the test itself: a rule in the model that forbids too much would leave little to explore.
        #expect(sequences > 10_000)
    }

    /// Calls `visit` with every longest sequence that the consumer's preconditions allow; stops when it says false.
    @discardableResult
    private static func explore(
        _ plan: Exhaustive, from model: RingModel, prefix: [RingOperation], visit: ([RingOperation]) -> Bool
    ) -> Bool {
        if prefix.count == plan.depth { return visit(prefix) }
        for operation in plan.operations where model.allows(operation) {
            var next = model
            switch operation {
            case .publish(let count): _ = next.publish(next.nextElements(count))
            case .look: _ = next.look()
            case .take(let count), .skip(let count): _ = next.take(count)
            }
            guard explore(plan, from: next, prefix: prefix + [operation], visit: visit) else { return false }
        }
        return true
    }

    @Test(arguments: Array(UInt64(1)...40))
    func longRandomSequencesBehaveLikeAQueue(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let capacity = Int.random(in: 2...70, using: &random)
        var trial = RingTrial(capacity: capacity)
        for step in 0..<5_000 {
            let operation: RingOperation =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: .publish(Int.random(in: 0...trial.model.capacity + 1, using: &random))
                case 1: .look
                case 2: .take(Int.random(in: 0...trial.model.known, using: &random))
                default: .skip(Int.random(in: 0...trial.model.known, using: &random))
                }
            guard let difference = trial.run(operation) else { continue }
            Issue.record("seed \(seed), capacity \(capacity), step \(step): \(difference)")
            return
        }
    }
}
