/// The tags that the files of one import bring readings of.
struct StagedSubjects {
    private(set) var all: [ImportSubject] = []
    private let known: [String: ImportSubject]
    private let createsTags: Bool
    /// Indices in `all`; `nil` for a name that has been refused.
    private var byName: [ArraySlice<UInt8>: Int?] = [:]

    /// - Parameter known: those of the history, by their names.
    init(known: [String: ImportSubject], createsTags: Bool) {
        (self.known, self.createsTags) = (known, createsTags)
    }

    subscript(index: Int) -> ImportSubject {
        _read { yield all[index] }
        _modify { yield &all[index] }
    }

    /// The index of a tag by its name; `nil` when it was refused before.
    mutating func index(
        of name: ArraySlice<UInt8>, at field: CSVRecords.Field, unit: CSVRecords.Field?,
        _ record: borrowing CSVRecords
    ) throws(ImportProblem) -> Int? {
        if let index = byName[name] {
            if let index, let unit { try check(unit, of: index, record) }
            return index
        }
        // The slice's bytes will change with the next record.
        let key = ArraySlice(Array(name))
        byName[key] = .some(nil)
        guard let text = String(validating: name, as: UTF8.self), !text.isEmpty else {
            throw record.problem(found: "the tag \(quoted(name))", expected: "a name in UTF-8", at: field)
        }
        let id = Int64(all.count + 1)
        if let known = known[text] {
            all.append(known.numbered(id))
        } else {
            guard createsTags else {
                throw record.problem(
                    found: "the tag \(quoted(name))",
                    expected: "one of the history (cupel tags lists them; --create-tags makes new ones)", at: field)
            }
            let unit = unit.flatMap { record.text($0) }.flatMap { $0.isEmpty ? nil : $0 }
            all.append(ImportSubject(id: id, name: text, unit: unit))
        }
        byName[key] = all.count - 1
        if let unit { try check(unit, of: all.count - 1, record) }
        return all.count - 1
    }

    /// A temperature in other degrees would be a number like any other.
    private func check(
        _ field: CSVRecords.Field, of index: Int, _ record: borrowing CSVRecords
    ) throws(ImportProblem) {
        let bytes = record.bytes(field)
        let unit = all[index].unit ?? ""
        guard !bytes.isEmpty, !unit.utf8.elementsEqual(bytes) else { return }
        throw record.problem(
            found: "the unit \(quoted(bytes))", expected: "\(unit.isEmpty ? "none" : unit) for \(all[index].name)",
            at: field)
    }
}
