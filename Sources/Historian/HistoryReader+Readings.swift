public import Archive

extension HistoryReader {
    /// Readings of a slice fetched in one read transaction, some megabytes: each page opens a chunk of every tag anew,
    /// 12 ms for 1 000 of them (measured), and hands over 7 readings a microsecond after that.
    static let pageSlice = 1 << 16

    /// Hands over the readings of a tag in the order of time, with constant memory. Ends early when `body` throws.
    ///
    /// - Throws: `HistoryError`, or what `body` throws.
    public func readings(
        tag: String, from start: Int64, to end: Int64, _ order: ReadingOrder = .ascending,
        _ body: (StoredReading) throws -> Void
    ) throws {
        let known = try read { try self.tag(tag, in: $0) }
        var page: [StoredReading] = []
        var position: ReadingPosition?
        repeat {
            page.removeAll(keepingCapacity: true)
            position = try read { archive in
                let cursor = try archive.readings(of: known, from: start, to: end, order, after: position)
                while page.count < HistoryReader.pageReadings, let reading = try cursor.next() { page.append(reading) }
                return cursor.position
            }
            for reading in page { try body(reading) }
        } while page.count == HistoryReader.pageReadings
    }

    /// What stood at an instant: of each tag the newest reading at that time or before, bad ones too. Tags that have
    /// none are left out.
    ///
    /// - Parameter tags: all of them, in the order of their names, when `nil`.
    public func at(_ time: Int64, _ tags: [StoredTag]? = nil) throws(HistoryError) -> [Standing] {
        try read { try $0.standing(at: time, tags) }
    }

    /// Hands over the readings of many tags in the order of time, then of the tags, with constant memory. Ends early
    /// when `body` throws.
    ///
    /// - Parameter tags: all of them, in the order of their names, when `nil`.
    /// - Throws: `HistoryError`, or what `body` throws.
    public func slice(
        from start: Int64, to end: Int64, _ tags: [StoredTag]? = nil,
        _ body: (StoredTag, StoredReading) throws -> Void
    ) throws {
        let tags = try tags ?? self.tags()
        var start = start
        var page: [SliceReading] = []
        var isLast = false
        while !isLast {
            page.removeAll(keepingCapacity: true)
            isLast = try read { archive in
                let cursor = try archive.slice(from: start, to: end, tags)
                while let next = try cursor.next() {
                    // A page ends between two milliseconds, so that the next one can begin there.
                    if page.count >= HistoryReader.pageSlice, next.reading.time != page.last?.reading.time {
                        start = next.reading.time
                        return false
                    }
                    page.append(next)
                }
                return true
            }
            for next in page { try body(tags[next.tag], next.reading) }
        }
    }
}
