import Plant

/// The values of sensors that measure the same.
///
/// An input whose quality is not good, or that is older than the alarm's evidence horizon, is a bad input.
struct Inputs: Sendable {
    /// The good ones, each with its number: 1 is the alarm's own tag.
    private(set) var good: [(number: Int, value: Double)] = []
    let count: Int

    init(_ sample: Sample, _ others: [Tag.ID], maxGap: Int64, _ surroundings: some Surroundings) {
        count = others.count + 1
        good.reserveCapacity(count)
        if sample.isGood { good.append((1, sample.value)) }
        for (index, tag) in others.enumerated() {
            let other = surroundings.sample(tag)
            guard other.isGood, sample.time - other.time <= maxGap else { continue }
            good.append((index + 2, other.value))
        }
    }

    /// `2 of 3 inputs` when some are bad.
    var detail: String? { good.count < count ? "\(good.count) of \(count) inputs" : nil }

    /// The middle one; of two the mean (GE Mark VIe: median voter).
    var median: Double? {
        guard !good.isEmpty else { return nil }
        let values = good.map(\.value).sorted()
        let middle = values.count / 2
        return values.count % 2 == 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2
    }

    /// The largest distance from the median. With two left nobody knows which of them is wrong: the distance between
    /// them. One has nobody to disagree with.
    var disagreement: Double? {
        guard good.count > 1, let median else { return nil }
        if good.count == 2 { return abs(good[0].value - good[1].value) }
        return good.lazy.map { abs($0.value - median) }.max()
    }

    /// The value that `need` inputs have reached: the need-th largest, for low alarms the need-th smallest. Its level
    /// is the level that at least `need` of them have reached. `nil` when too few are left to vote.
    func value(need: Int, isAbove: Bool, bad: BadVote) -> Double? {
        let worst: Double = isAbove ? .infinity : -.infinity
        var values = good.map(\.value)
        if bad == .alarm { values += Array(repeating: worst, count: count - good.count) }
        guard need > 0, values.count >= need else { return nil }
        values.sort { isAbove ? $0 > $1 : $0 < $1 }
        return values[need - 1]
    }
}

extension Levels {
    func judgeMedian(_ inputs: Inputs, after previous: AlarmLevel?, _ surroundings: some Surroundings) -> Finding {
        judge(inputs.median.map { Measure(number: $0, detail: inputs.detail) }, after: previous, surroundings)
    }

    func judgeDisagreement(
        _ inputs: Inputs, after previous: AlarmLevel?, _ surroundings: some Surroundings
    ) -> Finding {
        judge(inputs.disagreement.map { Measure(number: $0, detail: inputs.detail) }, after: previous, surroundings)
    }

    /// k of n. One memory for all inputs: once in, `need` of them must leave the deadband.
    ///
    /// The detail names who has voted, by number: `2 of 3 vote: 1, 3`.
    func judgeVote(
        _ inputs: Inputs, need: Int, bad: BadVote, after previous: AlarmLevel?, _ surroundings: some Surroundings
    ) -> Finding {
        guard let value = inputs.value(need: need, isAbove: isAbove, bad: bad) else {
            return Finding(.unknown, detail: inputs.detail)
        }
        guard let set = limits(surroundings) else { return .unwatched }
        var finding = finding(for: value, in: set, after: previous)
        // A vote of bad inputs alone has no number.
        finding.figure = value.isFinite ? value : nil
        var voters: [Int] = []
        for number in 1...inputs.count {
            guard let input = inputs.good.first(where: { $0.number == number }) else {
                if bad == .alarm { voters.append(number) }
                continue
            }
            if self.finding(for: input.value, in: set, after: previous).verdict != .out { voters.append(number) }
        }
        let votes = "\(voters.count) of \(inputs.count) vote: \(voters.map(String.init).joined(separator: ", "))"
        finding.detail = Wording.join(set.name.map { "limits \($0)" }, voters.isEmpty ? nil : votes)
        finding.detail = Wording.join(finding.detail, inputs.detail)
        return finding
    }
}
