import Plant

/// The tests that look at one sample and remember nothing.
extension Detector.Test {
    /// The value is one of these: off-normal states.
    static func findState(_ values: [Double], _ sample: Sample) -> Finding {
        guard sample.isGood else { return Finding(.unknown) }
        return Finding(values.contains(sample.value) ? .alarm(.state) : .out)
    }

    /// One of these bits of the raw value is set, or with `isSet` false clear. The detail names those bits.
    static func findBits(_ mask: UInt64, isSet: Bool, _ sample: Sample) -> Finding {
        guard sample.quality.isGood else { return Finding(.unknown) }
        let found = (isSet ? sample.bits : ~sample.bits) & mask
        guard found != 0 else { return Finding(.out) }
        let numbers = (0..<UInt64.bitWidth).filter { found >> $0 & 1 == 1 }.map(String.init)
        return Finding(.alarm(.state), detail: "bit \(numbers.joined(separator: ", "))")
    }

    /// The quality is bad, for one of these causes; none listed are all. An uncertain one counts only when listed.
    ///
    /// The detail is the cause: `bad:fail-high` (NAMUR NE 43 above 21 mA), `bad:timeout`.
    static func findQuality(_ causes: [Quality], _ sample: Sample) -> Finding {
        let quality = sample.quality
        guard causes.isEmpty ? quality.isBad : causes.contains(quality) else { return Finding(.out) }
        return Finding(.alarm(.fault), detail: quality.name)
    }

    /// An input that votes has no good value: 2 of 3 is no longer 2 of 3, and somebody should know before the next
    /// one fails.
    static func findDegraded(_ inputs: Inputs) -> Finding {
        Finding(inputs.detail == nil ? .out : .alarm(.fault), detail: inputs.detail)
    }

    /// A combination of tags and alarms, in Kleene's logic.
    static func findLogic(_ logic: Logic, _ surroundings: some Surroundings) -> Finding {
        switch logic.truth(surroundings) {
        case .yes: Finding(.alarm(.fault), detail: logic.text)
        case .no: Finding(.out)
        case .unknown: Finding(.unknown)
        }
    }
}
