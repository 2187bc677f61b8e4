import Archive

/// `asof(at)`: what stood for every tag at an instant, and for how long it had.
final class AsOfTable: FunctionTable {
    override class var shape: TableShape {
        TableShape(name: "asof", parameters: ["at"], columns: ["tag", "time", "value", "quality", "age_ms"])
    }
    override class var tagColumn: Int? { 0 }

    override func estimate(oneTag: Bool) -> (rows: Double, cost: Double) { oneTag ? (1, 50) : (1000, 5000) }

    private struct Row {
        let standing: Standing
        let time: Int64
    }

    override func cursor() -> VirtualCursor {
        let finder = TagFinder(archive, names)
        return RowsCursor<Row> { [self] plan, values in
            let arguments = FunctionArguments(AsOfTable.shape, values)
            guard !arguments.hasNull else { return [] }
            let time = try arguments.instant(0)
            let tags = try tags(plan: plan, values, finder)?.map(\.tag)
            return try archive.standing(at: time, tags).map { Row(standing: $0, time: time) }
        } show: { row, column, result in
            let reading = row.standing.reading
            switch column {
            case 0: result.text(row.standing.tag.name)
            case 1: result.integer(reading.time)
            case 2: result.value(reading.value)
            case 3: result.quality(reading.quality)
            case 4: result.integer(row.time - reading.time)
            default: result.integer(row.time)
            }
        }
    }
}
