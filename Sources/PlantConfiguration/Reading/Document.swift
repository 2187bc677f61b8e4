import Yams

/// One YAML text as a tree whose nodes know their line and column: a file, or a cell of a table.
final class Document {
    let file: String
    let findings: Findings
    /// Where a whole cell is to be blamed: between its text and the file stand the table's own quotes.
    private let cell: Place?
    private var root: Node?
    /// The first letter of each key that was disguised to get past the parser (`compose`), by its position.
    private var disguised: [Position: Unicode.Scalar] = [:]

    /// In Unicode scalars.
    private var lineLengths: [Int] = []

    struct Position: Hashable {
        let line: Int
        let column: Int
    }

    /// Reads and parses a file. What is wrong is reported, and there is then no `root`.
    init(file: String, findings: Findings) {
        self.file = file
        self.findings = findings
        cell = nil
        do throws(TextFileError) {
            root = compose(try readTextFile(file))
        } catch {
            findings.report(error.message, at: Place(file: file, line: error.line, column: error.column))
        }
    }

    /// A cell of a table. Only brackets make a list or a section of it; anything else is taken as it stands.
    ///
    /// - Parameter isText: it is text whatever it looks like, as if it were in quotes.
    init(cell text: String, at place: Place, isText: Bool, findings: Findings) {
        file = place.file
        self.findings = findings
        cell = place
        if !isText, text.hasPrefix("[") || text.hasPrefix("{") {
            root = compose(text)
        } else {
            root = .scalar(Node.Scalar(text, .implicit, isText ? .doubleQuoted : .plain))
        }
    }

    /// The whole text; `nil` when it could not be parsed, which is reported.
    func value(label: String) -> Value? { root.map { Value(node: $0, label: label, document: self) } }

    func place(of node: Node) -> Place { place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1) }

    /// libyaml also ends lines at a lone CR, at NEL and at U+2028, where few editors do: its numbers may lie beyond the
    /// last line an editor can go to.
    private func place(line: Int, column: Int) -> Place {
        if let cell { return cell }
        let line = min(max(line, 1), max(lineLengths.count, 1))
        let length = lineLengths.isEmpty ? 0 : lineLengths[line - 1]
        return Place(file: file, line: line, column: min(max(column, 1), length + 1))
    }

    /// A key as it is written, also when it was disguised.
    func text(ofKey scalar: Node.Scalar) -> String {
        guard let mark = scalar.mark, let first = disguised[Position(line: mark.line, column: mark.column)] else {
            return scalar.string
        }
        return String(Character(first)) + String(scalar.string.unicodeScalars.dropFirst())
    }

    /// Yams stops at the first mapping with a doubled key and tells only where that key stands first. So that a doubled
    /// key does not hide all other faults, its first letter is exchanged for one of the private use area, which moves
    /// no column, and the text is parsed again; `Value.entries` then finds and reports the pair.
    private func compose(_ original: String) -> Node? {
        let text = original.hasPrefix("\u{FEFF}") ? String(original.unicodeScalars.dropFirst()) : original
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        lineLengths = lines.map(\.count)
        while true {
            do {
                guard let root = try Yams.compose(yaml: Self.joined(lines), .basic, .default, .utf8) else {
                    report("found an empty file, expected sections such as \"plant:\"", line: 1, column: 1)
                    return nil
                }
                return root
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let mark = context.mark
                guard disguised.count < Limits.doubledKeys, disguise(line: mark.line, column: mark.column, in: &lines)
                else {
                    let keys = names.map { "\"\($0)\"" }.joined(separator: ", ")
                    report("found \(keys) more than once, expected each key once", line: mark.line, column: mark.column)
                    return nil
                }
            } catch let error as YamlError {
                report(error)
                return nil
            } catch {
                report("cannot be parsed: \(error)", line: 1, column: 1)
                return nil
            }
        }
    }

    private static func joined(_ lines: [[Unicode.Scalar]]) -> String {
        var view = String.UnicodeScalarView()
        for (index, line) in lines.enumerated() {
            if index > 0 { view.append("\n") }
            view.append(contentsOf: line)
        }
        return String(view)
    }

    private func disguise(line: Int, column: Int, in lines: inout [[Unicode.Scalar]]) -> Bool {
        guard lines.indices.contains(line - 1) else { return false }
        var at = column - 1
        let quoted = lines[line - 1].indices.contains(at) && "\"'".unicodeScalars.contains(lines[line - 1][at])
        if quoted { at += 1 }
        let position = Position(line: line, column: column)
        guard lines[line - 1].indices.contains(at), disguised[position] == nil else { return false }
        let letter = lines[line - 1][at]
        // Anything else may be an anchor, an alias or an escape, where another letter would change the meaning.
        guard letter.properties.isAlphabetic || letter.properties.numericType != nil || letter == "_" else {
            return false
        }
        guard let stand = Unicode.Scalar(0xE000 + UInt32(disguised.count)) else { return false }
        disguised[position] = letter
        lines[line - 1][at] = stand
        return true
    }
}

extension Document {
    private func report(_ error: YamlError) {
        switch error {
        case .composer(.some, _, let mark, _):
            report("found a second document, expected one in a file", line: mark.line, column: mark.column)
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            report("not YAML: \(problem)\(context.map { " \($0.text)" } ?? "")", line: mark.line, column: mark.column)
        case .reader(let problem, let offset, _, let text):
            let before = text.prefix(offset ?? 0)
            let line = before.count { $0.isNewline } + 1
            let column = before.reversed().prefix { !$0.isNewline }.count + 1
            report("not YAML: \(problem)", line: line, column: column)
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded, .duplicatedKeysInMapping:
            report("cannot be parsed: \(error)", line: 1, column: 1)
        }
    }

    private func report(_ message: String, line: Int, column: Int) {
        findings.report(message, at: place(line: line, column: column))
    }
}
