import Plant

/// A figure before its division: a quotient is compared as a product, so that a figure exactly at its limit is not
/// decided by the rounding of a division (a published case of IOOS QARTOD differs by one ulp).
struct Measure: Hashable, Sendable {
    var number: Double
    /// Positive.
    var weight: Double = 1
    /// What a person should know beside the number.
    var detail: String?

    var figure: Double { number / weight }
}

extension Levels {
    /// The tag's own value against the limits.
    ///
    /// A value at the end of its range (`clamped`) tells that it is in alarm, never that it is not.
    func find(_ sample: Sample, after previous: AlarmLevel?, _ surroundings: some Surroundings) -> Finding {
        guard sample.isUsable else { return Finding(.unknown) }
        let finding = finding(for: Measure(number: sample.value), after: previous, surroundings)
        return finding.verdict == .out && !sample.isGood ? Finding(.unknown) : finding
    }

    /// A figure against the limits; `nil` is not known.
    func judge(_ measure: Measure?, after previous: AlarmLevel?, _ surroundings: some Surroundings) -> Finding {
        guard let measure, measure.number.isFinite, measure.weight > 0 else {
            return Finding(.unknown, detail: measure?.detail)
        }
        var finding = finding(for: measure, after: previous, surroundings)
        finding.figure = measure.figure
        finding.detail = Wording.join(finding.detail, measure.detail)
        return finding
    }

    /// Where no row of limits applies, nothing is watched.
    private func finding(
        for measure: Measure, after previous: AlarmLevel?, _ surroundings: some Surroundings
    ) -> Finding {
        guard let set = limits(surroundings), !set.limits.isEmpty else { return .unwatched }
        var finding = finding(for: measure.number, weight: measure.weight, in: set, after: previous)
        if let name = set.name { finding.detail = "limits \(name)" }
        return finding
    }
}
