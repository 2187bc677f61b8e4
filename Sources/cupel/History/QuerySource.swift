import Archive
import Historian

/// What the commands that look back ask of a history. Times are UTC milliseconds, ranges are half-open.
protocol QuerySource {
    /// In the order of their names.
    func storedTags() throws -> [StoredTag]
    /// Ends early when `body` throws.
    func readings(
        of tag: StoredTag, from: Int64, to: Int64, _ order: ReadingOrder, _ body: (StoredReading) throws -> Void) throws
    /// The readings of all these tags in the order of time, then of tag.
    func slice(
        of tags: [StoredTag], from: Int64, to: Int64, _ body: (StoredTag, StoredReading) throws -> Void) throws
    /// The newest reading of each tag at or before an instant, bad ones too; tags without one are left out.
    func standing(at time: Int64, _ tags: [StoredTag]) throws -> [Standing]
    /// When no good reading stood, and why.
    func gaps(of tag: StoredTag, from: Int64, to: Int64, now: Int64, pending: Int64) throws -> [Gap]
    func aggregates(
        of tag: StoredTag, from: Int64, to: Int64, _ buckets: Buckets, _ options: AggregateOptions,
        _ body: (Aggregate) throws -> Void) throws
    /// About how many readings there are; `atMost` ends the counting.
    func count(of tags: [StoredTag], from: Int64, to: Int64, atMost: Int) throws -> Int
    /// The events that touch a range, in the order of their beginnings.
    func events(from: Int64, to: Int64) throws -> [HistoryEvent]
    /// The IANA name of the plant's time zone, as the daemon left it.
    func timeZone() throws -> String?
}

extension QuerySource {
    /// Histories that were begun before it was kept do not know it.
    func timeZone() throws -> String? { nil }

    /// The first reading of a tag at or after an instant.
    func first(of tag: StoredTag, from time: Int64, to end: Int64 = .max) throws -> StoredReading? {
        var found: StoredReading?
        do {
            try readings(of: tag, from: time, to: end, .ascending) { reading in
                found = reading
                throw Enough()
            }
        } catch is Enough {}
        return found
    }

    /// Between which times of a range a tag has readings; `nil` when it has none.
    func extent(of tag: StoredTag, in range: Range<Int64>) throws -> Range<Int64>? {
        guard let first = try first(of: tag, from: range.lowerBound, to: range.upperBound),
            let last = try standing(at: range.upperBound - 1, [tag]).first?.reading
        else { return nil }
        return first.time..<(last.time + 1)
    }

    /// What the whole of a range comes to.
    func aggregate(
        of tag: StoredTag, from: Int64, to: Int64, _ options: AggregateOptions = AggregateOptions()
    ) throws -> Aggregate? {
        var whole: Aggregate?
        try aggregates(of: tag, from: from, to: to, .whole, options) { whole = $0 }
        return whole
    }
}

/// Thrown by a body that needs no more.
struct Enough: Error {}
