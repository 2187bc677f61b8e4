import Glibc

/// The records of a comma-separated file after RFC 4180, one at a time, in constant memory, with positions.
///
/// Lines end with LF or CRLF; a field in quotation marks may contain commas, line ends and doubled quotation marks.
/// Empty lines and a byte order mark are passed over.
struct CSVRecords: ~Copyable {
    struct Field {
        /// In `content`; the byte behind it is NUL, so that C's functions can read a number there.
        var bytes: Range<Int>
        /// Where it begins in the file, from 1; the column in characters.
        var line: Int
        var column: Int
        /// An empty field in quotation marks is an empty text, not a missing one.
        var isQuoted: Bool
    }

    /// Bytes read at a time.
    static let chunk = 1 << 16
    /// No record is longer; an open quotation mark would swallow the file.
    static let longestRecord = 1 << 20

    let name: String
    private let descriptor: CInt
    private let ownsDescriptor: Bool
    private var buffer = [UInt8](repeating: 0, count: chunk)
    private var (at, end) = (0, 0)
    private var isOver = false
    /// Of the next byte.
    private var (line, column) = (1, 1)
    private(set) var content: [UInt8] = []
    private(set) var fields: [Field] = []

    /// - Parameter name: the file, or `-` for standard input.
    init(_ name: String) throws(ImportProblem) {
        ownsDescriptor = name != "-"
        self.name = ownsDescriptor ? name : "standard input"
        descriptor = ownsDescriptor ? open(name, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard descriptor >= 0 else { throw ImportProblem(file: name, String(cString: strerror(errno))) }
    }

    deinit { if ownsDescriptor { Glibc.close(descriptor) } }

    /// Reads the next record into `content` and `fields`.
    ///
    /// - Returns: false at the end of the file.
    /// - Throws: what is wrong with this record; the next call goes on behind it, or ends.
    mutating func next() throws(ImportProblem) -> Bool {
        repeat {
            content.removeAll(keepingCapacity: true)
            fields.removeAll(keepingCapacity: true)
            guard try record() else { return false }
        } while fields.count == 1 && fields[0].bytes.isEmpty && !fields[0].isQuoted
        return true
    }

    func problem(found: String, expected: String, at field: Field) -> ImportProblem {
        ImportProblem(file: name, line: field.line, column: field.column, found: found, expected: expected)
    }

    // MARK: One record

    private enum Place { case start, plain, quoted, behind }

    private mutating func record() throws(ImportProblem) -> Bool {
        var place = Place.start
        var field = Field(bytes: 0..<0, line: line, column: column, isQuoted: false)
        var begin = 0
        var length = 0
        var stray: ImportProblem?
        while let byte = try take() {
            length += 1
            guard length <= CSVRecords.longestRecord else {
                (at, end, isOver) = (0, 0, true)
                throw problem(
                    found: "a record of more than \(CSVRecords.longestRecord) bytes",
                    expected: "a shorter one: is a quotation mark open?", at: fields.first ?? field)
            }
            switch (byte, place) {
            case (UInt8(ascii: "\""), .start): (place, field.isQuoted) = (.quoted, true)
            case (UInt8(ascii: "\""), .quoted): place = .behind
            case (UInt8(ascii: "\""), .behind):
                content.append(byte)
                place = .quoted
            case (_, .quoted): content.append(byte)
            case (UInt8(ascii: ","), _):
                close(&field, from: begin)
                (begin, place) = (content.count, .start)
                field = Field(bytes: 0..<0, line: line, column: column, isQuoted: false)
            case (UInt8(ascii: "\n"), _):
                dropReturn(place, from: begin)
                close(&field, from: begin)
                if let stray { throw stray }
                return true
            case (UInt8(ascii: "\r"), .behind): break
            case (_, .behind):
                stray =
                    stray
                    ?? ImportProblem(
                        file: name, line: line, column: column - 1, found: "text behind a closing quotation mark",
                        expected: "a comma or the end of the line")
            default:
                content.append(byte)
                place = .plain
            }
        }
        guard place != .quoted else {
            throw problem(
                found: "no closing quotation mark", expected: "one before the end of the file", at: field)
        }
        guard length > 0 else { return false }
        dropReturn(place, from: begin)
        close(&field, from: begin)
        if let stray { throw stray }
        return true
    }

    private mutating func close(_ field: inout Field, from begin: Int) {
        field.bytes = begin..<content.count
        content.append(0)
        fields.append(field)
    }

    /// The carriage return before a line feed belongs to the line's end.
    private mutating func dropReturn(_ place: Place, from begin: Int) {
        if place == .plain, content.count > begin, content.last == UInt8(ascii: "\r") { content.removeLast() }
    }

    // MARK: Bytes

    private mutating func take() throws(ImportProblem) -> UInt8? {
        if at == end { try fill() }
        guard at < end else { return nil }
        let byte = buffer[at]
        at += 1
        if byte == UInt8(ascii: "\n") {
            (line, column) = (line + 1, 1)
        } else if byte & 0xC0 != 0x80 {
            // The other bytes of a character in UTF-8 take no column of their own.
            column += 1
        }
        return byte
    }

    private mutating func fill() throws(ImportProblem) {
        guard !isOver else { return }
        let isFirst = end == 0
        var got = 0
        repeat { got = read(descriptor, &buffer, buffer.count) } while got < 0 && errno == EINTR
        guard got >= 0 else {
            isOver = true
            throw ImportProblem(file: name, line: line, String(cString: strerror(errno)))
        }
        (at, end, isOver) = (0, got, got == 0)
        if isFirst, end >= 3, buffer[0..<3] == [0xEF, 0xBB, 0xBF] { at = 3 }
    }
}

extension CSVRecords {
    func bytes(_ field: Field) -> ArraySlice<UInt8> { content[field.bytes] }

    /// `nil` when the bytes are no UTF-8.
    func text(_ field: Field) -> String? { String(validating: content[field.bytes], as: UTF8.self) }
}
