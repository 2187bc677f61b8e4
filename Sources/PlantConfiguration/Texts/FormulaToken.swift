/// A number, a name or a sign of a formula, and the character it stands at, counted from 1.
struct FormulaToken {
    enum Kind: Equatable {
        case number(Double)
        case word(String)
        /// A name in brackets: never a function.
        case bracketed(String)
        case symbol(Character)
    }

    let kind: Kind
    let text: String
    let character: Int

    static func tokens(of text: String) throws(Expected) -> [FormulaToken] {
        let characters = Array(text)
        var tokens: [FormulaToken] = []
        var at = 0
        while at < characters.count {
            guard !characters[at].isWhitespace else {
                at += 1
                continue
            }
            let (kind, length) = try token(characters[at...])
            tokens.append(FormulaToken(kind: kind, text: String(characters[at..<at + length]), character: at + 1))
            at += length
        }
        return tokens
    }

    private static func token(_ rest: ArraySlice<Character>) throws(Expected) -> (Kind, length: Int) {
        guard let first = rest.first else { throw Expected(FormulaText.form) }
        switch first {
        case "+", "-", "*", "/", "^", "(", ")", ",": return (.symbol(first), 1)
        case "[":
            guard let close = rest.firstIndex(of: "]") else {
                throw Expected("] behind the name", found: "[ at character \(rest.startIndex + 1)")
            }
            return (.bracketed(String(rest[rest.startIndex + 1..<close])), close - rest.startIndex + 1)
        case _ where first.isASCIIDigit || first == ".": return try number(rest)
        case _ where first.isASCIILetter || first == "_":
            let word = rest.prefix { $0.isASCIILetter || $0.isASCIIDigit || "_-.".contains($0) }
            return (.word(String(word)), word.count)
        default:
            throw Expected(
                "a number, a tag, a function or one of + - * / ^ ( )",
                found: "\(String(first).quoted) at character \(rest.startIndex + 1)")
        }
    }

    /// `2`, `.5`, `1.6e-3`: a sign belongs to it only behind an e.
    private static func number(_ rest: ArraySlice<Character>) throws(Expected) -> (Kind, length: Int) {
        var length = 0
        var previous: Character = " "
        for character in rest {
            let isExponentSign = "+-".contains(character) && "eE".contains(previous)
            guard character.isASCIIDigit || ".eE".contains(character) || isExponentSign else { break }
            previous = character
            length += 1
        }
        let text = String(rest.prefix(length))
        guard let number = Double(text), number.isFinite else {
            throw Expected("a number", found: "\(text.quoted) at character \(rest.startIndex + 1)")
        }
        return (.number(number), length)
    }
}
