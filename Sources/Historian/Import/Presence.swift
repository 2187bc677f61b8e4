import Archive
import Plant

/// What the history has at the tag and millisecond of a staged reading.
enum Presence {
    case nothing
    /// One reading that says the same.
    case same
    case other

    /// Further apart than so many milliseconds, staged readings are looked up by themselves: one chunk lies between
    /// them, and need not be decoded.
    static let stretch: Int64 = 900_000

    /// Compares readings of one tag, ascending in time, with what is there: one walk through the history for each
    /// stretch of them, not one search for each.
    static func of(
        _ staged: ArraySlice<StagedReading>, _ tag: StoredTag, in archive: Archive
    ) throws(ArchiveError) -> [Presence] {
        var found: [Presence] = []
        found.reserveCapacity(staged.count)
        var start = staged.startIndex
        while start < staged.endIndex {
            var end = start + 1
            while end < staged.endIndex, staged[end].time - staged[end - 1].time <= stretch { end += 1 }
            try compare(staged[start..<end], tag, archive, &found)
            start = end
        }
        return found
    }

    private static func compare(
        _ staged: ArraySlice<StagedReading>, _ tag: StoredTag, _ archive: Archive, _ found: inout [Presence]
    ) throws(ArchiveError) {
        guard let first = staged.first, let last = staged.last else { return }
        let cursor = try archive.readings(of: tag, from: first.time, to: last.time + 1)
        var standing = try cursor.next()
        for reading in staged {
            while let before = standing, before.time < reading.time { standing = try cursor.next() }
            var presence = Presence.nothing
            while let here = standing, here.time == reading.time {
                presence = presence == .nothing && here.says(reading) ? .same : .other
                standing = try cursor.next()
            }
            found.append(presence)
        }
    }
}

extension StoredReading {
    /// Whether it is the reading of the file: the decimal that people see, and the quality.
    fileprivate func says(_ staged: StagedReading) -> Bool {
        guard quality.rawValue == staged.quality else { return false }
        switch (value, staged.value) {
        case (.none, .none): return true
        case (.text(let here), .text(let there)): return here == there
        case (.integer(let here), .integer(let there)): return here == there
        case (.unsigned(let here), .unsigned(let there)): return here == there
        case (.single(let here), _): return Double(here.description) == staged.value.number
        case (.double(let here), _): return here == staged.value.number
        case (.real(let here), _):
            return here == staged.value.number || here.toFifteenDigits == staged.value.number
        case (.integer(let here), .real(let there)): return Double(here) == there
        default: return false
        }
    }
}
