import Archive

/// The arguments of a table-valued function, read as what they should be. A call with a NULL among them has no rows.
struct FunctionArguments {
    /// As the function is written, for messages: `bucket(tag, from, to, n)`.
    let shape: TableShape
    let values: SQLArguments

    init(_ shape: TableShape, _ values: SQLArguments) { (self.shape, self.values) = (shape, values) }

    var hasNull: Bool { shape.parameters.indices.contains { values[$0].isNull } }

    /// The first millisecond that is not before the argument, so that a time with a fraction bounds a range as it would
    /// in a comparison.
    func time(_ index: Int) throws -> Int64 { try time(index, .up) }

    /// The last millisecond that is not after the argument: what is asked for is the state at that time.
    func instant(_ index: Int) throws -> Int64 { try time(index, .down) }

    private func time(_ index: Int, _ rule: FloatingPointRoundingRule) throws -> Int64 {
        switch values[index].number {
        case .integer(let time): return time
        case .real(let time): return Int64(exactly: time.rounded(rule)) ?? (time < 0 ? .min : .max)
        case .null, .beyond:
            throw failure(
                index,
                "'\(values[index].text)' is no time in UTC milliseconds; "
                    + "unixepoch('2026-01-03 08:00') * 1000 makes one")
        }
    }

    func count(_ index: Int, upTo limit: Int) throws -> Int {
        guard case .integer(let count) = values[index].number, count >= 1, count <= limit else {
            throw failure(index, "'\(values[index].text)' is no whole number from 1 to \(limit)")
        }
        return Int(count)
    }

    func tag(_ index: Int, in finder: TagFinder) throws -> StoredTag {
        guard let tag = try finder.tag(named: values[index].text) else {
            throw failure(index, "the history has no tag '\(values[index].text)'")
        }
        return tag.tag
    }

    private func failure(_ index: Int, _ what: String) -> TableFailure {
        TableFailure("\(shape.usage): \(shape.parameters[index]): \(what)")
    }
}
