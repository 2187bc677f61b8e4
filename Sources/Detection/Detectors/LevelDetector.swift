import Plant

extension AlarmLimit {
    /// Whether a figure is at this level.
    ///
    /// A level is reached at its limit (beyond it, when the limits are exclusive) and left beyond its deadband: with a
    /// deadband, `limit - deadband` is still in, for whoever was in. EPICS and Logix use the same pair of >= and <. A
    /// deadband of 0 has no memory.
    ///
    /// - Parameters:
    ///   - number: the figure times `weight`; no NaN.
    ///   - weight: positive. A quotient is compared as a product, so that a figure exactly at its limit is not decided
    ///     by the rounding of a division.
    ///   - previous: the level of the last verdict.
    func holds(
        for number: Double, weight: Double, isAbove: Bool, isInclusive: Bool, after previous: AlarmLevel?
    ) -> Bool {
        let sign: Double = isAbove ? 1 : -1
        let (distance, edge) = (sign * number, sign * limit * weight)
        if isInclusive ? distance >= edge : distance > edge { return true }
        guard deadband > 0, previous.severity >= level.severity else { return false }
        return distance >= sign * (limit - sign * deadband) * weight
    }

    var finding: Finding { Finding(.alarm(level), limit: limit, priority: priority) }
}

extension Levels {
    /// Which level a figure is at: the worst one that holds.
    ///
    /// - Parameters:
    ///   - number: the figure times `weight`; no NaN.
    ///   - set: the limits that count now.
    func finding(
        for number: Double, weight: Double = 1, in set: LimitSet, after previous: AlarmLevel?
    ) -> Finding {
        for limit in set.limits.reversed()
        where limit.holds(
            for: number, weight: weight, isAbove: isAbove, isInclusive: isInclusive, after: previous)
        {
            return limit.finding
        }
        return Finding(.out, limit: set.limits.first?.limit, priority: set.limits.first?.priority ?? .low)
    }
}
