public import Plant

/// What all tags of a scan group share over a span: one element a scan in each column.
public struct SpanColumns: Sendable, Hashable {
    /// UTC milliseconds. They rise, or stand, within a span that the sealer has cut; the codec keeps any others too.
    public var times: [Int64]
    /// How long each scan took, milliseconds.
    public var took: [Int64]
    /// The sequence of each scan within its group.
    public var sequences: [UInt64]
    /// The place of each scan in the order in which all groups' scans came in.
    public var ordinals: [Int64]
    /// Why a whole scan has no values, good where it has; empty when none was lost.
    public var losses: [Quality]

    public init(
        times: [Int64] = [], took: [Int64] = [], sequences: [UInt64] = [], ordinals: [Int64] = [],
        losses: [Quality] = []
    ) {
        self.times = times
        self.took = took
        self.sequences = sequences
        self.ordinals = ordinals
        self.losses = losses
    }

    /// Scans in the span.
    public var count: Int { times.count }
}
