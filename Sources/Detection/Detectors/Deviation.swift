import Plant

extension Deviation {
    /// How far the tag is from its working setpoint; `nil` when either is not good, when they are too far apart in
    /// time, or when a percentage of a setpoint of 0 is asked for.
    ///
    /// Percentages are compared as products: (value - setpoint) x 100 with limit x |setpoint|.
    func measure(_ sample: Sample, _ surroundings: some Surroundings) -> Measure? {
        let setpoint = surroundings.sample(self.setpoint)
        guard sample.isGood, setpoint.isGood else { return nil }
        // Sample.none is at the beginning of time: no subtraction before it is known to be good.
        guard (sample.time - setpoint.time).magnitude <= maxSkew.milliseconds else { return nil }
        let distance = sample.value - setpoint.value
        switch form {
        case .distance: return Measure(number: abs(distance))
        case .signed: return Measure(number: distance)
        case .percent: return setpoint.value == 0 ? nil : Measure(number: distance * 100, weight: abs(setpoint.value))
        }
    }
}

/// The clock of a guaranteed soak: it counts only the time that the furnace was within its band.
///
/// Super Systems 9205: "the soak clock runs only inside the band". Red Lion DLC: pauses at error >= band; the band
/// here has no hysteresis. The time between two samples counts when both were inside, so a bad sample, a gap or a
/// moment outside costs at most one period and never counts as soaked.
struct SoakClock: Sendable {
    /// Milliseconds.
    private(set) var soaked: Int64 = 0
    private let band: Double
    private var continuity: Continuity
    /// When the last sample was, if it was inside.
    private var inside: Int64?

    init(band: Double, maxGap: Int64) { (self.band, continuity) = (band, Continuity(maxGap: maxGap)) }

    /// - Parameter distance: of the value from the setpoint, in the tag's unit; `nil` when it is not known.
    mutating func take(_ sample: Sample, distance: Double?) {
        let step = continuity.take(sample)
        guard step != .broken, let distance, abs(distance) < band else { return inside = nil }
        if step == .continues, let inside { soaked += sample.time - inside }
        inside = sample.time
    }
}

extension SoakClock {
    /// The deviation, with the time soaked so far in its detail.
    mutating func measure(_ deviation: Deviation, _ sample: Sample, _ surroundings: some Surroundings) -> Measure? {
        var measure = deviation.measure(sample, surroundings)
        take(sample, distance: measure.map { _ in sample.value - surroundings.sample(deviation.setpoint).value })
        measure?.detail = "soaked \(Wording.time(milliseconds: soaked))"
        return measure
    }
}
