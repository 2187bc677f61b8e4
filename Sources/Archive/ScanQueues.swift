import Chunks

/// The spans of a group in the order of sealing, which is that of their ordinals. They are opened one after the other.
struct SpanQueue {
    let group: GroupState
    private let range: Range<Int64>
    /// Numbers of spans that may have scans in the range: 8 bytes for some hundred scans.
    private var numbers: [Int64] = []
    private var next = 0
    /// The next span, and its first and last ordinal.
    private var head: (span: SpanRow, first: Int64, last: Int64)?
    /// The next span, once its first scan was due.
    private var run: Run?

    init(_ group: GroupState, _ range: Range<Int64>) { (self.group, self.range) = (group, range) }

    /// Finds the spans that were sealed since.
    mutating func extend(_ archive: Archive) throws(ArchiveError) {
        let now = try archive.state(of: group.id)
        let statement = try archive.statements[.groupSpans]
        defer { statement.reset() }
        let begin = range.lowerBound.clampedSubtracting(now.longest)
        statement.bind(group.id, begin, range.upperBound, numbers.last ?? .min)
        while try statement.step() { numbers.append(statement.int(0)) }
    }

    /// The ordinal of the next scan; `nil` when there is none.
    mutating func first(
        _ archive: Archive, _ selection: Selection, after ordinal: Int64
    ) throws(ArchiveError) -> Int64? {
        while true {
            if let run {
                if !run.rest.isEmpty { return run.scans.ordinals[run.rest.lowerBound] }
                archive.recycle(run)
                (self.run, head) = (nil, nil)
            }
            guard let (span, first, last) = head else {
                guard next < numbers.count else { return nil }
                head = try SpanQueue.row(numbers[next], archive)
                next += 1
                continue
            }
            if last <= ordinal || span.last < range.lowerBound {
                head = nil
            } else if first > ordinal {
                return first
            } else {
                try open(archive, selection, after: ordinal)
            }
        }
    }

    /// The scan whose ordinal `first` gave.
    mutating func take(
        _ archive: Archive, _ selection: Selection
    ) throws(ArchiveError) -> (run: Run, index: Int, layout: Int64)? {
        if run == nil { try open(archive, selection, after: .min) }
        guard let run, let span = head?.span, !run.rest.isEmpty else { return nil }
        let index = run.rest.lowerBound
        run.rest = (index + 1)..<run.rest.upperBound
        return (run, index, span.layout)
    }

    private mutating func open(
        _ archive: Archive, _ selection: Selection, after ordinal: Int64
    ) throws(ArchiveError) {
        guard let span = head?.span else { return }
        let run = Run(group: group, slots: selection.slots[span.layout] ?? [], span: span)
        try run.loadScans(archive)
        try run.load(archive)
        run.rest = run.scans.ordinals.partition(run.rest) { $0 <= ordinal }..<span.count
        self.run = run
    }

    private static func row(
        _ number: Int64, _ archive: Archive
    ) throws(ArchiveError) -> (span: SpanRow, first: Int64, last: Int64)? {
        let statement = try archive.statements[.spanRow]
        defer { statement.reset() }
        statement.bind(number)
        guard try statement.step() else { return nil }
        return (SpanRow(statement), statement.int(7), statement.int(8))
    }
}

/// The rows that are not sealed yet, in the order of their ordinals.
struct RowQueue {
    private enum Place {
        case hot(id: Int64)
        case waiting(time: Int64, sequence: Int64)
    }
    private struct Key {
        var ordinal: Int64
        var group: GroupState
        var place: Place
    }

    /// The newest first. What `hot` and `waiting` hold at most: minutes of all groups, and a span of each slow one.
    private var keys: [Key] = []
    /// One row, by layout, in memory that is used again.
    private var memory: [Int64: Run] = [:]

    /// The ordinal of the next scan; `nil` when there is none.
    var first: Int64? { keys.last?.ordinal }

    mutating func fill(
        _ archive: Archive, _ selection: Selection, _ range: Range<Int64>, after ordinal: Int64
    ) throws(ArchiveError) {
        keys.removeAll(keepingCapacity: true)
        memory.removeAll()
        let groups = Dictionary(selection.groups.map { ($0.id, $0) }) { first, _ in first }
        let hot = try archive.prepare(
            "SELECT ordinal, scan_group, id FROM hot WHERE id >= ?1 AND id < ?2 AND ordinal > ?3")
        hot.bind(range.lowerBound << HotSource.ordinalBits, range.upperBound << HotSource.ordinalBits, ordinal)
        while try hot.step() {
            guard let group = groups[hot.int(1)], hot.int(0) > group.cut else { continue }
            keys.append(Key(ordinal: hot.int(0), group: group, place: .hot(id: hot.int(2))))
        }
        let waiting = try archive.prepare(
            """
            SELECT ordinal, time, sequence FROM waiting
            WHERE scan_group = ?1 AND time >= ?2 AND time < ?3 AND ordinal > ?4
            """)
        for group in selection.groups {
            waiting.reset()
            waiting.bind(group.id, range.lowerBound, range.upperBound, ordinal)
            while try waiting.step() {
                let place = Place.waiting(time: waiting.int(1), sequence: waiting.int(2))
                keys.append(Key(ordinal: waiting.int(0), group: group, place: place))
            }
        }
        keys.sort { $0.ordinal > $1.ordinal }
    }

    /// The scan whose ordinal `first` gave.
    mutating func take(
        _ archive: Archive, _ selection: Selection
    ) throws(ArchiveError) -> (run: Run, index: Int, layout: Int64)? {
        guard let key = keys.popLast() else { return nil }
        let statement: Statement
        switch key.place {
        case .hot(let id):
            statement = try archive.statements[.hotRow]
            statement.bind(id)
        case .waiting(let time, let sequence):
            statement = try archive.statements[.waitingRow]
            statement.bind(key.group.id, time, sequence)
        }
        defer { statement.reset() }
        guard try statement.step(), let values = statement.text(6) else { return nil }
        let layout = statement.int(3)
        let run = memory[layout] ?? Run(group: key.group, slots: selection.slots[layout] ?? [])
        memory[layout] = run
        run.clear()
        run.append(statement, values)
        return (run, 0, layout)
    }
}
