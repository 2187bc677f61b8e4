import Archive

/// The one archive of a connection: opened for the first table that is used, and closed with the last.
///
/// The tables own it, not their registration: SQLite lets go of the tables before it closes a connection, and the
/// statements that the archive keeps would otherwise hold the connection open for ever.
final class ArchiveSource {
    private let connection: OpaquePointer
    private weak var opened: Archive?

    init(_ connection: OpaquePointer) { self.connection = connection }

    func archive() throws(ArchiveError) -> Archive {
        if let opened { return opened }
        let archive = try Archive(connection)
        opened = archive
        return archive
    }
}
