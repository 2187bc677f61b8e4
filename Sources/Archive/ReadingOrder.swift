/// Which way a cursor goes through time.
public enum ReadingOrder: Sendable, Hashable {
    case ascending, descending
}

/// Where a cursor was, to go on from there in another transaction: the key of the reading it handed over last.
///
/// It stays right when rows move from `hot` to `waiting` or into a chunk in between, because they keep their keys.
public struct ReadingPosition: Sendable, Hashable {
    /// UTC milliseconds.
    public var time: Int64
    /// `scan_group.id`.
    public var group: Int64
    public var sequence: UInt64

    public init(time: Int64, group: Int64, sequence: UInt64) {
        (self.time, self.group, self.sequence) = (time, group, sequence)
    }
}

extension ReadingPosition: Comparable {
    public static func < (a: ReadingPosition, b: ReadingPosition) -> Bool {
        (a.time, a.group, a.sequence) < (b.time, b.group, b.sequence)
    }
}
