import Glibc

/// What the first bytes of an SQLite file say of its length, as its format has it ("Database File Format", section 1.3).
public struct DatabaseHeader: Hashable, Sendable {
    /// Bytes.
    public let pageSize: Int64
    /// Pages that the file must have.
    public let pages: Int64

    private static let magic = Array("SQLite format 3\0".utf8)
    private static let bytes = 100

    /// - Returns: `nil` for a file without such a header, or written by an SQLite that did not count its pages.
    public init?(of path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: DatabaseHeader.bytes)
        guard pread(descriptor, &bytes, bytes.count, 0) == bytes.count, bytes.starts(with: DatabaseHeader.magic) else {
            return nil
        }
        func number(_ range: Range<Int>) -> Int64 { bytes[range].reduce(0) { $0 << 8 | Int64($1) } }
        let size = number(16..<18)
        pageSize = size == 1 ? 65536 : size
        pages = number(28..<32)
        // The count holds only for the change that it was written with.
        guard pageSize >= 512, pages > 0, number(24..<28) == number(92..<96) else { return nil }
    }
}
