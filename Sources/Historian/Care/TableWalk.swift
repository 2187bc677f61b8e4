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
    private let keys: ClosedRange<Int64>

    /// Keys that may be negative: far more than there are events, and far enough from the ends of integers to be
    /// subtracted.
    static let signedKeys: ClosedRange<Int64> = -(1 << 40)...(1 << 40)

    /// - Parameters:
    ///   - key: an integer column that orders the table.
    ///   - keys: no key lies outside; two of them can be subtracted.
    ///   - condition: on the columns before it.
    init(
        _ connection: PlainConnection, table: String, key: String, keys: ClosedRange<Int64> = 0 ... .max,
        where condition: String = "1"
    ) {
        (self.connection, self.table, self.key, self.keys) = (connection, table, key, keys)
        self.condition = condition
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
        guard var stopped = try forward(from: keys.lowerBound, to: keys.upperBound, &holes, body) else { return holes }
        let end = try backward(from: keys.upperBound, to: stopped, body)
        // Between two stops every key is either in a damaged page, or was not handed over yet.
        while stopped < end {
            guard holes.count < TableWalk.holeLimit, let next = try readable(after: stopped, before: end) else {
                holes.append(stopped...(end - 1))
                break
            }
            var first: Int64?
            let again = try forward(from: next, to: end - 1, &holes) { (rows) throws(StoreError) in
                first = first ?? rows.integer(0)
                try body(rows)
            }
            // A torn page can hide some of its rows without refusing: up to the next row nothing is certain.
            holes.append(stopped...max(stopped, (first ?? again ?? end) - 1))
            guard let again else { break }
            stopped = max(again, stopped + 1)
        }
        return holes
    }

    /// - Returns: the first key that could not be reached; `nil` at the end.
    private func forward(
        from first: Int64, to last: Int64, _ holes: inout [ClosedRange<Int64>],
        _ body: (PlainStatement) throws(StoreError) -> Void
    ) throws(StoreError) -> Int64? {
        // Without an upper end, at which one changed key would end the search for good.
        let rest = "\(key) >= ?1 ORDER BY \(key)"
        guard first <= last, let rows = try select(rest), let ahead = try select(rest, columns: key) else {
            return first
        }
        rows.bind(first, at: 1)
        ahead.bind(first, at: 1)
        var isAhead = try step(ahead) ?? false
        var next = first
        while true {
            guard let isRow = try step(rows) else { return next }
            guard isRow else { return nil }
            let here = rows.integer(0)
            if isAhead { isAhead = try step(ahead) ?? false }
            // A key that is greater than the one behind it was changed: its row is not where it should be.
            if isAhead, ahead.integer(0) < here, ahead.integer(0) >= next, holes.count < TableWalk.holeLimit {
                holes.append(next...max(next, ahead.integer(0) - 1))
                continue
            }
            guard here <= last else { return nil }
            // A damaged page may repeat keys, or show them out of order.
            guard here >= next - 1 else { return next }
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
            // An end before the other walk's stop is one that a torn page pretends.
            guard let isRow = try step(rows), isRow else { return least }
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
        guard let isRow = try step(rows) else { return false }
        // A torn page shows keys that were not asked for.
        return !isRow || (probe..<end).contains(rows.integer(0))
    }

    private func select(_ rest: String, columns: String? = nil) throws(StoreError) -> PlainStatement? {
        do throws(StoreError) {
            return try connection.statement(
                "SELECT \(columns ?? "\(key), *") FROM \(table) WHERE \(condition) AND \(rest)")
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
