import Plant

/// Three-valued evaluation of a `Logic` (Kleene's strong logic).
extension Logic.Node {
    /// - Parameters:
    ///   - sample: the newest settled sample of a tag.
    ///   - alarm: whether an alarm's condition holds.
    func truth(_ sample: (Tag.ID) -> Sample, _ alarm: (AlarmDefinition.ID) -> Bool) -> Truth {
        switch self {
        case .compare(let a, let comparison, let b):
            guard let a = a.value(sample), let b = b.value(sample) else { return .unknown }
            return Truth(comparison.holds(a, b))
        case .isOne(let tag, let values):
            let sample = sample(tag)
            return sample.isGood ? Truth(values.contains(sample.value)) : .unknown
        case .anyBit(let tag, let mask):
            let sample = sample(tag)
            return sample.quality.isGood ? Truth(sample.bits & mask != 0) : .unknown
        case .alarm(let id): return Truth(alarm(id))
        case .not(let node): return !node.truth(sample, alarm)
        case .all(let nodes): return Truth.atLeast(nodes.count, of: nodes.map { $0.truth(sample, alarm) })
        case .any(let nodes): return Truth.atLeast(1, of: nodes.map { $0.truth(sample, alarm) })
        case .atLeast(let count, let nodes): return Truth.atLeast(count, of: nodes.map { $0.truth(sample, alarm) })
        }
    }
}

extension Logic.Operand {
    fileprivate func value(_ sample: (Tag.ID) -> Sample) -> Double? {
        switch self {
        case .number(let number): return number
        case .tag(let tag):
            let sample = sample(tag)
            return sample.isGood ? sample.value : nil
        }
    }
}

extension Logic.Comparison {
    fileprivate func holds(_ a: Double, _ b: Double) -> Bool {
        switch self {
        case .less: a < b
        case .atMost: a <= b
        case .equal: a == b
        case .different: a != b
        case .atLeast: a >= b
        case .more: a > b
        }
    }
}

extension Truth {
    init(_ holds: Bool) { self = holds ? .yes : .no }

    static prefix func ! (truth: Truth) -> Truth {
        switch truth {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }

    /// Known as soon as the unknown ones cannot change it: all are k of k, any is 1 of k.
    static func atLeast(_ count: Int, of parts: [Truth]) -> Truth {
        let sure = parts.count { $0 == .yes }
        let possible = parts.count { $0 != .no }
        if sure >= count { return .yes }
        return possible < count ? .no : .unknown
    }
}
