import Archive

/// Goes over readings the way a `ReadingPlan` says.
final class ReadingTableCursor: VirtualCursor {
    private let archive: Archive
    private let finder: TagFinder
    private var walk: any ReadingWalk = NoReadings()
    private var row: TagReading?

    init(_ archive: Archive, _ names: TagNames) {
        self.archive = archive
        finder = TagFinder(archive, names)
    }

    override func start(plan number: Int32, _ arguments: SQLArguments) throws {
        let plan = ReadingPlan(number: number)
        var position = 0
        func argument() -> SQLValue {
            defer { position += 1 }
            return arguments[position]
        }
        let tags = try finder.tags(plan.tags, plan.tags == .any ? SQLValue(nil) : argument())
        var range = TimeRange.everything
        for comparison in [plan.lower, plan.upper] {
            if let comparison { range.restrict(comparison, argument().number) }
        }
        walk = try range.isEmpty || tags.isEmpty ? NoReadings() : walk(plan, tags, range)
        try next()
    }

    private func walk(
        _ plan: ReadingPlan, _ tags: [NamedTag], _ range: TimeRange
    ) throws -> any ReadingWalk {
        let order: ReadingOrder = plan.isDescending ? .descending : .ascending
        if plan.walk != .byTime || tags.count == 1 {
            return TagAfterTag(archive, plan.walk == .byTagDescending ? tags.reversed() : tags, range, order)
        }
        return switch order {
        case .ascending: try AllTags(archive, tags, from: range.from, to: range.to)
        case .descending: try AllTagsBackwards(archive, tags, range)
        }
    }

    override func next() throws {
        row = try walk.next()
        hasRow = row != nil
    }

    override func column(_ index: Int, _ result: SQLResult) {
        guard let row else { return }
        switch ReadingTable.Column(rawValue: index) {
        case .tag: result.text(row.tag.name)
        case .time: result.integer(row.reading.time)
        case .value: result.value(row.reading.value)
        case .quality: result.quality(row.reading.quality)
        case .group: result.integer(walk.position?.group)
        case .sequence: result.integer(walk.position.map { Int64(bitPattern: $0.sequence) })
        case nil: break
        }
    }
}
