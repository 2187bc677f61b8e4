import Plant

/// Something that is the case or not, its tags and states not yet looked up.
enum TestRule {
    /// The values are understood only with the tag they are compared with.
    case state([Value])
    case bits(Bits)
    case change
    case edges(count: Int, within: Duration, Value)
    case mismatch(feedback: TagReference, transit: Duration)
    case spike(Spike)
    case stuck(StuckRule)
    case stale(after: Duration?, Value)
    case quality([Quality])
    case degraded(with: [TagReference])
    case phantom(PhantomRule)
    case timeToLimit(TrendRule)

    struct Bits {
        let mask: UInt64
        let set: Bool
        let value: Value
    }

    struct StuckRule {
        let tolerance: Double
        let toleranceValue: Value
        let over: Duration
        let overValue: Value
        let whenMoving: LogicRule?
    }

    struct PhantomRule {
        static let usual = Phantom(coldJunction: nil, after: .zero, output: nil, outputAbove: 0)

        let coldJunction: TagReference?
        let ambient: Double
        let within: Double
        let after: Duration
        let output: TagReference?
        let outputAbove: Double
    }

    struct TrendRule {
        let limit: Double
        let limitValue: Value
        let isAbove: Bool
        let over: Duration
        let overValue: Value
        /// `nil` for the time to respond.
        let horizon: Duration?
        let value: Value
    }
}

extension Value {
    /// `is:` one value, or `in:` a list of them.
    func values(is one: Value?, in several: Value?) -> [Value]? {
        switch (one, several) {
        case (let one?, nil): return [one]
        case (nil, let several?):
            guard let values = several.list("a list of values such as [70, 80]") else { return nil }
            guard values.isEmpty else { return values }
            several.reject(found: "an empty list", expected: "at least one value")
            return nil
        case (.some, .some):
            reject(found: "is and in", expected: "one of them")
            return nil
        case (nil, nil):
            reject(found: "neither is nor in", expected: "one of them")
            return nil
        }
    }
}
