public import Archive
public import Historian
public import Plant

/// Where recorded scans come from.
public protocol ReplaySource {
    /// Hands over all scans, in the order in which they were complete. Ends early when `body` throws.
    func scans(_ body: (borrowing RecordedScan) throws -> Void) throws
}

/// The daemon's own history.
public struct HistorySource: ReplaySource {
    /// The scans behind the end that still tell what took effect before it: the longest scan, and the timers' grace.
    public static let afterwards: Int64 = 60_000

    private let reader: HistoryReader
    private let tags: [Tag]
    private let range: Range<Int64>

    /// - Parameter range: UTC milliseconds, of the scans' times.
    public init(_ reader: HistoryReader, tags: [Tag], range: Range<Int64>) {
        (self.reader, self.tags, self.range) = (reader, tags, range)
    }

    public func scans(_ body: (borrowing RecordedScan) throws -> Void) throws {
        try reader.scans(of: tags, from: range.lowerBound, to: range.upperBound, body)
    }
}
