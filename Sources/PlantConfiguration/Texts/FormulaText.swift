import Plant

/// A formula as a person writes it, `(U - 1.6) / I`, its names not yet looked up.
///
/// A name begins with a letter or `_` and takes every letter, digit, `_`, `-` and `.` behind it, because tags and
/// controllers are called so: `a-b` is one tag, `a - b` a difference. Any other name stands in brackets: `[2nd-pv]`.
struct FormulaText {
    /// The formula; its tags are indices of `names`.
    let formula: Formula
    /// The names in the order of first use, with the character they stand at, counted from 1.
    let names: [Name]

    struct Name: Equatable {
        let text: String
        let character: Int
    }

    static let form = "a formula such as \"(cell_voltage - 1.6) / cell_current\""

    init(_ text: String) throws(Expected) {
        guard text.count <= Limits.formulaLength else {
            throw Expected("at most \(Limits.formulaLength) characters", found: "\(text.count) characters")
        }
        var parser = FormulaParser(tokens: try FormulaToken.tokens(of: text), end: text.count + 1)
        let root = try parser.whole()
        guard !parser.names.isEmpty else { throw Expected("at least one tag in a formula") }
        (formula, names) = (Formula(text: text, root: root), parser.names)
    }
}

/// Recursive descent: sum, product, sign, power, operand. A power binds closer than the sign in front of it, and joins
/// from the right: `-a^2` is `-(a^2)`, `2^3^2` is `2^9`.
private struct FormulaParser {
    let tokens: [FormulaToken]
    /// One past the last character.
    let end: Int
    var names: [FormulaText.Name] = []
    private var next = 0
    private var depth = 0

    init(tokens: [FormulaToken], end: Int) { (self.tokens, self.end) = (tokens, end) }

    mutating func whole() throws(Expected) -> Formula.Node {
        let root = try sum()
        guard next == tokens.count else { throw unexpected("an operator, or the end") }
        return root
    }

    private mutating func sum() throws(Expected) -> Formula.Node {
        var node = try product()
        while true {
            if take(.symbol("+")) {
                node = .add(node, try product())
            } else if take(.symbol("-")) {
                node = .subtract(node, try product())
            } else {
                return node
            }
        }
    }

    private mutating func product() throws(Expected) -> Formula.Node {
        var node = try signed()
        while true {
            if take(.symbol("*")) {
                node = .multiply(node, try signed())
            } else if take(.symbol("/")) {
                node = .divide(node, try signed())
            } else {
                return node
            }
        }
    }

    private mutating func signed() throws(Expected) -> Formula.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.formulaDepth else {
            throw unexpected("at most \(Limits.formulaDepth) signs, powers and parentheses in each other")
        }
        if take(.symbol("-")) { return .negate(try signed()) }
        let base = try operand()
        return take(.symbol("^")) ? .power(base, try signed()) : base
    }

    private mutating func operand() throws(Expected) -> Formula.Node {
        let expected = "a number, a tag, a function or ("
        guard next < tokens.count else { throw unexpected(expected) }
        let token = tokens[next]
        switch token.kind {
        case .number(let number):
            next += 1
            return .number(number)
        case .bracketed(let name):
            next += 1
            return tag(name, at: token.character)
        case .word(let word):
            next += 1
            return take(.symbol("(")) ? try call(word, at: token.character) : tag(word, at: token.character)
        case .symbol("("):
            next += 1
            let node = try sum()
            guard take(.symbol(")")) else { throw unexpected("an operator or )") }
            return node
        case .symbol: throw unexpected(expected)
        }
    }

    /// The place of a name among the names, once for all its uses.
    private mutating func tag(_ name: String, at character: Int) -> Formula.Node {
        if let index = names.firstIndex(where: { $0.text == name }) { return .tag(index) }
        names.append(FormulaText.Name(text: name, character: character))
        return .tag(names.count - 1)
    }

    private mutating func call(_ word: String, at character: Int) throws(Expected) -> Formula.Node {
        guard let function = Formula.Function(rawValue: word) else {
            throw Expected(
                Formula.Function.allCases.map(\.rawValue).asChoice(near: word),
                found: "function \(word.quoted) at character \(character)")
        }
        var arguments = [try sum()]
        while take(.symbol(",")) { arguments.append(try sum()) }
        guard take(.symbol(")")) else { throw unexpected("an operator, a comma or )") }
        guard function.arguments.contains(arguments.count) else {
            let (low, high) = (function.arguments.lowerBound, function.arguments.upperBound)
            throw Expected(
                low == high ? "\(low)" : "\(low) to \(high)",
                found: "\(arguments.count) arguments of \(word) at character \(character)")
        }
        return .call(function, arguments)
    }

    private mutating func take(_ kind: FormulaToken.Kind) -> Bool {
        guard next < tokens.count, tokens[next].kind == kind else { return false }
        next += 1
        return true
    }

    private func unexpected(_ expected: String) -> Expected {
        guard next < tokens.count else { return Expected(expected, found: "the end at character \(end)") }
        return Expected(expected, found: "\(tokens[next].text.quoted) at character \(tokens[next].character)")
    }
}
