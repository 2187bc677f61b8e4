import Chunks

/// The rows of a group that wait to fill a chunk, and those that came from people's files.
final class WaitingSource: RunSource {
    private let search: Search
    private let group: GroupState
    private var key: (time: Int64, sequence: Int64)
    private var isComplete = false

    init(_ search: Search, _ group: GroupState) {
        (self.search, self.group) = (search, group)
        key =
            search.order == .ascending
            ? (search.range.lowerBound - 1, .max) : (search.range.upperBound, .min)
    }

    var bound: Int64? {
        if isComplete { return nil }
        return search.order == .ascending
            ? max(key.time, search.range.lowerBound) : min(key.time, search.range.upperBound - 1)
    }

    func open(_ archive: Archive) throws(ArchiveError) -> [Run] {
        let isUp = search.order == .ascending
        let statement = try archive.statements[isUp ? .waitingUp : .waitingDown]
        defer { statement.reset() }
        let end = isUp ? search.range.upperBound : search.range.lowerBound
        statement.bind(group.id, key.time, key.sequence, end, Int64(RowPage.rows))
        var page = RowPage(search.selection.slots)
        var rows = 0
        while try statement.step() {
            rows += 1
            key = (statement.int(0), statement.int(1))
            page.add(statement, group)
        }
        isComplete = rows < RowPage.rows
        return page.finished()
    }
}

/// Where rows of all groups lie together, in the order of time.
struct RowTable {
    let first: Query
    let last: Query
    let up: Query
    let down: Query

    /// The newest rows, in the order in which they were written.
    static let hot = RowTable(first: .hotFirst, last: .hotLast, up: .hotUp, down: .hotDown)
    /// Those of the first schema that are to be sealed.
    static let oldScans = RowTable(first: .oldFirst, last: .oldLast, up: .oldUp, down: .oldDown)
}

/// The rows of all groups that are not sealed yet, as they were written.
final class HotSource: RunSource {
    private let search: Search
    private let table: RowTable
    private let groups: [Int64: GroupState]
    private var key: Int64
    private let end: Int64
    private var isComplete: Bool

    init(_ search: Search, _ archive: Archive, in table: RowTable = .hot) throws(ArchiveError) {
        (self.search, self.table) = (search, table)
        groups = Dictionary(search.selection.groups.map { ($0.id, $0) }) { first, _ in first }
        let (low, high) = (
            search.range.lowerBound << HotSource.ordinalBits, search.range.upperBound << HotSource.ordinalBits
        )
        let edge = try archive.statements[search.order == .ascending ? table.first : table.last]
        defer { edge.reset() }
        isComplete = try !edge.step() || edge.isNull(0)
        switch search.order {
        case .ascending: (key, end) = (max(low, edge.int(0)) - 1, high)
        case .descending: (key, end) = (min(high, edge.int(0) + 1), low - 1)
        }
        if search.order == .ascending ? key >= end : key <= end { isComplete = true }
    }

    /// Of a row's number, the bits of its ordinal; those of its time are above.
    static let ordinalBits: Int64 = 20

    var bound: Int64? {
        if isComplete { return nil }
        return search.order == .ascending ? (key + 1) >> HotSource.ordinalBits : (key - 1) >> HotSource.ordinalBits
    }

    func open(_ archive: Archive) throws(ArchiveError) -> [Run] {
        let isUp = search.order == .ascending
        let statement = try archive.statements[isUp ? table.up : table.down]
        defer { statement.reset() }
        let one = groups.count == 1 ? groups.first?.key ?? 0 : 0
        statement.bind(key, end, one, groups.values.map(\.cut).min() ?? 0)
        var page = RowPage(search.selection.slots)
        var rows = 0
        isComplete = true
        while try statement.step() {
            guard let group = groups[statement.int(7)], statement.int(2) > group.cut else { continue }
            // Rows of one millisecond may lie in another order than their sequences: a page never ends among them.
            if rows >= RowPage.rows, statement.int(0) != key >> HotSource.ordinalBits {
                isComplete = false
                break
            }
            rows += 1
            key = statement.int(8)
            page.add(statement, group)
        }
        if !isComplete { key = isUp ? key | HotSource.ordinalMask : key & ~HotSource.ordinalMask }
        return page.finished()
    }

