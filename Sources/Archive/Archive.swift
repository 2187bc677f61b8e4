import Chunks

/// Reads a history through one SQLite connection: the daemon's shell, the command line, a loadable extension.
///
/// It begins no transaction; who calls it decides for how long a snapshot is held. Prepared statements are kept, so it
/// must be let go of before the connection closes. One thread at a time. All ranges are UTC milliseconds and half-open.
public final class Archive {
    let statements: Statements
    /// Raw readings before this time, UTC milliseconds, count as deleted; `Int64.min` when none were.
    public private(set) var horizon = Int64.min
    /// Whether there is a table of the first schema with rows that are to be sealed. Once it is gone, it does not return.
    private(set) var hasOldScans = true
    /// By tag; good for `newestLayout`.
    var homes: [Int64: TagHome] = [:]
    var layouts: LayoutTable?
    private var newestLayout = Int64.min
    var timeCache = TimeCache()
    private var spare: [TagColumn] = []

    /// Times that the number of a row of `hot` has room for, 1970 to 2248: beyond them there is nothing.
    static let times: Range<Int64> = 0..<(1 << 43 - 1)

    public init(_ connection: OpaquePointer) throws(ArchiveError) {
        statements = Statements(connection)
        try check()
        try refresh()
    }

    /// Notices new layouts and deleted readings.
    func refresh() throws(ArchiveError) {
        let newest = try statements[.newestLayout]
        defer { newest.reset() }
        let layout = try newest.step() ? newest.int(0) : 0
        if layout != newestLayout {
            homes.removeAll()
            layouts = nil
        }
        newestLayout = layout
        horizon = try mark("raw_from") ?? .min
        if hasOldScans {
            hasOldScans = try prepare("SELECT 1 FROM sqlite_master WHERE name = 'scans_1'").step()
        }
    }

    private func mark(_ name: String) throws(ArchiveError) -> Int64? {
        let statement = try statements[.mark]
        defer { statement.reset() }
        statement.bind(text: name, at: 1)
        return try statement.step() && !statement.isNull(0) ? statement.int(0) : nil
    }

    /// The IANA name of the zone whose days `daily` has; `nil` when no hour was rolled up yet.
    public func timeZone() throws(ArchiveError) -> String? {
        let statement = try statements[.mark]
        defer { statement.reset() }
        statement.bind(text: "time_zone", at: 1)
        return try statement.step() ? statement.string(0) : nil
    }

    /// The part of a range where there can be readings; `nil` when it is empty.
    func clamped(_ start: Int64, _ end: Int64) -> Range<Int64>? {
        let low = max(start, horizon, Archive.times.lowerBound)
        let high = min(end, Archive.times.upperBound)
        return low < high ? low..<high : nil
    }

    /// Memory for the columns of a run.
    func spareColumns(_ count: Int) -> [TagColumn] {
        (0..<count).map { _ in spare.popLast() ?? TagColumn() }
    }

    /// Takes back the memory of a run that nobody will look at any more.
    func recycle(_ run: Run) {
        if spare.count < Archive.sparesMax { spare += run.columns }
        run.columns = []
    }
    func recycle(_ column: consuming TagColumn) {
        if spare.count < Archive.sparesMax { spare.append(column) }
    }

    /// Columns kept for use again; of 900 scans each.
    private static let sparesMax = 64

    func prepare(_ sql: String) throws(ArchiveError) -> Statement { try Statement(sql, on: statements.connection) }
}
