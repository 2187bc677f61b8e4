import Archive

/// `gaps(tag, from, to)`: when no good reading stood, and why.
final class GapsTable: FunctionTable {
    override class var shape: TableShape {
        TableShape(name: "gaps", parameters: ["tag", "from", "to"], columns: ["start", "end", "cause"])
    }
    override class var orderColumn: Int? { 0 }

    override func estimate(oneTag: Bool) -> (rows: Double, cost: Double) { (20, 5000) }

    private struct Row {
        let gap: Gap
        let tag: String
        let from: Int64
        let to: Int64
    }

    override func cursor() -> VirtualCursor {
        let archive = archive
        let finder = TagFinder(archive, names)
        return RowsCursor<Row> { _, values in
            let arguments = FunctionArguments(GapsTable.shape, values)
            guard !arguments.hasNull else { return [] }
            let tag = try arguments.tag(0, in: finder)
            let (from, to) = (try arguments.time(1), try arguments.time(2))
            guard from < to else { return [] }
            return try archive.gaps(of: tag, from: from, to: to, now: WallTime.now).map { gap in
                Row(gap: gap, tag: tag.name, from: from, to: to)
            }
        } show: { row, column, result in
            switch column {
            case 0: result.integer(row.gap.start)
            case 1: result.integer(row.gap.end)
            case 2: result.text(row.gap.cause)
            case 3: result.text(row.tag)
            case 4: result.integer(row.from)
            default: result.integer(row.to)
            }
        }
    }
}
