import Plant

/// How long an imported reading stands for when the next one is late, and how that is known.
///
/// A reading stands until the next one of its tag; when that comes more than three periods later, or never, for one
/// period. So a period that is too long turns one value a day into a day of good time, which nobody measured, and one
/// that is too short turns an old record's means of a minute into gaps. Without the person's word it is what the files
/// have, unless that is far more seldom than the tag's own.
public struct ImportPeriod: Sendable, Hashable {
    public enum Basis: String, Sendable {
        /// The person said it.
        case given
        /// The files have readings so often.
        case measured
        /// The tag is read from its controller so often, and the files have it seldom, or once.
        case scans
        /// Nothing tells.
        case assumed
    }

    /// Milliseconds.
    public let milliseconds: Int64
    public let basis: Basis
    /// The median distance of the files' readings, milliseconds; `nil` for a single one.
    public let spacing: Int64?

    /// Of a reading that came alone, of a tag that was never read otherwise, in milliseconds.
    static let lone: Int64 = 60_000
    /// Files with a value a week must not make one stand for three.
    static let longest: Int64 = 86_400_000

    /// Of a tag that a controller is asked for, files with means or samples are at most so seldom; what is more seldom was
    /// taken by hand. Milliseconds.
    static let recorded: Int64 = 3_600_000

    private static let mostGiven: Duration = .milliseconds(StagingFile.periods.upperBound)

    /// - Parameter scans: the period of the tag's scan group, milliseconds.
    init(given: Duration?, spacing: Int64?, scans: Int64?) {
        self.spacing = spacing
        let measured = spacing.map { min($0, ImportPeriod.longest) }
        let found: (Int64, Basis) =
            switch (given, measured, scans) {
            // Cut first: nanoseconds of a thousand years are more than there are numbers.
            case (let given?, _, _): (min(max(given, .zero), ImportPeriod.mostGiven).milliseconds, .given)
            case (nil, let measured?, let scans?):
                measured <= max(scans, ImportPeriod.recorded) ? (measured, .measured) : (scans, .scans)
            case (nil, let measured?, nil): (measured, .measured)
            case (nil, nil, let scans?): (scans, .scans)
            case (nil, nil, nil): (ImportPeriod.lone, .assumed)
            }
        milliseconds = min(max(found.0, StagingFile.periods.lowerBound), StagingFile.periods.upperBound)
        basis = found.1
    }
}
