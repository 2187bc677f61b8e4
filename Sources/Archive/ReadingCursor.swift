import Chunks

/// Goes through the readings of one tag, all sources merged. It is good for as long as the transaction in which it was
/// made; to go on in another one, begin anew after its `position`.
public final class ReadingCursor {
    private let archive: Archive
    private let merge: RunMerge
    private let isDescending: Bool
    private let hasImports: Bool
    /// What an earlier cursor handed over last.
    private var resumed: ReadingPosition?
    /// The stretch in hand.
    private var run: Run?
    private var index = 0
    private var remaining = 0
    private var tied: [(run: Run, index: Int)] = []
    /// Readings in hand, the rest of a stretch: made one by one, each would hold on to its run and let go of it, which
    /// takes as long as all the rest (measured).
    private var page: [StoredReading] = []
    private var handed = 0
    /// Where the page's first reading is.
    private var origin: (run: Run, index: Int)?

    init(_ archive: Archive, _ search: Search, after position: ReadingPosition?) throws(ArchiveError) {
        self.archive = archive
        merge = try RunMerge(archive, search)
        isDescending = search.order == .descending
        hasImports = search.selection.hasImports
        resumed = position
    }

    /// The key of the reading that `next` gave last; `nil` before the first one.
    public var position: ReadingPosition? {
        guard let (run, first) = origin else { return resumed }
        let index = isDescending ? first - (handed - 1) : first + (handed - 1)
        return ReadingPosition(time: run.scans.times[index], group: run.group, sequence: run.sequence(index))
    }

    public func next() throws(ArchiveError) -> StoredReading? {
        if handed == page.count {
            guard let (run, index) = try advance() else { return nil }
            turn(to: run, index)
        }
        handed += 1
        return page[handed - 1]
    }

    /// Makes the readings from here on to the end of the stretch, where none of them is hidden or was handed over.
    private func turn(to run: Run, _ index: Int) {
        origin = (run, index)
        handed = 0
        page.removeAll(keepingCapacity: true)
        guard self.run === run, remaining > 0, !run.isImported, resumed == nil else {
            return page.append(run.reading(index))
        }
        let rows = isDescending ? (index - remaining)...index : index...(index + remaining)
        remaining = 0
        run.append(rows, to: &page)
        if isDescending { page.reverse() }
    }

    func advance() throws(ArchiveError) -> (Run, Int)? {
        while true {
            while let run, remaining > 0 {
                let here = index
                index += isDescending ? -1 : 1
                remaining -= 1
                if run.isImported, !isNewest(run, here) { continue }
                if resumed != nil, isDone(run, here) { continue }
                return (run, here)
            }
            if let (run, index) = tied.popLast() {
                if resumed != nil, isDone(run, index) { continue }
                try run.load(archive)
                return (run, index)
            }
            if let run, run.rest.isEmpty, origin?.run !== run { archive.recycle(run) }
            switch try merge.next() {
            case .run(let run, let range)?:
                try run.load(archive)
                self.run = run
                (index, remaining) = (isDescending ? range.upperBound - 1 : range.lowerBound, range.count)
            case .tie(let scans)?:
                run = nil
                tied = ReadingCursor.visible(scans)
                if !isDescending { tied.reverse() }
            case nil:
                return nil
            }
        }
    }

    /// Of the imported readings of one millisecond, the one with the highest sequence counts.
    private func isNewest(_ run: Run, _ index: Int) -> Bool {
        let next = index + 1
        return next >= run.scans.times.count || run.scans.times[next] != run.scans.times[index]
    }

    /// An imported reading hides all others of its millisecond.
    static func visible(_ scans: [(run: Run, index: Int)]) -> [(run: Run, index: Int)] {
        let imported = scans.filter(\.run.isImported)
        guard let newest = imported.max(by: { $0.run.sequence($0.index) < $1.run.sequence($1.index) }) else {
            return scans
        }
        return [newest]
    }

    /// Whether an earlier cursor handed it over.
    private func isDone(_ run: Run, _ index: Int) -> Bool {
        guard let done = resumed else { return false }
        let here = ReadingPosition(time: run.scans.times[index], group: run.group, sequence: run.sequence(index))
        if here.time != done.time { resumed = nil }
        return isDescending ? here >= done : here <= done
    }
}

extension Archive {
    /// - Parameter position: where an earlier cursor over the same range was; what it handed over is left out.
    public func readings(
        of tag: StoredTag, from start: Int64, to end: Int64, _ order: ReadingOrder = .ascending,
        after position: ReadingPosition? = nil
    ) throws(ArchiveError) -> ReadingCursor {
        let selection = try selection(of: tag)
        var (start, end) = (start, end)
        if let position {
            switch order {
            case .ascending: start = max(start, position.time)
            case .descending: end = min(end, position.time.clampedAdding(1))
            }
        }
        let range = clamped(start, end) ?? 0..<0
        return try ReadingCursor(
            self, Search(selection: selection, range: range, order: order), after: position)
    }
}
