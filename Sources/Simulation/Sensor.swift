import Glibc

/// An instrument between the process and the register: it follows late, trembles, and may age.
public struct Sensor: Hashable, Sendable {
    /// Seconds to 63 % of a step; 0 follows at once.
    public let timeConstant: Double
    /// Standard deviation of one sample, in the unit of the value.
    public let noise: Double
    /// Change of the reading for each hour spent above `driftAbove`.
    public let driftPerHour: Double
    public let driftAbove: Double

    /// What the register shows.
    public private(set) var reading: Double
    private var followed: Double
    private var drift = 0.0

    public init(
        at value: Double, timeConstant: Double, noise: Double, driftPerHour: Double = 0,
        driftAbove: Double = .infinity
    ) {
        self.timeConstant = timeConstant
        self.noise = noise
        self.driftPerHour = driftPerHour
        self.driftAbove = driftAbove
        reading = value
        followed = value
    }

    /// Follows `value` for `seconds`. Exact for a value that stands still, whatever the step.
    public mutating func follow(_ value: Double, for seconds: Double, noise source: inout Noise) {
        followed += (value - followed) * (timeConstant > 0 ? 1 - exp(-seconds / timeConstant) : 1)
        if followed > driftAbove { drift += driftPerHour * seconds / 3600 }
        reading = followed + drift + noise * source.normal()
    }
}
