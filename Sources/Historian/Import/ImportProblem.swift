/// One thing that is wrong in a file that somebody wants to import, and where.
public struct ImportProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// As it was named on the command line.
    public let file: String
    /// From 1; `nil` when it is about the file as a whole.
    public let line: Int?
    /// In characters, from 1, as editors count.
    public let column: Int?
    /// What was found, and what was expected.
    public let text: String

    public init(file: String, line: Int? = nil, column: Int? = nil, _ text: String) {
        (self.file, self.line, self.column, self.text) = (file, line, column, text)
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

    /// In the order of the files and their lines.
    public let problems: [ImportProblem]
    /// Reading ended at the limit: there may be more.
    public let isCut: Bool

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
        if !isEmpty { throw ImportRefusal(problems: problems, isCut: isFull) }
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
