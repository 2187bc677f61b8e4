public import Plant

/// The newest reading of a tag, as the watch last saw it.
public struct LatestReading: Sendable, Equatable {
    /// Raw bits, meaningful unless the quality is bad.
    public var bits: UInt64
    public var quality: Quality
    /// UTC milliseconds of its scan; 0 when never read.
    public var time: Int64
    /// CLOCK_MONOTONIC nanoseconds when its reply was complete: what its age is counted from.
    public var replied: Int64

    static let neverRead = LatestReading(bits: 0, quality: .neverRead, time: 0, replied: 0)
}

/// One consistent look at everything the watch knows.
public struct WatchSnapshot: Sendable {
    /// By tag id.
    public var latest: [LatestReading]
    /// The text of string tags, by tag id.
    public var texts: [Tag.ID: String]
}

extension Tag {
    /// A reading's value in engineering units as text: exact for unscaled numbers, a name for a state, `nil` when bad.
    public func text(of reading: LatestReading, texts: [Tag.ID: String]) -> String? {
        guard !reading.quality.isBad else { return nil }
        if type.isString { return texts[id] }
        return isUnscaled ? type.rawText(reading.bits) : Tag.shown(engineering(reading.bits))
    }
}
