/// An interval in which no good reading of a tag stood.
public struct Gap: Sendable, Hashable {
    /// UTC milliseconds, half-open.
    public let start: Int64
    public let end: Int64
    /// Why: the quality of the readings that came instead, `bad:timeout`; else the event that explains it,
    /// `gap: no daemon ran`; else `unexplained`.
    public let cause: String

    public init(start: Int64, end: Int64, cause: String) { (self.start, self.end, self.cause) = (start, end, cause) }

    public static let unexplained = "unexplained"

    /// Why scans are missing for less than `told`: the line was busy with others, and nothing was lost.
    public static let late = "late scan"
    /// Milliseconds without a scan from which on an event says why. Shorter ones, of groups with short periods, would be
    /// told every second on a line that cannot keep up.
    public static let told: Int64 = 1000
}
