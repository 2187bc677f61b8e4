import Archive

/// `slice(from, to)`: every reading of every tag in a range, in the order of time.
final class SliceTable: FunctionTable {
    override class var shape: TableShape {
        TableShape(name: "slice", parameters: ["from", "to"], columns: ["time", "tag", "value", "quality"])
    }
    override class var tagColumn: Int? { 1 }
    override class var orderColumn: Int? { 0 }

    override func estimate(oneTag: Bool) -> (rows: Double, cost: Double) { oneTag ? (100, 200) : (20_000, 40_000) }

    override func cursor() -> VirtualCursor { SliceTableCursor(self) }
}

/// Hands on one reading after the other: a slice may be long.
private final class SliceTableCursor: VirtualCursor {
    private let table: SliceTable
    private let finder: TagFinder
    private var slice: AllTags?
    private var row: TagReading?
    private var range: (from: Int64, to: Int64) = (0, 0)

    init(_ table: SliceTable) {
        self.table = table
        finder = TagFinder(table.archive, table.names)
    }

    override func start(plan: Int32, _ arguments: SQLArguments) throws {
        slice = nil
        let given = FunctionArguments(SliceTable.shape, arguments)
        if !given.hasNull {
            range = (try given.time(0), try given.time(1))
            let tags = try table.tags(plan: plan, arguments, finder) ?? finder.tags(.any, SQLValue(nil))
            if range.from < range.to {
                slice = try AllTags(table.archive, tags, from: range.from, to: range.to)
            }
        }
        try next()
    }

    override func next() throws {
        row = try slice?.next()
        hasRow = row != nil
    }

    override func column(_ index: Int, _ result: SQLResult) {
        guard let row else { return }
        switch index {
        case 0: result.integer(row.reading.time)
        case 1: result.text(row.tag.name)
        case 2: result.value(row.reading.value)
        case 3: result.quality(row.reading.quality)
        case 4: result.integer(range.from)
        default: result.integer(range.to)
        }
    }
}
