import Archive
import GRDBSQLite

/// A table-valued function: its arguments are hidden columns behind the visible ones, and each must be given.
class FunctionTable: VirtualTable {
    /// The visible column `tag` that narrows what the function looks at; `nil` where there is none.
    class var tagColumn: Int? { nil }
    /// The columns by which the rows come in order; most functions have one, the time.
    class var orderColumn: Int? { nil }

    override class var declaration: String {
        let hidden = shape.parameters.map { "\"\($0)\" HIDDEN" }
        return "CREATE TABLE x(\((shape.columns.map { "\"\($0)\"" } + hidden).joined(separator: ", ")))"
    }

    final let names = TagNames()

    /// What a call is thought to give, and to cost, in rows.
    func estimate(oneTag: Bool) throws -> (rows: Double, cost: Double) { (100, 100) }

    /// The plan's number says whether the tag is an argument too, behind the parameters.
    static let withTag: Int32 = 1

    override final func plan(_ question: borrowing PlanQuestion) throws -> Bool {
        let shape = Self.shape
        let constraints = question.constraints.filter { $0.operation == SQLITE_INDEX_CONSTRAINT_EQ }
        for (number, parameter) in shape.parameters.enumerated() {
            let given = constraints.filter { $0.column == shape.columns.count + number }
            guard !given.isEmpty else { throw TableFailure("\(shape.usage): the argument \(parameter) is missing") }
            guard let usable = given.first(where: \.isUsable) else { return false }
            question.take(usable, at: number, isExact: true)
        }
        var plan: Int32 = 0
        if let column = Self.tagColumn,
            let tag = constraints.first(where: { $0.column == column && $0.isUsable && question.comparesBytes($0) })
        {
            question.take(tag, at: shape.parameters.count, isExact: false)
            plan = FunctionTable.withTag
        }
        let estimate = try estimate(oneTag: plan == FunctionTable.withTag)
        let order = question.order
        let isOrdered = order.isEmpty || order == Self.orderColumn.map { [.init(column: $0, descending: false)] }
        question.answer(plan: plan, cost: estimate.cost, rows: estimate.rows, isOrdered: isOrdered)
        return true
    }

    /// The tags that the visible column `tag` lets through; `nil` for all.
    final func tags(
        plan: Int32, _ arguments: SQLArguments, _ finder: TagFinder
    ) throws(ArchiveError) -> [NamedTag]? {
        guard plan == FunctionTable.withTag else { return nil }
        return try finder.tags(.equal, arguments[Self.shape.parameters.count])
    }
}
