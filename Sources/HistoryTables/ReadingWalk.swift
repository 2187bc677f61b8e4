import Archive

/// A reading of one of many tags.
struct TagReading {
    let tag: NamedTag
    let reading: StoredReading
}

/// Hands over one reading after the other.
protocol ReadingWalk {
    mutating func next() throws(ArchiveError) -> TagReading?

    /// Which one of its tag the last reading was. A walk in the order of time does not know it, and is not taken when it
    /// is asked for.
    var position: ReadingPosition? { get }
}

extension ReadingWalk {
    var position: ReadingPosition? { nil }
}

struct NoReadings: ReadingWalk {
    func next() -> TagReading? { nil }
}

/// All readings of one tag, then those of the next.
struct TagAfterTag: ReadingWalk {
    private let archive: Archive
    private let tags: [NamedTag]
    private let range: TimeRange
    private let order: ReadingOrder
    private var index = 0
    private var cursor: ReadingCursor?

    init(_ archive: Archive, _ tags: [NamedTag], _ range: TimeRange, _ order: ReadingOrder) {
        (self.archive, self.tags, self.range, self.order) = (archive, tags, range, order)
    }

    var position: ReadingPosition? { cursor?.position }

    mutating func next() throws(ArchiveError) -> TagReading? {
        while index < tags.count {
            let tag = tags[index]
            if let cursor {
                if let reading = try cursor.next() { return TagReading(tag: tag, reading: reading) }
                self.cursor = nil
                index += 1
            } else {
                cursor = try archive.readings(of: tag.tag, from: range.from, to: range.to, order)
            }
        }
        return nil
    }
}

/// The readings of all tags in the order of time.
struct AllTags: ReadingWalk {
    private let tags: [NamedTag]
    private let slice: SliceCursor

    init(_ archive: Archive, _ tags: [NamedTag], from: Int64, to: Int64) throws(ArchiveError) {
        self.tags = tags
        slice = try archive.slice(from: from, to: to, tags.map(\.tag))
    }

    func next() throws(ArchiveError) -> TagReading? {
        guard let next = try slice.next() else { return nil }
        return TagReading(tag: tags[next.tag], reading: next.reading)
    }
}
