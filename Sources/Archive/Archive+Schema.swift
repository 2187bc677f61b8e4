extension Archive {
    /// "Cupl" in ASCII, in the header of the file: tells a history from any other SQLite database.
    public static let applicationID: Int32 = 0x4375_706C
    /// The migration that made the tables this module reads.
    public static let schema = "2 sealed"

    func check() throws(ArchiveError) {
        let application = try prepare("PRAGMA application_id")
        let found = try application.step() ? application.int(0) : 0
        guard found == Int64(Archive.applicationID) else {
            throw .notAHistory(detail: "application_id \(found), expected \(Archive.applicationID)")
        }
        let steps = try migrations()
        guard steps.last == Archive.schema else {
            throw .schema(found: steps.last ?? "none", expected: Archive.schema)
        }
    }

    /// The steps by which the tables became what they are, in their order.
    private func migrations() throws(ArchiveError) -> [String] {
        let table = try prepare("SELECT 1 FROM sqlite_master WHERE name = 'grdb_migrations'")
        guard try table.step() else { return [] }
        let statement = try prepare("SELECT identifier FROM grdb_migrations ORDER BY rowid")
        var found: [String] = []
        while try statement.step() { found.append(statement.string(0) ?? "") }
        return found
    }
}
