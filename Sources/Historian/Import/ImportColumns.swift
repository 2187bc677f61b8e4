/// Which field of a record is what, by the file's header.
struct ImportColumns {
    /// A tag's value in a wide file.
    struct TagColumn {
        var field: Int
        var tag: String
    }

    enum Shape {
        /// A reading a record: `time,tag,value[,unit][,quality]` in any order, or without `tag` for a tag that was
        /// named on the command line.
        case long(tag: Int?, value: Int, unit: Int?, quality: Int?)
        /// A column a tag; an empty field is no reading.
        case wide([TagColumn])
    }

    let count: Int
    let time: Int
    let shape: Shape

    private static let expected =
        "time,tag,value with unit and quality if there are, time,value with --tag, or time and a column a tag"

    /// - Parameter tag: the tag of a file without a column for it.
    init(of header: borrowing CSVRecords, tag: String?) throws(ImportProblem) {
        let names = header.fields.map { header.text($0) ?? "" }
        func wrong(_ found: String, at field: Int = 0) -> ImportProblem {
            header.problem(found: found, expected: ImportColumns.expected, at: header.fields[field])
        }
        func index(_ name: String) -> Int? { names.firstIndex(of: name) }
        count = names.count
        if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            throw wrong("the column \(quoted(names[twice].utf8)) twice", at: twice)
        }
        guard let time = index("time") else { throw wrong("the header \(quoted(names.joined(separator: ",").utf8))") }
        self.time = time
        if let value = index("value") {
            let known = ["time", "tag", "value", "unit", "quality"]
            if let other = names.firstIndex(where: { !known.contains($0) }) {
                throw wrong("the column \(quoted(names[other].utf8))", at: other)
            }
            switch (index("tag"), tag) {
            case (nil, nil): throw wrong("no column tag and no --tag")
            case (let column?, .some): throw wrong("a column tag beside --tag", at: column)
            case (let column, _):
                shape = .long(tag: column, value: value, unit: index("unit"), quality: index("quality"))
            }
        } else {
            let columns = names.indices.filter { $0 != time }.map { TagColumn(field: $0, tag: names[$0]) }
            guard !columns.isEmpty, index("tag") == nil, tag == nil else { throw wrong("no column value") }
            shape = .wide(columns)
        }
    }
}
