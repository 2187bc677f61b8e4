import Archive
import GRDBSQLite

/// `reading(tag, time, value, quality)`: every reading of every tag, as if each were a row.
final class ReadingTable: VirtualTable {
    override class var shape: TableShape {
        TableShape(name: "reading", parameters: [], columns: ["tag", "time", "value", "quality"])
    }

    /// What names a reading is hidden: two readings of a tag may have the same millisecond, when a clock was set back,
    /// and SQLite must tell them apart to bring the branches of an `OR` together.
    override class var declaration: String {
        """
        CREATE TABLE x(tag TEXT NOT NULL, time INTEGER NOT NULL, value, quality TEXT NOT NULL, \
        scan_group INTEGER HIDDEN NOT NULL, sequence INTEGER HIDDEN NOT NULL, \
        PRIMARY KEY(tag, time, scan_group, sequence)) WITHOUT ROWID
        """
    }

    enum Column: Int {
        case tag, time, value, quality, group, sequence
    }

    private let names = TagNames()

    override func cursor() -> VirtualCursor { ReadingTableCursor(archive, names) }

    override func plan(_ question: borrowing PlanQuestion) throws -> Bool {
        var plan = ReadingPlan()
        var taken: [PlanQuestion.Constraint] = []
        let constraints = question.constraints.filter(\.isUsable)

        let tag = ReadingTable.tagRule(constraints, question)
        if let tag {
            plan.tags = tag.rule
            taken.append(tag.constraint)
        }
        let bounds = ReadingTable.bounds(constraints)
        plan.lower = bounds.lower?.comparison
        plan.upper = bounds.upper?.comparison
        taken += [bounds.lower?.constraint, bounds.upper?.constraint].compactMap { $0 }

        let order = question.order
        let needsPositions = [Column.group, .sequence].contains { question.uses($0.rawValue) }
        var isOrdered = plan.follow(order, knowingPositions: needsPositions)
        // Values of a list that come one by one come in no order, and SQLite sorts.
        if isOrdered, !order.isEmpty, let tag, tag.rule == .equal, question.isList(tag.constraint) {
            question.takeList(tag.constraint)
            plan.tags = .list
            isOrdered = plan.follow(order, knowingPositions: needsPositions)
        }

        for (position, constraint) in taken.enumerated() {
            let isTime = constraint.column == Column.time.rawValue
            question.take(constraint, at: position, isExact: isTime)
        }
        let estimate = ReadingEstimate(plan, bounds, question)
        question.answer(plan: plan.number, cost: estimate.cost, rows: estimate.rows, isOrdered: isOrdered)
        return true
    }

    /// A bound of the time, and the constraint that sets it.
    typealias Bound = (comparison: TimeRange.Comparison, constraint: PlanQuestion.Constraint)

    private static func tagRule(
        _ constraints: [PlanQuestion.Constraint], _ question: borrowing PlanQuestion
    ) -> (rule: ReadingPlan.TagRule, constraint: PlanQuestion.Constraint)? {
        let onTag = constraints.filter { $0.column == Column.tag.rawValue }
        for constraint in onTag where constraint.operation == SQLITE_INDEX_CONSTRAINT_EQ {
            if question.comparesBytes(constraint) { return (.equal, constraint) }
        }
        if let glob = onTag.first(where: { $0.operation == SQLITE_INDEX_CONSTRAINT_GLOB }) { return (.glob, glob) }
        if let like = onTag.first(where: { $0.operation == SQLITE_INDEX_CONSTRAINT_LIKE }) { return (.like, like) }
        return nil
    }

    /// One of each kind; SQLite checks the others.
    private static func bounds(_ constraints: [PlanQuestion.Constraint]) -> (lower: Bound?, upper: Bound?) {
        var (lower, upper): (Bound?, Bound?)
        for constraint in constraints where constraint.column == Column.time.rawValue {
            switch constraint.operation {
            case SQLITE_INDEX_CONSTRAINT_EQ: return ((.equal, constraint), nil)
            case SQLITE_INDEX_CONSTRAINT_GT: lower = lower ?? (.above, constraint)
            case SQLITE_INDEX_CONSTRAINT_GE: lower = lower ?? (.atLeast, constraint)
            case SQLITE_INDEX_CONSTRAINT_LT: upper = upper ?? (.below, constraint)
            case SQLITE_INDEX_CONSTRAINT_LE: upper = upper ?? (.atMost, constraint)
            default: break
            }
        }
        return (lower, upper)
    }
}

extension ReadingPlan {
    /// Takes the way through the rows that an `ORDER BY` asks for.
    ///
    /// - Parameter knowingPositions: the hidden columns are wanted, which only a walk from tag to tag knows.
    /// - Returns: false when there is none, and SQLite has to sort.
    mutating func follow(_ order: [PlanQuestion.Order], knowingPositions: Bool) -> Bool {
        (walk, isDescending) = (.byTag, false)
        var order = order
        if tags == .equal { order.removeAll { $0.column == ReadingTable.Column.tag.rawValue } }
        guard let first = order.first else { return true }
        switch ReadingTable.Column(rawValue: first.column) {
        case .time:
            guard order.count == 1, !knowingPositions || tags == .equal else { return false }
            (walk, isDescending) = (.byTime, first.descending)
        case .tag:
            guard order.count <= 2 else { return false }
            walk = first.descending ? .byTagDescending : .byTag
            guard let second = order.dropFirst().first else { return true }
            guard second.column == ReadingTable.Column.time.rawValue else { return false }
            isDescending = second.descending
        default: return false
        }
        return true
    }
}
