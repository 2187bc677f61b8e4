import Digest

/// How mail carries text beyond ASCII and lines beyond 78 characters: quoted-printable bodies (RFC 2045 6.7) and encoded
/// words in headers (RFC 2047).
enum MailText {
    /// Columns of a line of quoted-printable, with the `=` that continues it.
    private static let columns = 76
    /// Bytes of text in one encoded word: with every one escaped it has 75 characters or less, which is the limit.
    private static let wordBytes = 20

    /// Lines end in CRLF, none is longer than 76 characters.
    static func quotedPrintable(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(quotedLine)
            .joined(separator: "\r\n")
    }

    private static func quotedLine(_ line: Substring) -> String {
        let bytes = Array(line.utf8)
        var lines = ""
        var column = 0
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            let isPlain = (33...126).contains(byte) && byte != UInt8(ascii: "=")
            // A space at the end of a line is lost on the way.
            let isInnerSpace = (byte == 32 || byte == 9) && !isLast
            let piece = isPlain || isInnerSpace ? String(UnicodeScalar(byte)) : escaped(byte)
            if column + piece.utf8.count > columns - 1 {
                lines += "=\r\n"
                column = 0
            }
            lines += piece
            column += piece.utf8.count
        }
        return lines
    }

    /// A header's line or lines, without the last CRLF. No text can begin another header.
    static func header(_ name: String, _ text: String) -> String {
        let words = text.onOneLine.split(separator: " ").map(String.init)
        let isPlain = words.allSatisfy { word in
            word.utf8.count < columns - name.utf8.count - 2 && !word.contains("=?")
                && word.utf8.allSatisfy { (33...126).contains($0) }
        }
        return folded(name, isPlain ? words : encodedWords(words.joined(separator: " ")))
    }

    /// The words in lines that stay within 76 columns wherever a space allows it.
    static func folded(_ name: String, _ words: [String]) -> String {
        var text = "\(name):"
        var column = text.utf8.count
        for word in words {
            if column + 1 + word.utf8.count > columns, column > name.utf8.count + 1 {
                text += "\r\n"
                column = 0
            }
            text += " " + word
            column += 1 + word.utf8.count
        }
        return text
    }

    private static func encodedWords(_ text: String) -> [String] {
        var pieces = [[UInt8]()]
        // No scalar is torn in two: each word is decoded by itself.
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if pieces[pieces.count - 1].count + bytes.count > wordBytes { pieces.append([]) }
            pieces[pieces.count - 1] += bytes
        }
        return pieces.map { piece in
            let quoted = piece.map { byte -> String in
                switch byte {
                case 32: "_"
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    String(UnicodeScalar(byte))
                default: escaped(byte)
                }
            }
            return "=?utf-8?Q?\(quoted.joined())?="
        }
    }

    private static func escaped(_ byte: UInt8) -> String { "=" + CollectionOfOne(byte).hex.uppercased() }
}
