public import Plant

/// All violations of the run rules in a series of lots: for reports, and for an engineer who looks at phase I.
public struct RunRuleScan: Hashable, Sendable {
    /// In the order of the points, and of the rules within one point.
    public let hits: [Hit]

    public struct Hit: Hashable, Sendable {
        /// Which point completes the pattern, from 0.
        public let index: Int
        /// In sigma from the centre.
        public let z: Double
        public let violation: RunViolation

        /// The points of the pattern.
        public var pattern: ClosedRange<Int> { index - violation.length + 1...index }
    }

    /// - Parameter numbers: on the scale of the centre, in the order of the lots.
    public init(_ numbers: some Sequence<Double>, rules: RunRules, centre: Centre) {
        var window = RunWindow()
        hits = numbers.enumerated().flatMap { index, number in
            let z = centre.z(number)
            return window.take(z, lot: Double(index), rules).map { Hit(index: index, z: z, violation: $0) }
        }
    }

    /// The points that complete a rule's pattern, from 0.
    public func indices(of rule: Int) -> [Int] { hits.filter { $0.violation.rule == rule }.map(\.index) }
}
