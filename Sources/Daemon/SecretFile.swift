import Glibc

/// A key or password in a file of its own, so that it is in no configuration that people send each other.
enum SecretFile {
    /// No key is longer: RFC 2104 has no use for more than a block of its hash, 64 bytes.
    static let limit = 4096

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// The first line, without its end: editors put one there.
    static func read(_ path: String) throws(Fault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Fault(description: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw Fault(description: "\(path): \(String(cString: strerror(errno)))") }
        let line = Array(bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
        guard !line.isEmpty else {
            throw Fault(description: "\(path): found nothing, expected a key in its first line")
        }
        guard line.count <= limit else { throw Fault(description: "\(path): expected at most \(limit) bytes") }
        return line
    }
}
