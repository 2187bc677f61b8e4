import Glibc

/// A text file could not be taken in: what was found, and where.
struct TextFileError: Error {
    let line: Int
    let column: Int
    let message: String

    init(line: Int = 1, column: Int = 1, _ message: String) {
        (self.line, self.column, self.message) = (line, column, message)
    }
}

/// The whole of a regular file of UTF-8 text.
func readTextFile(_ path: String, limit: Int = Limits.fileBytes) throws(TextFileError) -> String {
    // Non-blocking, because opening a FIFO for reading would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw TextFileError("cannot read the file: \(reason(errno))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw TextFileError("cannot read the file: \(reason(errno))") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw TextFileError("found no regular file, expected one") }

    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 {
            if errno == EINTR { continue }
            throw TextFileError("cannot read the file: \(reason(errno))")
        }
        if count == 0 { break }
        bytes += buffer[..<count]
        guard bytes.count <= limit else { throw TextFileError("found more than \(limit) bytes, expected at most that") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw firstFault(in: bytes) }
    return text
}

/// The names in a folder; empty when it cannot be read.
func filesInFolder(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        names.append(
            withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.sorted()
}

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

private func reason(_ code: CInt) -> String { String(cString: strerror(code)) }

private func firstFault(in bytes: [UInt8]) -> TextFileError {
    var (line, column) = (1, 1)
    var codec = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = codec.decode(&iterator) {
        (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    return TextFileError(line: line, column: column, "found a byte that is not UTF-8, expected UTF-8 text")
}
