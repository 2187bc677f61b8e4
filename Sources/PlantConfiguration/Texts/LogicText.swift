import Plant

/// A statement as a person writes it, `F-01.phase in (soak, cast) and not F-01.permit_water`, its names not yet looked
/// up.
///
///     statement := and-part {or and-part}          and-part := not-part {and not-part}
///     not-part  := [not] ( (statement) | N of (statement, …) | alarm NAME | bits(TAG, MASK) | comparison )
///     comparison := operand [not] in (value, …) | operand < <= == != >= > operand | TAG
///
/// A tag is called by its full name. A word without a `.`, and anything in quotes, is the name of a state.
struct LogicText {
    let text: String
    let root: Node

    static let form = "a statement such as \"F-01.phase == soak and F-01.power > 20\""

    /// A name and the character it stands at, counted from 1.
    struct Name: Equatable {
        let text: String
        let character: Int
    }

    enum Operand: Equatable {
        case tag(Name)
        case state(Name)
        case number(Double)
    }

    indirect enum Node: Equatable {
        /// A flag alone.
        case holds(Name)
        case compare(Operand, Logic.Comparison, Operand, at: Int)
        case isOne(Name, of: [Operand])
        case anyBit(Name, of: UInt64)
        case alarm(Name)
        case not(Node)
        case all([Node])
        case any([Node])
        case atLeast(Int, [Node])
    }

    init(_ text: String) throws(Expected) {
        guard text.count <= Limits.logicLength else {
            throw Expected("at most \(Limits.logicLength) characters", found: "\(text.count) characters")
        }
        var parser = LogicParser(tokens: try LogicToken.tokens(of: text), end: text.count + 1)
        root = try parser.whole()
        self.text = text
    }
}

/// Recursive descent: or, and, not, and what stands alone.
private struct LogicParser {
    let tokens: [LogicToken]
    /// One past the last character.
    let end: Int
    private var next = 0
    private var depth = 0

    private static let keywords: Set = ["and", "or", "not", "in", "of", "alarm", "bits"]
    private static let part = "a tag, a number, not, alarm, bits or ("

    init(tokens: [LogicToken], end: Int) { (self.tokens, self.end) = (tokens, end) }

    mutating func whole() throws(Expected) -> LogicText.Node {
        let root = try statement()
        guard next == tokens.count else { throw unexpected("and, or, or the end") }
        return root
    }

    private mutating func statement() throws(Expected) -> LogicText.Node {
        var nodes = [try conjunction()]
        while take("or") { nodes.append(try conjunction()) }
        return nodes.count == 1 ? nodes[0] : .any(nodes)
    }

    private mutating func conjunction() throws(Expected) -> LogicText.Node {
        var nodes = [try negation()]
        while take("and") { nodes.append(try negation()) }
        return nodes.count == 1 ? nodes[0] : .all(nodes)
    }

    private mutating func negation() throws(Expected) -> LogicText.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.logicDepth else {
            throw unexpected("at most \(Limits.logicDepth) parentheses in each other")
        }
        if take("not") { return .not(try negation()) }
        guard next < tokens.count else { throw unexpected(Self.part) }
        let token = tokens[next]
        switch token.kind {
        case .symbol("("):
            next += 1
            let node = try statement()
            try close("and, or, or )")
            return node
        case .word("alarm"):
            next += 1
            return .alarm(try name("the name of an alarm"))
        case .word("bits"):
            next += 1
            return try bits()
        case .number(let count) where isWord("of", after: 1):
            next += 2
            return try vote(count, token)
        case .number, .word, .quoted: return try comparison()
        case .symbol: throw unexpected(Self.part)
        }
    }

    private mutating func vote(_ count: Double, _ token: LogicToken) throws(Expected) -> LogicText.Node {
        try open()
        var nodes = [try statement()]
        while takeSymbol(",") { nodes.append(try statement()) }
        try close("and, or, a comma or )")
        guard let need = Int(exactly: count), (1...nodes.count).contains(need) else {
            throw Expected("1 to \(nodes.count) of them", found: "\(token.text) at character \(token.character)")
        }
        return .atLeast(need, nodes)
    }

    private mutating func bits() throws(Expected) -> LogicText.Node {
        try open()
        let tag = try name("a tag")
        guard takeSymbol(",") else { throw unexpected("a comma and the bits, such as 0x0010") }
        guard next < tokens.count, case .number(let number) = tokens[next].kind, number >= 1,
            let mask = UInt64(exactly: number)
        else { throw unexpected("the bits, such as 0x0010") }
        next += 1
        try close(")")
        return .anyBit(tag, of: mask)
    }

    private mutating func comparison() throws(Expected) -> LogicText.Node {
        let start = next
        let left = try operand()
        let isNegated = isWord("not") && isWord("in", after: 1)
        if isNegated { next += 1 }
        if take("in") {
            guard case .tag(let tag) = left else { throw unexpected("a tag in front of \"in\"", at: start) }
            try open()
            var values = [try operand()]
            while takeSymbol(",") { values.append(try operand()) }
            try close("a comma or )")
            let node = LogicText.Node.isOne(tag, of: values)
            return isNegated ? .not(node) : node
        }
        if next < tokens.count, case .symbol(let symbol) = tokens[next].kind,
            let comparison = Logic.Comparison(rawValue: symbol)
        {
            next += 1
            return .compare(left, comparison, try operand(), at: tokens[start].character)
        }
        guard case .tag(let tag) = left else {
            throw unexpected("a comparison: one of < <= == != >= >, or in")
        }
        return .holds(tag)
    }

    private mutating func operand() throws(Expected) -> LogicText.Operand {
        guard next < tokens.count else { throw unexpected("a tag, a state or a number") }
        let token = tokens[next]
        switch token.kind {
        case .number(let number):
            next += 1
            return .number(number)
        case .quoted(let state):
            next += 1
            return .state(LogicText.Name(text: state, character: token.character))
        case .word(let word) where !Self.keywords.contains(word):
            next += 1
            let name = LogicText.Name(text: word, character: token.character)
            return word.contains(".") || word.contains("*") ? .tag(name) : .state(name)
        case .word, .symbol: throw unexpected("a tag, a state or a number")
        }
    }

    private mutating func name(_ expected: String) throws(Expected) -> LogicText.Name {
        guard next < tokens.count, case .word(let word) = tokens[next].kind, !Self.keywords.contains(word) else {
            throw unexpected(expected)
        }
        next += 1
        return LogicText.Name(text: word, character: tokens[next - 1].character)
    }

    private func isWord(_ word: String, after count: Int = 0) -> Bool {
        next + count < tokens.count && tokens[next + count].kind == .word(word)
    }

    private mutating func take(_ keyword: String) -> Bool {
        guard isWord(keyword) else { return false }
        next += 1
        return true
    }

    private mutating func takeSymbol(_ symbol: String) -> Bool {
        guard next < tokens.count, tokens[next].kind == .symbol(symbol) else { return false }
        next += 1
        return true
    }

    private mutating func open() throws(Expected) { guard takeSymbol("(") else { throw unexpected("(") } }

    private mutating func close(_ expected: String) throws(Expected) {
        guard takeSymbol(")") else { throw unexpected(expected) }
    }

    private func unexpected(_ expected: String, at index: Int? = nil) -> Expected {
        let index = index ?? next
        guard index < tokens.count else { return Expected(expected, found: "the end at character \(end)") }
        return Expected(expected, found: "\(tokens[index].text.quoted) at character \(tokens[index].character)")
    }
}
