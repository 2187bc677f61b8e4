import Plant

/// The exponentially weighted moving average of a chart (Montgomery 9.2), in sigma from the centre.
public struct EWMA: Codable, Hashable, Sendable {
    public private(set) var value = 0.0
    /// (1 - lambda) to the power of 2 i: what is left of the start.
    private var fade = 1.0

    public init() {}

    public mutating func take(_ z: Double, lambda: Double) {
        value = lambda * z + (1 - lambda) * value
        fade *= (1 - lambda) * (1 - lambda)
    }

    /// The sigma of `value`, in sigma of one lot: exact for each point, not only in the limit.
    public func spread(lambda: Double) -> Double { (lambda / (2 - lambda) * (1 - fade)).squareRoot() }

    mutating func judge(
        _ number: Double, lot: Double, lambda: Double, width: Double, _ centre: Centre, _ priority: Priority
    ) -> LotJudgement {
        take(centre.z(number), lambda: lambda)
        let half = width * spread(lambda: lambda)
        let sign = value < 0 ? -1.0 : 1.0
        let figure = centre.mean + centre.sigma * value
        let limit = centre.mean + sign * centre.sigma * half
        guard value.magnitude > half else {
            return LotJudgement(lot: lot, Finding(.out, figure: figure, limit: limit, priority: priority))
        }
        let detail = """
            EWMA \(plain(figure, decimals: 4)) \(sign < 0 ? "below" : "above") \(plain(limit, decimals: 4)), \
            lot \(lotName(lot)), \(plain(value, decimals: 2)) sigma from the centre
            """
        let finding = Finding(.alarm(.fault), figure: figure, limit: limit, priority: priority, detail: detail)
        return LotJudgement(lot: lot, finding, signals: ["EWMA"])
    }
}
