import Chunks

/// The next readings in the order of time.
enum Stretch {
    /// Scans of one run; no other run has a scan at any of their times.
    case run(Run, Range<Int>)
    /// All scans of one millisecond, in the order of (group, sequence).
    case tie([(run: Run, index: Int)])
}

/// Merges the runs of all sources. Opens each as late as it can.
final class RunMerge {
    let search: Search
    private let archive: Archive
    private var active: [Run] = []
    private var sources: [any RunSource] = []

    init(_ archive: Archive, _ search: Search) throws(ArchiveError) {
        (self.archive, self.search) = (archive, search)
        guard !search.range.isEmpty, !search.selection.groups.isEmpty else { return }
        for group in search.selection.groups {
            sources.append(SpanSource(search, group))
            sources.append(WaitingSource(search, group))
        }
        sources.append(try HotSource(search, archive))
        if archive.hasOldScans { sources.append(try HotSource(search, archive, in: .oldScans)) }
    }

    func next() throws(ArchiveError) -> Stretch? {
        while true {
            var nearest: Int?
            var (head, limit) = (Int64.max, Int64?.none)
            for index in active.indices {
                let time = start(of: active[index])
                if nearest == nil || search.isBefore(time, head) {
                    if nearest != nil { limit = head }
                    (nearest, head) = (index, time)
                } else if limit.map({ search.isBefore(time, $0) }) ?? true {
                    limit = time
                }
            }
            var isOpened = false
            for source in sources {
                guard let bound = source.bound else { continue }
                if nearest == nil || !search.isBefore(head, bound) {
                    active += try source.open(archive)
                    isOpened = true
                    break
                }
                if limit.map({ search.isBefore(bound, $0) }) ?? true { limit = bound }
            }
            if isOpened { continue }
            guard let nearest else { return nil }
            if limit == head { return .tie(try tie(at: head)) }
            return try stretch(nearest, before: limit)
        }
    }

    private func start(of run: Run) -> Int64 { search.order == .ascending ? run.first : run.last }

    /// The scans of a run before a time, in the order of the search.
    private func stretch(_ index: Int, before limit: Int64?) throws(ArchiveError) -> Stretch {
        let run = active[index]
        let rest = run.rest
        guard let limit else { return .run(run, take(index, rest)) }
        switch search.order {
        case .ascending:
            if run.last < limit { return .run(run, take(index, rest)) }
            try run.loadTimes(archive)
            let end = run.scans.times.partition(rest) { $0 < limit }
            return .run(run, take(index, rest.lowerBound..<end))
        case .descending:
            if run.first > limit { return .run(run, take(index, rest)) }
            try run.loadTimes(archive)
            let begin = run.scans.times.partition(rest) { $0 <= limit }
            return .run(run, take(index, begin..<rest.upperBound))
        }
    }

    private func take(_ index: Int, _ range: Range<Int>) -> Range<Int> {
        let run = active[index]
        run.rest =
            search.order == .ascending
            ? range.upperBound..<run.rest.upperBound : run.rest.lowerBound..<range.lowerBound
        if run.rest.isEmpty { active.remove(at: index) }
        return range
    }

    private func tie(at time: Int64) throws(ArchiveError) -> [(run: Run, index: Int)] {
        var tied: [(run: Run, index: Int)] = []
        for index in active.indices.reversed() where start(of: active[index]) == time {
            let run = active[index]
            try run.loadTimes(archive)
            let rest = run.rest
            let range =
                switch search.order {
                case .ascending: rest.lowerBound..<run.scans.times.partition(rest) { $0 <= time }
                case .descending: run.scans.times.partition(rest) { $0 < time }..<rest.upperBound
                }
            for scan in take(index, range) { tied.append((run, scan)) }
        }
        tied.sort {
            ($0.run.group, $0.run.sequence($0.index)) < ($1.run.group, $1.run.sequence($1.index))
        }
        return tied
    }
}
