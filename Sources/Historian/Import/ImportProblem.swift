/// One thing that is wrong in a file that somebody wants to import, and where.
public struct ImportProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// As it was named on the command line.
    public let file: String
    /// From 1; `nil` when it is about the file as a whole.
    public let line: Int?
    /// In characters, from 1, as editors count.
    public let column: Int?
    /// `nil` where the system refused, which `text` then tells.
    public let found: String?
    public let expected: String?
    /// All of it for people.
    public let text: String

    init(file: String, line: Int? = nil, column: Int? = nil, found: String, expected: String) {
        (self.file, self.line, self.column) = (file, line, column)
        (self.found, self.expected) = (found, expected)
        text = "found \(found), expected \(expected)"
    }

    init(file: String, line: Int? = nil, _ text: String) {
        (self.file, self.line, self.text) = (file, line, text)
        (column, found, expected) = (nil, nil, nil)
    }

    /// `readings.csv:12:7: found …, expected …`
    public var description: String {
        ([file] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":") + ": " + text
    }
}

/// Why files were not imported: nothing of them was.
public struct ImportRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Told at once; more than these help nobody, and a wrong column would make one a line.
    public static let problemLimit = 100

    public enum Cause: Sendable {
        /// What is in the files.
        case content
        /// Files that are not there, or cannot be read.
        case missing
    }

    public let cause: Cause
    /// In the order of the files and their lines.
    public let problems: [ImportProblem]
    /// Reading ended at the limit: there may be more.
    public let isCut: Bool

    init(_ problems: [ImportProblem], cause: Cause = .content, isCut: Bool = false) {
        (self.problems, self.cause, self.isCut) = (problems, cause, isCut)
    }

    /// The code of sysexits.h a command ends with: EX_DATAERR, or EX_NOINPUT.
    public var exitCode: Int32 { cause == .missing ? 66 : 65 }

    public var description: String {
        let lines = problems.map(\.description).joined(separator: "\n")
        return isCut ? lines + "\nand perhaps more: reading ended at \(Self.problemLimit) problems" : lines
    }
}

/// Collects problems until there are enough of them.
struct ImportFindings {
    private(set) var problems: [ImportProblem] = []

    var isEmpty: Bool { problems.isEmpty }
    var isFull: Bool { problems.count >= ImportRefusal.problemLimit }

    mutating func add(_ problem: ImportProblem) {
        if !isFull { problems.append(problem) }
    }

    func check() throws(ImportRefusal) {
        if !isEmpty { throw ImportRefusal(problems, isCut: isFull) }
    }
}

/// Text of a file in a message: short enough for a line.
func quoted(_ bytes: some Sequence<UInt8>) -> String {
    let limit = 40
    let text = String(decoding: Array(bytes), as: UTF8.self)
    let shown = text.count > limit ? text.prefix(limit) + "…" : text[...]
    let plain = shown.map { $0.isNewline ? "\\n" : $0 == "\"" ? "\\\"" : String($0) }
    return "\"\(plain.joined())\""
}
