import Digest
import Plant

extension AlarmLine {
    /// What tells this line from all others, and is the same when it is sent again: its boot, and its number or, where it
    /// has none, the beginning of its hash. Letters, digits, dots and hyphens only: it goes into headers.
    var identity: String { "\(bootName)-\(mark)" }

    /// One name for exactly these lines, whatever was sent of them before.
    static func identity(of lines: ArraySlice<AlarmLine>) -> String {
        guard let first = lines.first, let last = lines.last, lines.count > 1 else {
            return lines.first?.identity ?? ""
        }
        return "\(first.bootName)-\(first.mark)-\(last.mark)-\(lines.count)"
    }

    private var bootName: String { (fields[.boot] ?? "").filter { $0.isPlainWord } }

    private var mark: String {
        if kind == .event || kind == .state, sequence > 0 { return String(sequence) }
        // A digest has a number, if any, from one of its lines; and other bytes when it is sent again.
        if !members.isEmpty {
            return "x" + Digest.sha256(Array(members.map(\.identity).joined().utf8)).hex.prefix(16)
        }
        // The mark of a repeat does not make it another line.
        let first = json.replacing("\"dup\":true", with: "\"dup\":false", maxReplacements: 1)
        return "x" + Digest.sha256(Array(first.utf8)).hex.prefix(16)
    }
}

extension Character {
    fileprivate var isPlainWord: Bool { isASCII && (isLetter || isNumber || self == "." || self == "-") }
}

extension String {
    /// On one line: whatever ends or controls a line, or a terminal, is a space.
    var onOneLine: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory.controls ? " " : $0 }))
    }

    /// The first characters, with an ellipsis where something is missing.
    func clipped(to limit: Int) -> String { count > limit ? prefix(limit - 1) + "\u{2026}" : self }
}

extension Unicode.GeneralCategory {
    fileprivate var controls: Bool { self == .control || self == .lineSeparator || self == .paragraphSeparator }
}
