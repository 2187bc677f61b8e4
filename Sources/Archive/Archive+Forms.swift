public import Plant

/// What the numbers of a tag mean as it is configured now.
public struct StoredForm: Sendable, Hashable {
    public let type: ValueType
    /// Engineering value = number x scale + offset; `nil` where the number is the value.
    public let scale: Double?
    public let offset: Double
}

extension Archive {
    /// The newest form of each tag that was ever read from a controller, by the tag's number.
    public func forms() throws(ArchiveError) -> [Int64: StoredForm] {
        // A bare column beside max() is of the row that has the maximum (SQLite, "Bare columns in an aggregate query").
        let statement = try prepare(
            """
            SELECT slot.tag, slot.type, slot.scale, slot.offset, max(layout.id) FROM slot
            JOIN layout ON layout.id = slot.layout JOIN scan_group ON scan_group.id = layout.scan_group
            WHERE NOT scan_group.imported GROUP BY slot.tag
            """)
        var forms: [Int64: StoredForm] = [:]
        while try statement.step() {
            guard let type = statement.string(1).flatMap(ValueType.init(storedAs:)) else { continue }
            forms[statement.int(0)] = StoredForm(
                type: type, scale: statement.double(2), offset: statement.double(3) ?? 0)
        }
        return forms
    }
}
