import Plant

/// A rule of Nelson's that a point completes.
public struct RunViolation: Hashable, Sendable {
    /// 1...8.
    public let rule: Int
    /// How many points the pattern spans; the last of them is the one that fires.
    public let length: Int
    /// 1 above the centre or rising, -1 below or falling, 0 for a rule without a side.
    public let side: Int
}

/// The last points of a chart, as far back as any rule looks, in sigma from the centre.
///
/// A point fires a rule if and only if it completes the pattern. "k of n" needs n points since the start and the last
/// one among the k (as qcc has it): two points alone do not make two of three.
struct RunWindow: Codable, Hashable, Sendable {
    private(set) var points: [Point] = []

    struct Point: Codable, Hashable, Sendable {
        var lot: Double
        var z: Double
    }

    /// The longest pattern in use: 16 of 20.
    static let length = 20

    /// Takes the next point and says which of the rules it fires.
    mutating func take(_ z: Double, lot: Double, _ rules: RunRules) -> [RunViolation] {
        points.append(Point(lot: lot, z: z))
        if points.count > Self.length { points.removeFirst() }
        return rules.rules.compactMap { violation(of: $0, rules) }
    }

    private func violation(of rule: Int, _ rules: RunRules) -> RunViolation? {
        let fired: (length: Int, side: Int)? =
            switch rule {
            case 1: beyond(3, 1, of: 1)
            case 2: beyond(0, rules.needed, of: rules.side)
            case 3: trend(rules.trend)
            case 4: alternating(14)
            case 5: beyond(2, 2, of: 3)
            case 6: beyond(1, 4, of: 5)
            case 7: last(15, satisfy: { $0.magnitude <= 1 })
            case 8: mixture(8)
            default: nil
            }
        return fired.map { RunViolation(rule: rule, length: $0.length, side: $0.side) }
    }

    /// At least `count` of the last `length` points, the last among them, are beyond `limit` on its side.
    private func beyond(_ limit: Double, _ count: Int, of length: Int) -> (Int, Int)? {
        guard points.count >= length, let last = points.last?.z, last.magnitude > limit else { return nil }
        let sign: Double = last < 0 ? -1 : 1
        return points.suffix(length).count { sign * $0.z > limit } >= count ? (length, Int(sign)) : nil
    }

    private func trend(_ length: Int) -> (Int, Int)? {
        let steps = steps(length)
        guard let first = steps.first, first != 0, steps.allSatisfy({ $0 == first }) else { return nil }
        return (length, first)
    }

    private func alternating(_ length: Int) -> (Int, Int)? {
        let steps = steps(length)
        guard !steps.isEmpty, zip(steps, steps.dropFirst()).allSatisfy({ $0 * $1 == -1 }) else { return nil }
        return (length, 0)
    }

    private func mixture(_ length: Int) -> (Int, Int)? {
        let window = points.suffix(length)
        guard window.contains(where: { $0.z > 1 }), window.contains(where: { $0.z < -1 }) else { return nil }
        return last(length) { $0.magnitude > 1 }
    }

    private func last(_ length: Int, satisfy holds: (Double) -> Bool) -> (Int, Int)? {
        points.count >= length && points.suffix(length).allSatisfy { holds($0.z) } ? (length, 0) : nil
    }

    /// Up 1, down -1, level 0 from point to point of the last `length`; empty before there are so many.
    private func steps(_ length: Int) -> [Int] {
        let window = points.suffix(length)
        guard window.count == length else { return [] }
        return zip(window, window.dropFirst()).map { $0.z < $1.z ? 1 : $0.z > $1.z ? -1 : 0 }
    }
}

extension RunRules {
    /// How many of `side` points must be on one side (SAS/QC SHEWHART, TEST2RUN=).
    var needed: Int {
        switch side {
        case 11: 10
        case 14: 12
        case 20: 16
        default: side
        }
    }
}
