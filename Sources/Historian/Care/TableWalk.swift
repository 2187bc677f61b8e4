import Store

/// Walks over a table of which some pages cannot be read, by an integer key, and hands over every row that can.
///
/// Forward until a page refuses, then backward from the other end until one refuses again; what lies between is probed
/// key by key for a while, then with growing steps, and the first key behind the damage is then found by halving. A
/// page's rows are neighbours, so a damaged page costs some hundred probes, however many keys it held.
struct TableWalk {
    private let connection: PlainConnection
    private let table: String
    private let key: String
    private let condition: String

    /// - Parameters:
    ///   - key: an integer column that orders the table, and is never negative.
    ///   - condition: on the columns before it.
    init(_ connection: PlainConnection, table: String, key: String, where condition: String = "1") {
        (self.connection, self.table, self.key, self.condition) = (connection, table, key, condition)
    }

    /// Probes at neighbouring keys before the steps grow: more rows than a page holds, where keys have no
    /// holes.
    static let nearProbes: Int64 = 256
    /// Damaged stretches that are probed one by one. A file with more of them has lost its disk, not its pages.
    static let holeLimit = 10_000

    /// - Parameter body: gets a statement whose first column is the key, then all columns of the table.
    /// - Returns: the stretches of keys in which rows may be missing, in no order.
    func run(_ body: (PlainStatement) throws(StoreError) -> Void) throws(StoreError) -> [ClosedRange<Int64>] {
        var holes: [ClosedRange<Int64>] = []
        guard var stopped = try forward(from: 0, to: .max, body) else { return [] }
        let end = try backward(from: .max, to: stopped, body)
        // Between two stops every key is either in a damaged page, or was not handed over yet.
        while stopped < end {
            guard holes.count < TableWalk.holeLimit, let next = try readable(after: stopped, before: end) else {
                holes.append(stopped...(end - 1))
                break
            }
            holes.append(stopped...(next - 1))
            guard let again = try forward(from: next, to: end - 1, body) else { break }
            stopped = again
        }
        return holes
    }

    /// - Returns: the first key that could not be reached; `nil` at the end.
    private func forward(
        from first: Int64, to last: Int64, _ body: (PlainStatement) throws(StoreError) -> Void
    ) throws(StoreError) -> Int64? {
        guard first <= last, let rows = try select("\(key) >= ?1 AND \(key) <= ?2 ORDER BY \(key)") else {
            return first
        }
        rows.bind(first, at: 1)
        rows.bind(last, at: 2)
        var next = first
        while true {
            guard let isRow = try step(rows) else { return next }
            guard isRow else { return nil }
            let here = rows.integer(0)
            // A damaged page may repeat keys, or show them out of order.
            guard here >= next - 1, here <= last else { return next }
            try body(rows)
            if here == .max { return nil }
            // Rows may share a key, where it is only the last part of one.
            next = here + 1
        }
    }

    /// - Returns: the least key that was handed over, or one behind the last that might be.
    private func backward(
        from last: Int64, to first: Int64, _ body: (PlainStatement) throws(StoreError) -> Void
    ) throws(StoreError) -> Int64 {
        guard let rows = try select("\(key) >= ?1 AND \(key) <= ?2 ORDER BY \(key) DESC") else { return last }
        rows.bind(first, at: 1)
        rows.bind(last, at: 2)
        var least = last
        while true {
            guard let isRow = try step(rows) else { return least }
            guard isRow else { return first }
            let here = rows.integer(0)
            guard here <= least, here >= first else { return least }
            try body(rows)
            if here == first { return first }
            least = here
        }
    }

    /// The least key from which on a row can be read again; `nil` when there is none before `end`.
    private func readable(after damaged: Int64, before end: Int64) throws(StoreError) -> Int64? {
        var (low, step) = (damaged, Int64(1))
        var high: Int64?
        while high == nil {
            let (probe, overflow) = damaged.addingReportingOverflow(step)
            guard !overflow, probe < end else { break }
            if try isReadable(probe, end) { high = probe } else { low = probe }
            let (grown, isTooFar) =
                step < TableWalk.nearProbes ? (step + 1, false) : step.multipliedReportingOverflow(by: 2)
            if isTooFar { break }
            step = grown
        }
        if high == nil, end - 1 > low, try isReadable(end - 1, end) { high = end - 1 }
        guard var found = high else { return nil }
        while found - low > 1 {
            let middle = low + (found - low) / 2
            if try isReadable(middle, end) { found = middle } else { low = middle }
        }
        return found
    }

    /// Whether a walk can begin at this key: SQLite gets to its page, and to a row or the end.
    private func isReadable(_ probe: Int64, _ end: Int64) throws(StoreError) -> Bool {
        guard let rows = try select("\(key) >= ?1 AND \(key) < ?2 ORDER BY \(key) LIMIT 1") else { return false }
        rows.bind(probe, at: 1)
        rows.bind(end, at: 2)
        return try step(rows) != nil
    }

    private func select(_ rest: String) throws(StoreError) -> PlainStatement? {
        do throws(StoreError) {
            return try connection.statement("SELECT \(key), * FROM \(table) WHERE \(condition) AND \(rest)")
        } catch {
            if error.isDamage { return nil }
            throw error
        }
    }

    /// `nil` where the page cannot be read.
    private func step(_ rows: PlainStatement) throws(StoreError) -> Bool? {
        do throws(StoreError) {
            return try rows.step()
        } catch {
            if error.isDamage { return nil }
            throw error
        }
    }
}

extension StoreError {
    /// A page that cannot be read, as opposed to a lock or a full disk.
    var isDamage: Bool {
        switch self {
        case .corrupt, .io, .notADatabase: true
        default: false
        }
    }
}
