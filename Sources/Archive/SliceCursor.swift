import Chunks

/// Goes through the readings of many tags in the order of time, then of the tags. It is good for as long as the
/// transaction in which it was made.
public final class SliceCursor {
    /// The tags in question; readings name them by their place here.
    public let tags: [StoredTag]

    private let archive: Archive
    private let merge: RunMerge
    private let hasImports: Bool
    /// The scans that come next.
    private var run: Run?
    private var rows = 0..<0
    /// The readings of one millisecond, in the order of the tags.
    private var found: [Found] = []
    private var place = 0

    private struct Found {
        var tag: Int
        var run: Run
        var row: Int
        var column: Int
    }

    init(_ archive: Archive, _ tags: [StoredTag], from start: Int64, to end: Int64) throws(ArchiveError) {
        (self.archive, self.tags) = (archive, tags)
        let selection = try archive.selection(of: tags)
        hasImports = selection.hasImports
        let range = archive.clamped(start, end) ?? 0..<0
        merge = try RunMerge(archive, Search(selection: selection, range: range, order: .ascending))
    }

    public func next() throws(ArchiveError) -> SliceReading? {
        while place == found.count {
            guard try fill() else { return nil }
        }
        let here = found[place]
        place += 1
        return SliceReading(tag: here.tag, reading: here.run.reading(here.row, of: here.column))
    }

    /// Fetches the readings of the next millisecond that has any.
    private func fill() throws(ArchiveError) -> Bool {
        found.removeAll(keepingCapacity: true)
        place = 0
        if let run, !rows.isEmpty {
            let first = rows.lowerBound
            var end = first + 1
            while end < rows.upperBound, run.scans.times[end] == run.scans.times[first] { end += 1 }
            for row in first..<end { add(run, row) }
            rows = end..<rows.upperBound
            if end > first + 1 { order() }
            return true
        }
        switch try merge.next() {
        case nil: return false
        case .run(let run, let rows)?:
            if let done = self.run, done !== run, done.rest.isEmpty { archive.recycle(done) }
            try run.load(archive)
            (self.run, self.rows) = (run, rows)
        case .tie(let scans)?:
            for (run, row) in scans {
                try run.load(archive)
                add(run, row)
            }
            order()
        }
        return true
    }

    private func add(_ run: Run, _ row: Int) {
        for column in run.columnsByTag {
            found.append(Found(tag: run.slots[column].index, run: run, row: row, column: column))
        }
    }

    /// Brings several scans of one millisecond into the order of the tags; an imported reading hides the others of its
    /// tag.
    private func order() {
        found.sort { a, b in
            (a.tag, a.run.group, a.run.sequence(a.row)) < (b.tag, b.run.group, b.run.sequence(b.row))
        }
        guard hasImports else { return }
        var newest: [Int: UInt64] = [:]
        for entry in found where entry.run.isImported {
            newest[entry.tag] = max(newest[entry.tag] ?? 0, entry.run.sequence(entry.row))
        }
        guard !newest.isEmpty else { return }
        found.removeAll { entry in
            guard let sequence = newest[entry.tag] else { return false }
            return !entry.run.isImported || entry.run.sequence(entry.row) != sequence
        }
    }
}

/// One reading of one of many tags.
public struct SliceReading: Sendable, Hashable {
    /// The index in `SliceCursor.tags`.
    public let tag: Int
    public let reading: StoredReading
}

extension Archive {
    /// - Parameter tags: all of them, in the order of their names, when `nil`.
    public func slice(
        from start: Int64, to end: Int64, _ tags: [StoredTag]? = nil
    ) throws(ArchiveError) -> SliceCursor {
        try SliceCursor(self, try all(or: tags), from: start, to: end)
    }
}
