import Glibc

/// What is wrong with a file of readings or commands, and where.
public struct FileProblem: Error, Hashable, CustomStringConvertible {
    public let path: String
    /// From 1; `nil` when it is about the file as a whole.
    public let line: Int?
    public let text: String

    public var description: String { line.map { "\(path):\($0): \(text)" } ?? "\(path): \(text)" }
}

/// Records of a comma-separated file after RFC 4180, one at a time and with constant memory.
///
/// Lines end with LF or CRLF. A field in quotation marks may contain commas, line ends and doubled quotation marks.
struct CSVReader: ~Copyable {
    static let chunk = 1 << 16
    /// No record is longer; an open quotation mark would swallow the file.
    static let longestRecord = 1 << 20

    let path: String
    /// Where the newest record begins.
    private(set) var line = 0
    private var nextLine = 1
    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private var at = 0

    init(path: String) throws(FileProblem) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw FileProblem(path: path, line: nil, text: String(cString: strerror(errno)))
        }
    }

    deinit { close(descriptor) }

    func problem(_ text: String) -> FileProblem { FileProblem(path: path, line: line, text: text) }

    /// The columns that the file must have, in this order.
    mutating func header(_ expected: [String]) throws(FileProblem) {
        guard let found = try next() else {
            line = 1
            throw problem("found nothing, expected the header \(expected.joined(separator: ","))")
        }
        let names = found.map { $0.hasPrefix("\u{FEFF}") ? String($0.dropFirst()) : $0 }
        guard names == expected else {
            throw problem(
                "found the header \(names.joined(separator: ",")), expected \(expected.joined(separator: ","))")
        }
    }

    /// The next record with so many fields; `nil` at the end. Empty lines are passed over.
    mutating func next(fields count: Int) throws(FileProblem) -> [String]? {
        while let fields = try next() {
            if fields == [""] { continue }
            guard fields.count == count else { throw problem("found \(fields.count) fields, expected \(count)") }
            return fields
        }
        return nil
    }

    private mutating func next() throws(FileProblem) -> [String]? {
        line = nextLine
        var fields: [String] = []
        var field: [UInt8] = []
        var (isQuoted, wasQuoted, length) = (false, false, 0)
        while let byte = try byte() {
            length += 1
            guard length <= CSVReader.longestRecord else {
                throw problem("found a record of more than \(CSVReader.longestRecord) bytes: is a quotation mark open?")
            }
            if byte == UInt8(ascii: "\n") { nextLine += 1 }
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                if try peek() == UInt8(ascii: "\"") { field.append(try self.byte() ?? byte) } else { isQuoted = false }
            case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted: (isQuoted, wasQuoted) = (true, true)
            case UInt8(ascii: ",") where !isQuoted:
                fields.append(String(decoding: field, as: UTF8.self))
                field.removeAll(keepingCapacity: true)
                wasQuoted = false
            case UInt8(ascii: "\r") where !isQuoted: break
            case UInt8(ascii: "\n") where !isQuoted:
                return fields + [String(decoding: field, as: UTF8.self)]
            default: field.append(byte)
            }
        }
        guard !isQuoted else { throw problem("found no closing quotation mark") }
        return length == 0 ? nil : fields + [String(decoding: field, as: UTF8.self)]
    }

    private mutating func byte() throws(FileProblem) -> UInt8? {
        guard let byte = try peek() else { return nil }
        at += 1
        return byte
    }

    private mutating func peek() throws(FileProblem) -> UInt8? {
        if at < buffer.count { return buffer[at] }
        (buffer, at) = ([UInt8](repeating: 0, count: CSVReader.chunk), 0)
        var got = -1
        repeat { got = read(descriptor, &buffer, buffer.count) } while got < 0 && errno == EINTR
        guard got >= 0 else { throw problem(String(cString: strerror(errno))) }
        buffer.removeLast(buffer.count - got)
        return buffer.first
    }
}
