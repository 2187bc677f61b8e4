import Plant

/// A transmitter that shows its cold junction as if it were the furnace: with no thermocouple fitted an F&F MB-TC-1
/// reads a steady 21 degC and its status bit stays clear.
///
/// In when |value - cold junction| < `within` without a break for `after`, all the while the heater's output was above
/// `outputAbove`; needs no flag of the vendor. Without a cold junction tag the usual ambient temperature stands for it,
/// without an output tag the furnace counts as heated.
struct PhantomMemory: Sendable {
    private let phantom: Phantom
    /// Milliseconds.
    private let after: Int64
    private var continuity: Continuity
    private var since: Int64?

    init(_ phantom: Phantom, maxGap: Int64) {
        (self.phantom, after) = (phantom, phantom.after.milliseconds)
        continuity = Continuity(maxGap: maxGap)
    }

    mutating func find(_ sample: Sample, after previous: AlarmLevel?, _ surroundings: some Surroundings) -> Finding {
        let step = continuity.take(sample)
        if step != .continues { since = nil }
        guard step != .broken, let junction = junction(surroundings), let isHeated = isHeated(surroundings) else {
            since = nil
            return Finding(.unknown)
        }
        let distance = abs(sample.value - junction)
        guard isHeated, distance < phantom.within else {
            since = nil
            return Finding(.out, figure: distance, limit: phantom.within)
        }
        let since = since ?? sample.time
        self.since = since
        let isLong = sample.time - since >= after
        // While it is not yet long enough, an alarm that stands is left alone.
        let verdict: Verdict = isLong ? .alarm(.fault) : previous == nil ? .out : .unknown
        return Finding(verdict, figure: distance, limit: phantom.within)
    }

    private func junction(_ surroundings: some Surroundings) -> Double? {
        guard let tag = phantom.coldJunction else { return phantom.ambient }
        let sample = surroundings.sample(tag)
        return sample.isGood ? sample.value : nil
    }

    private func isHeated(_ surroundings: some Surroundings) -> Bool? {
        guard let tag = phantom.output else { return true }
        let sample = surroundings.sample(tag)
        return sample.isGood ? sample.value > phantom.outputAbove : nil
    }
}