    private static let ordinalMask: Int64 = 1 << ordinalBits - 1
}

/// Rows by group, taken apart.
struct RowPage {
    /// Rows fetched at once: about a megabyte of text.
    static let rows = 1000

    /// By layout.
    private let slots: [Int64: [SlotFormat]]
    private var open: [Int64: (layout: Int64, run: Run)] = [:]
    private var closed: [Run] = []

    /// Scans of layouts with none of the tags in question are kept too, without readings.
    private let keepsOthers: Bool

    init(_ slots: [Int64: [SlotFormat]], keepsOthers: Bool = false) {
        (self.slots, self.keepsOthers) = (slots, keepsOthers)
    }

    /// - Parameter statement: the columns time, sequence, ordinal, layout, took_ms, bad, v.
    mutating func add(_ statement: Statement, _ group: GroupState) {
        let layout = statement.int(3)
        guard let slots = slots[layout] ?? (keepsOthers ? [] : nil), let values = statement.text(6) else { return }
        if let (known, run) = open[group.id], known != layout {
            closed.append(run)
            open[group.id] = nil
        }
        let run = open[group.id]?.run ?? Run(group: group, slots: slots)
        if open[group.id] == nil { open[group.id] = (layout, run) }
        run.append(statement, values)
    }

    /// The runs, each in the order of (time, sequence).
    mutating func finished() -> [Run] {
        let runs = closed + open.values.map(\.run)
        for run in runs { run.sortRows() }
        return runs
    }
}

extension Run {
    /// Takes one more row.
    ///
    /// - Parameter statement: the columns time, sequence, ordinal, layout, took_ms, bad, v.
    func append(_ statement: Statement, _ values: UnsafePointer<UInt8>) {
        let loss = RowColumns.append(values, bad: statement.text(5), slots: slots, to: &columns)
        scans.times.append(statement.int(0))
        scans.sequences.append(UInt64(bitPattern: statement.int(1)))
        scans.ordinals.append(statement.int(2))
        scans.took.append(statement.int(4))
        scans.losses.append(loss)
    }

    /// Forgets its rows and keeps their memory.
    func clear() {
        scans.times.removeAll(keepingCapacity: true)
        scans.sequences.removeAll(keepingCapacity: true)
        scans.ordinals.removeAll(keepingCapacity: true)
        scans.took.removeAll(keepingCapacity: true)
        scans.losses.removeAll(keepingCapacity: true)
        for index in columns.indices {
            columns[index].bits.removeAll(keepingCapacity: true)
            columns[index].texts.removeAll(keepingCapacity: true)
            columns[index].qualities.removeAll(keepingCapacity: true)
        }
    }

    /// Brings rows into the order of (time, sequence): they come backwards when time goes down.
    func sortRows() {
        let count = scans.times.count
        rest = 0..<count
        let scans = scans
        func key(_ index: Int) -> (Int64, UInt64) { (scans.times[index], scans.sequences[index]) }
        if (1..<max(1, count)).allSatisfy({ key($0 - 1) < key($0) }) { return }
        let order = (0..<count).sorted { key($0) < key($1) }
        self.scans = SpanColumns(
            times: order.map { scans.times[$0] }, took: order.map { scans.took[$0] },
            sequences: order.map { scans.sequences[$0] }, ordinals: order.map { scans.ordinals[$0] },
            losses: order.map { scans.losses[$0] })
        for index in columns.indices {
            let column = columns[index]
            columns[index] = TagColumn(
                bits: column.bits.isEmpty ? [] : order.map { column.bits[$0] },
                texts: column.texts.isEmpty ? [] : order.map { column.texts[$0] },
                qualities: column.qualities.isEmpty ? [] : order.map { column.qualities[$0] })
        }
    }
}
