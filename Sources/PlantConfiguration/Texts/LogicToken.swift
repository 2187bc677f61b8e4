/// A number, a name or a sign of a logic text, and the character it stands at, counted from 1.
struct LogicToken {
    enum Kind: Equatable {
        case number(Double)
        /// A tag, an alarm, a state or a keyword. There is no arithmetic, so `-`, `*` and `/` belong to names.
        case word(String)
        /// In quotes: always the name of a state, for states with spaces or of the name of a keyword.
        case quoted(String)
        case symbol(String)
    }

    let kind: Kind
    let text: String
    let character: Int

    static func tokens(of text: String) throws(Expected) -> [LogicToken] {
        let characters = Array(text)
        var tokens: [LogicToken] = []
        var at = 0
        while at < characters.count {
            guard !characters[at].isWhitespace else {
                at += 1
                continue
            }
            let (kind, length) = try token(characters[at...])
            tokens.append(LogicToken(kind: kind, text: String(characters[at..<at + length]), character: at + 1))
            at += length
        }
        return tokens
    }

    private static func token(_ rest: ArraySlice<Character>) throws(Expected) -> (Kind, length: Int) {
        guard let first = rest.first else { throw Expected(LogicText.form) }
        let second = rest.dropFirst().first
        switch first {
        case "(", ")", ",": return (.symbol(String(first)), 1)
        case "<", ">", "=", "!":
            let length = second == "=" ? 2 : 1
            let symbol = String(rest.prefix(length))
            guard symbol != "=", symbol != "!" else {
                throw Expected(
                    symbol == "=" ? "== for a comparison" : "!= or not",
                    found: "\(symbol.quoted) at character \(rest.startIndex + 1)")
            }
            return (.symbol(symbol), length)
        case "\"", "'":
            guard let close = rest.dropFirst().firstIndex(of: first) else {
                throw Expected("\(first) behind the state", found: "\(first) at character \(rest.startIndex + 1)")
            }
            return (.quoted(String(rest[rest.startIndex + 1..<close])), close - rest.startIndex + 1)
        case _ where first.isASCIIDigit || "+-.".contains(first) && second?.isASCIIDigit == true:
            return try number(rest)
        case _ where isOfWord(first):
            let word = rest.prefix(while: isOfWord)
            return (.word(String(word)), word.count)
        default:
            throw Expected(
                "a tag, a number, a word or one of < <= == != >= > ( )",
                found: "\(String(first).quoted) at character \(rest.startIndex + 1)")
        }
    }

    private static func isOfWord(_ character: Character) -> Bool {
        character.isASCIILetter || character.isASCIIDigit || "_-.*:/@".contains(character)
    }

    /// `70`, `-0.5`, `1.6e-3`, `0x0010`.
    private static func number(_ rest: ArraySlice<Character>) throws(Expected) -> (Kind, length: Int) {
        var length = 0
        var previous: Character = "e"
        for character in rest {
            let isSign = "+-".contains(character) && "eE".contains(previous)
            guard isOfWord(character) && character != "-" || isSign else { break }
            previous = character
            length += 1
        }
        let text = String(rest.prefix(length))
        let number: Double? =
            switch PlainScalar(plain: text) {
            case .integer(let integer): Double(integer)
            case .number(let number): number
            case .nothing, .flag, .doubtfulNumber, .text: nil
            }
        guard let number else {
            throw Expected("a number", found: "\(text.quoted) at character \(rest.startIndex + 1)")
        }
        return (.number(number), length)
    }
}
