import GRDBSQLite

/// Goes over rows that were all made when the function was called.
final class RowsCursor<Row>: VirtualCursor {
    private let make: (Int32, SQLArguments) throws -> [Row]
    private let show: (borrowing Row, Int, SQLResult) -> Void
    private var rows: [Row] = []
    private var index = 0

    /// - Parameters:
    ///   - make: the rows of a call.
    ///   - show: tells a column of a row.
    init(
        _ make: @escaping (Int32, SQLArguments) throws -> [Row],
        show: @escaping (borrowing Row, Int, SQLResult) -> Void
    ) {
        (self.make, self.show) = (make, show)
    }

    override func start(plan: Int32, _ arguments: SQLArguments) throws {
        rows = try make(plan, arguments)
        index = 0
        hasRow = !rows.isEmpty
    }

    override func next() {
        index += 1
        hasRow = index < rows.count
    }

    override func column(_ column: Int, _ result: SQLResult) { show(rows[index], column, result) }
}
