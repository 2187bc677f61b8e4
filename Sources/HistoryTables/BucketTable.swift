import Archive

/// `bucket(tag, from, to, n)`: the range in n equal parts, and what the readings of each come to.
final class BucketTable: FunctionTable {
    override class var shape: TableShape {
        TableShape(
            name: "bucket", parameters: ["tag", "from", "to", "n"],
            columns: [
                "start", "end", "count", "bad", "min", "min_at", "max", "max_at", "first", "last", "mean",
                "simple_mean",
                "stddev", "good_ms", "percent_good", "increase",
            ])
    }
    override class var orderColumn: Int? { 0 }

    /// Parts of a range: more than any screen has columns, and less than 30 MB while the statement runs.
    static let mostParts = 100_000

    override func estimate(oneTag: Bool) -> (rows: Double, cost: Double) { (1000, 2000) }

    /// A part, and the call it belongs to: the hidden columns.
    private struct Row {
        let part: Aggregate
        let call: Call
    }

    private struct Call {
        let tag: StoredTag
        let from: Int64
        let to: Int64
        let parts: Int
    }

    override func cursor() -> VirtualCursor {
        let archive = archive
        let finder = TagFinder(archive, names)
        return RowsCursor<Row> { _, values in
            let arguments = FunctionArguments(BucketTable.shape, values)
            guard !arguments.hasNull else { return [] }
            let tag = try arguments.tag(0, in: finder)
            let call = Call(
                tag: tag, from: try arguments.time(1), to: try arguments.time(2),
                parts: try arguments.count(3, upTo: BucketTable.mostParts))
            guard call.from < call.to else { return [] }
            var rows: [Row] = []
            try archive.aggregates(of: tag, from: call.from, to: call.to, .equal(call.parts)) { part in
                rows.append(Row(part: part, call: call))
            }
            return rows
        } show: { row, column, result in
            BucketTable.show(row, column, result)
        }
    }

    private static func show(_ row: borrowing Row, _ column: Int, _ result: SQLResult) {
        let (part, tag) = (row.part, row.call.tag)
        switch column {
        case 0: result.integer(part.start)
        case 1: result.integer(part.end)
        case 2: result.integer(Int64(part.count))
        case 3: result.integer(Int64(part.bad))
        case 4: result.real(Decimal.double(part.min, of: tag))
        case 5: result.integer(part.minTime)
        case 6: result.real(Decimal.double(part.max, of: tag))
        case 7: result.integer(part.maxTime)
        case 8: result.real(Decimal.double(part.first, of: tag))
        case 9:
            if let text = part.lastText { result.text(text) } else { result.real(Decimal.double(part.last, of: tag)) }
        case 10: result.real(part.mean)
        case 11: result.real(part.simpleMean)
        case 12: result.real(part.deviation)
        case 13: result.integer(part.goodMilliseconds)
        case 14: result.real(part.percentGood)
        case 15: result.real(part.rise)
        case 16: result.text(tag.name)
        case 17: result.integer(row.call.from)
        case 18: result.integer(row.call.to)
        default: result.integer(Int64(row.call.parts))
        }
    }
}
