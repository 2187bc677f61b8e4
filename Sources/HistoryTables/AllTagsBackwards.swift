import Archive

/// The readings of all tags, the newest first: slices from the end of the range to its beginning, each turned round.
///
/// A slice is as long as it takes to hold a bounded number of readings, so that the ten newest of a plant cost a few
/// seconds of its history, and a whole year costs no more memory than that.
struct AllTagsBackwards: ReadingWalk {
    /// Readings held at once: some megabytes.
    static let most = 20_000
    /// Of the first slice, milliseconds: a few scans of every tag.
    static let firstLength: Int64 = 4000
    /// Of any slice, milliseconds: about thirty-five years, so that no sum overflows.
    static let longest: Int64 = 1 << 40

    private let archive: Archive
    private let tags: [NamedTag]
    private let from: Int64
    /// Where the slices that were read begin.
    private var end: Int64
    private var length = AllTagsBackwards.firstLength
    /// In the order of time: handed over from the back.
    private var held: [TagReading] = []

    init(_ archive: Archive, _ tags: [NamedTag], _ range: TimeRange) throws(ArchiveError) {
        (self.archive, self.tags, from) = (archive, tags, range.from)
        end = range.to
        try skipEmptiness()
    }

    mutating func next() throws(ArchiveError) -> TagReading? {
        while held.isEmpty, end > from {
            try readSlice()
            if held.isEmpty { try skipEmptiness() }
        }
        return held.popLast()
    }

    /// Puts the end behind the newest reading before it.
    private mutating func skipEmptiness() throws(ArchiveError) {
        guard end > from else { return }
        let newest = try archive.standing(at: end - 1, tags.map(\.tag)).map(\.reading.time).max()
        end = if let newest, newest >= from { newest + 1 } else { from }
    }

    private mutating func readSlice() throws(ArchiveError) {
        while true {
            // The end is behind a reading, so it is far from the least integer.
            let start = max(from, end - length)
            let slice = try AllTags(archive, tags, from: start, to: end)
            while let next = try slice.next() {
                held.append(next)
                if held.count > AllTagsBackwards.most, length > 1 { break }
            }
            guard held.count > AllTagsBackwards.most, length > 1 else {
                end = start
                if held.count < AllTagsBackwards.most / 4 { length = min(length * 2, AllTagsBackwards.longest) }
                return
            }
            held.removeAll(keepingCapacity: true)
            length = max(1, length / 4)
        }
    }
}
