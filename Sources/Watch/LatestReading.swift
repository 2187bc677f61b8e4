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

    /// What it is worth at a moment: a number that is too old is stale, a bad reading stays what it is.
    ///
    /// - Parameters:
    ///   - now: CLOCK_MONOTONIC nanoseconds.
    ///   - staleAfter: nanoseconds; `nil` when it cannot be old.
    func quality(at now: Int64, staleAfter: Int64?) -> Quality {
        guard let staleAfter, !quality.isBad, now - replied > staleAfter else { return quality }
        return .stale
    }
}

/// One consistent look at everything the watch knows.
public struct WatchSnapshot: Sendable {
    /// The plant whose tags these are.
    public var plant: Plant
    /// By tag id.
    public var latest: [LatestReading]
    /// The text of string tags, by tag id.
    public var texts: [Tag.ID: String]

    /// The newest reading of a tag as of now: one that should have been followed by others long ago is stale.
    ///
    /// - Parameter now: CLOCK_MONOTONIC nanoseconds.
    public func reading(of tag: Tag.ID, at now: Int64) -> LatestReading {
        var reading = latest[tag]
        reading.quality = reading.quality(at: now, staleAfter: plant.staleAfter(plant.tags[tag]))
        return reading
    }
}

extension Plant {
    /// A tag's scan may be missing so often in a row before its last value is stale: one lost reply and one late scan
    /// are part of a plant's day.
    static let stalePeriods = 3

    /// How old a tag's reading may be, in nanoseconds: its periods, and a reply that takes its whole timeout.
    func staleAfter(_ tag: Tag) -> Int64 {
        groups[tag.group].period.nanoseconds * Int64(Plant.stalePeriods)
            + controllers[tag.controller].timeout.nanoseconds
    }
}

extension Tag {
    /// A reading's value in engineering units as text: exact for unscaled numbers, a name for a state, `nil` when bad.
    public func text(of reading: LatestReading, texts: [Tag.ID: String]) -> String? {
        guard !reading.quality.isBad else { return nil }
        if type.isString { return texts[id] }
        return isUnscaled ? type.rawText(reading.bits) : Tag.shown(engineering(reading.bits))
    }
}
