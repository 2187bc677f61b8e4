import Archive

/// A table of the history, as a connection uses it. SQLite's callbacks lead to its methods.
class VirtualTable {
    class var shape: TableShape { fatalError("a kind of table has a shape") }
    class var name: String { shape.name }
    /// What SQLite is told of it: `CREATE TABLE x(...)`.
    class var declaration: String { fatalError("a kind of table has a declaration") }

    let archive: Archive

    required init(_ archive: Archive) { self.archive = archive }

    /// Chooses what a cursor will do with a statement's constraints, and says what it will cost.
    ///
    /// - Returns: false when the table cannot be read in this place of a join, but can in another.
    func plan(_ question: borrowing PlanQuestion) throws -> Bool { fatalError("a kind of table has a plan") }

    func cursor() -> VirtualCursor { fatalError("a kind of table has a cursor") }
}

/// Goes over the rows of a table once for each call of `start`.
class VirtualCursor {
    /// False behind the last row, and before `start`.
    final var hasRow = false

    /// Goes to the first row of what `plan` chose.
    func start(plan: Int32, _ arguments: SQLArguments) throws { fatalError("a cursor starts") }

    func next() throws { fatalError("a cursor moves") }

    /// Tells SQLite the value of a column of the present row.
    func column(_ index: Int, _ result: SQLResult) { fatalError("a cursor has columns") }
}
