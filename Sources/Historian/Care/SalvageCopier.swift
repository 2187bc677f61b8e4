import Store

/// Copies row by row, page by page, what a damaged history still gives.
struct SalvageCopier {
    let source: PlainConnection
    let copy: PlainConnection
    var kept: [String: Int] = [:]
    var losses: [Salvage.Loss] = []
    var holes: [SalvageHole] = []

    /// Tables by an integer key of their own, in an order in which what others refer to comes first.
    private static let named = [
        ("quality", "code"), ("tag", "id"), ("scan_group", "id"), ("layout", "id"), ("mark", "rowid"), ("event", "id"),
    ]

    /// Of a row that was not sealed: readers take its texts for what they should be.
    private static let isWhole = "(json_valid(v) AND (bad IS NULL OR json_valid(bad)))"

    init(from source: PlainConnection, to copy: PlainConnection) throws(StoreError) {
        (self.source, self.copy) = (source, copy)
    }

    mutating func run(_ progress: (CareProgress) -> Void) throws(StoreError) {
        for (table, key) in SalvageCopier.named { try take(table, key: key) }
        for layout in try numbers("SELECT id FROM layout") { try take("slot", key: "slot", of: ("layout", layout)) }
        try takeSpans(progress)
        for group in try numbers("SELECT id FROM scan_group") {
            try take("waiting", key: "time", of: ("scan_group", group), whole: SalvageCopier.isWhole)
        }
        if isTorn("waiting") {
            // What a line's scans lack shows in their numbers; only the count of an import's rows tells of one.
            for group in try numbers("SELECT id FROM scan_group WHERE imported") {
                holes.append(SalvageHole(table: "waiting", owner: group, keys: 0...(.max - 1)))
            }
        }
        try take("hot", key: "id", whole: SalvageCopier.isWhole)
        try takeOldScans()
        try showRowsAgain()
        for tag in try numbers("SELECT id FROM tag") {
            for table in ["hour", "day"] { try take(table, key: "start", of: ("tag", tag)) }
            try take("rollup_due", key: "hour", of: ("tag", tag))
        }
    }

    private func numbers(_ sql: String) throws(StoreError) -> [Int64] {
        let rows = try copy.statement(sql)
        var numbers: [Int64] = []
        while try rows.step() { numbers.append(rows.integer(0)) }
        return numbers
    }

    // MARK: Rows without a checksum

    /// Rows that were sealed stay in `hot` for some minutes, hidden by the cut of their group. Behind the newest span that
    /// could be saved they are all that is left, and are shown again.
    private func showRowsAgain() throws(StoreError) {
        try copy.execute(
            """
            UPDATE scan_group AS g SET cut = min(cut, max(
                (SELECT ifnull(max(last_ordinal), -1) FROM span WHERE span.scan_group = g.id),
                (SELECT ifnull(max(ordinal), -1) FROM waiting WHERE waiting.scan_group = g.id)))
            WHERE NOT imported
            """)
    }

    /// Rows of the first schema, in a history that was being upgraded: a new one has no table for them.
    private mutating func takeOldScans() throws(StoreError) {
        guard let table = try? source.text(OldScans.definition) else { return }
        try copy.execute(table)
        try take("scans_1", key: "id", whole: SalvageCopier.isWhole)
    }

    /// - Parameters:
    ///   - owner: the column before the key in a table whose rows belong to something, and what they belong to.
    ///   - whole: what must be true of a row that readers can use.
    private mutating func take(
        _ table: String, key: String, of owner: (column: String, number: Int64)? = nil, whole: String = "1"
    ) throws(StoreError) {
        let columns = try columns(of: table)
        let count = columns.split(separator: ",").count
        // What is in the new file already is the same: the qualities, for one.
        let insert = try copy.statement(
            "INSERT OR IGNORE INTO \(table)(\(columns)) VALUES (\(marks(columns)))")
        var taken = 0
        var refused: [ClosedRange<Int64>] = []
        let walk = TableWalk(
            source, table: "(SELECT \(columns), \(whole) AS whole\(key == "rowid" ? ", rowid" : "") FROM \(table))",
            key: key, keys: table == "event" ? TableWalk.signedKeys : 0 ... .max,
            where: owner.map { "\($0.column) = \($0.number)" } ?? "1")
        let unreadable = try walk.run { (rows) throws(StoreError) in
            for column in 1...count { insert.bind(column: column, of: rows, at: column) }
            // A row whose bytes have changed may break what the tables promise; it is then lost like its page.
            if rows.integer(count + 1) == 1, try insert.runIfAllowed() {
                taken += 1
            } else {
                refused.append(rows.integer(0)...rows.integer(0))
            }
        }
        kept[table, default: 0] += taken
        for keys in unreadable + refused.prefix(TableWalk.holeLimit) {
            holes.append(SalvageHole(table: table, owner: owner?.number, keys: keys))
        }
    }

    /// Whether pages of a table can be read and hold what they cannot: searches then pass over rows without noticing.
    private func isTorn(_ table: String) -> Bool {
        do throws(StoreError) {
            let lines = try source.statement("PRAGMA integrity_check(\(table))")
            while try lines.step() {
                for line in (lines.text(0) ?? "").split(separator: "\n") where line != "ok" && !line.hasPrefix("***") {
                    if !SalvageCopier.refusals.contains(where: line.contains) { return true }
                }
            }
        } catch {
            // It looks at the tree first, and stops where it then reads rows and a page refuses.
        }
        return false
    }

    /// What SQLite's check says of pages that a walk cannot get into either.
    private static let refusals = ["invalid page number", "btreeInitPage", "unable to get the page"]

    /// Without those that are computed.
    private func columns(of table: String) throws(StoreError) -> String {
        let rows = try copy.statement("PRAGMA table_info(\(table))")
        var names: [String] = []
        while try rows.step() { names.append("\"\(rows.text(1) ?? "")\"") }
        return names.joined(separator: ", ")
    }

    func marks(_ columns: String) -> String {
        columns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")
    }
}
