import GRDBSQLite

/// What SQLite asks of `xBestIndex`, and where the answer goes.
struct PlanQuestion: ~Copyable {
    private let info: UnsafeMutablePointer<sqlite3_index_info>

    init(_ info: UnsafeMutablePointer<sqlite3_index_info>) { self.info = info }

    /// A term of the `WHERE` that compares a column with something.
    struct Constraint {
        let index: Int
        let column: Int
        /// `SQLITE_INDEX_CONSTRAINT_EQ` and so on.
        let operation: Int32
        /// False while the right-hand side is not known, in this order of a join.
        let isUsable: Bool
    }

    /// A term of the `ORDER BY`.
    struct Order: Hashable {
        let column: Int
        let descending: Bool
    }

    var constraints: [Constraint] {
        (0..<Int(info.pointee.nConstraint)).map { index in
            let constraint = info.pointee.aConstraint[index]
            return Constraint(
                index: index, column: Int(constraint.iColumn), operation: Int32(constraint.op),
                isUsable: constraint.usable != 0)
        }
    }

    var order: [Order] {
        (0..<Int(info.pointee.nOrderBy)).map { index in
            let term = info.pointee.aOrderBy[index]
            return Order(column: Int(term.iColumn), descending: term.desc != 0)
        }
    }

    /// Whether the statement needs a column, of the first 63.
    func uses(_ column: Int) -> Bool { info.pointee.colUsed >> UInt64(column) & 1 != 0 }

    /// Whether texts are compared byte by byte, as the archive compares them.
    func comparesBytes(_ constraint: Constraint) -> Bool {
        guard let name = sqlite3_vtab_collation(info, Int32(constraint.index)) else { return true }
        return sqlite3_stricmp(name, "BINARY") == 0
    }

    /// The right-hand side where it is written in the statement.
    func constant(_ constraint: Constraint) -> SQLValue? {
        var value: OpaquePointer?
        guard sqlite3_vtab_rhs_value(info, Int32(constraint.index), &value) == SQLITE_OK, let value else { return nil }
        return SQLValue(value)
    }

    /// Whether the constraint is an `IN` whose values can come all at once.
    func isList(_ constraint: Constraint) -> Bool { sqlite3_vtab_in(info, Int32(constraint.index), -1) != 0 }

    /// Asks for the values of an `IN` all at once.
    func takeList(_ constraint: Constraint) { _ = sqlite3_vtab_in(info, Int32(constraint.index), 1) }

    /// Asks for the right-hand side as an argument of the cursor's `start`.
    ///
    /// - Parameters:
    ///   - position: from 0.
    ///   - isExact: SQLite need not check the rows again.
    func take(_ constraint: Constraint, at position: Int, isExact: Bool) {
        info.pointee.aConstraintUsage[constraint.index].argvIndex = Int32(position + 1)
        info.pointee.aConstraintUsage[constraint.index].omit = isExact ? 1 : 0
    }

    /// - Parameters:
    ///   - plan: what the cursor's `start` is given.
    ///   - cost: in rows that it takes about as long as.
    func answer(plan: Int32, cost: Double, rows: Double, isOrdered: Bool) {
        info.pointee.idxNum = plan
        info.pointee.estimatedCost = cost
        info.pointee.estimatedRows = Int64(min(max(rows, 1), 1e15))
        info.pointee.orderByConsumed = isOrdered ? 1 : 0
    }
}
