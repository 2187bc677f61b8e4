extension String {
    /// The text on one line and without control characters, each of which becomes a space: C0, DEL, C1 and the line and
    /// paragraph separators of Unicode.
    ///
    /// What people and programs elsewhere typed (a reason, a heat, a reader's name, what a pager wrote to its standard
    /// error) must neither break a line in two nor tell a terminal what to do: ESC and U+009B begin its commands.
    public var plainLine: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var plain = ""
        // By character, so that CR LF is one space.
        for character in self {
            if character.isNewline {
                plain.append(" ")
            } else {
                plain.unicodeScalars.append(contentsOf: character.unicodeScalars.map { $0.isControl ? " " : $0 })
            }
        }
        return plain
    }

    /// The same, line by line: for a text that has lines of its own.
    public var plainLines: String {
        split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map { String($0).plainLine }
            .joined(separator: "\n")
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        switch value {
        case ..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }
}
