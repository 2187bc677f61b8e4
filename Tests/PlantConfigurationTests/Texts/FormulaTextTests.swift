import Plant
import TestSupport
import Testing

@testable import PlantConfiguration

@Suite struct FormulaTextTests {
    @Test(arguments: [
        ("a+b*c^d", "(#0 + (#1 * (#2 ^ #3)))"), ("a^b*c+d", "(((#0 ^ #1) * #2) + #3)"),
        ("a - b - c", "((#0 - #1) - #2)"), ("a / b / c", "((#0 / #1) / #2)"), ("a^b^c", "(#0 ^ (#1 ^ #2))"),
        ("-a^2", "(-(#0 ^ 2.0))"), ("2^-a", "(2.0 ^ (-#0))"), ("a * -b", "(#0 * (-#1))"), ("--a", "(-(-#0))"),
        ("a - -b", "(#0 - (-#1))"), ("(a + b) * c", "((#0 + #1) * #2)"), (" ( a ) ", "#0"),
        ("a-b", "#0"), ("a -b", "(#0 - #1)"), ("3-a", "(3.0 - #0)"), ("a.b-1", "#0"), ("[2nd] - [a-b]", "(#0 - #1)"),
        ("1e3*a", "(1000.0 * #0)"), (".5E-1*a", "(0.05 * #0)"), ("a*a", "(#0 * #0)"),
        ("[max] + max(a)", "(#0 + max(#1))"),
        ("max + max(max)", "(#0 + max(#0))"), ("mean(a, b, -c)", "mean(#0, #1, (-#2))"),
        ("ln(exp(a))", "ln(exp(#0))"), ("abs (a)", "abs(#0)"), ("log10(a)+sqrt(b)", "(log10(#0) + sqrt(#1))"),
    ])
    func bindsAsWritten(_ text: String, _ expected: String) throws {
        let formula = try FormulaText(text)
        #expect(formula.formula.root.outline == expected)
        #expect(formula.formula.text == text)
    }

    @Test func aNameIsListedOnceWithItsFirstPlace() throws {
        let formula = try FormulaText("x * (F-02.y + x) / [x]")
        #expect(formula.names.map(\.text) == ["x", "F-02.y"])
        #expect(formula.names.map(\.character) == [1, 6])
        #expect(formula.formula.inputs == [0, 1])
    }

    @Test(arguments: [
        "", " ", "+", "a +", "+ a", "a b", "a (b)", "(a", "a)", "()", "a,b", "min()", "min(a,)", "sqrt(a, b)", "sin(a)",
        "1", "1 + 2", "a $ b", "a = b", "a ** b", "1.2.3 * a", "1e * a", "1e999 * a", "[a", "a]", "\u{0660}*a", "a%b",
        "a:b", "2nd + a",
    ])
    func refusesWhatHasNoMeaning(_ text: String) {
        #expect(throws: Expected.self) { try FormulaText(text) }
    }

    @Test func itsLimitsAreExact() throws {
        let longest = "a" + String(repeating: "+1", count: (Limits.formulaLength - 1) / 2) + " "
        #expect(longest.count == Limits.formulaLength)
        #expect(try FormulaText(longest).formula.value { _ in 1 } == Double((longest.count - 2) / 2 + 1))
        #expect(throws: Expected.self) { try FormulaText(longest + " ") }
        let deepest = Limits.formulaDepth - 1
        for (open, close) in [("(", ")"), ("-", ""), ("2^", ""), ("abs(", ")")] {
            let text = { (depth: Int) in
                String(repeating: open, count: depth) + "a" + String(repeating: close, count: depth)
            }
            _ = try FormulaText(text(deepest))
            #expect(throws: Expected.self) { try FormulaText(text(deepest + 1)) }
        }
    }

    /// A random tree is written with as few parentheses as the rules allow and must be read as the same tree.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func aTreeSurvivesBeingWritten(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<500 {
            let tree = Formula.Node.add(.tag(0), .random(depth: 4, using: &random))
            let text = tree.written(above: 0)
            guard text.count <= Limits.formulaLength else { continue }
            let read = try FormulaText(text)
            let named = read.formula.renumbered { Int(read.names[$0].text.dropFirst()) ?? -1 }
            #expect(named.root == tree, "seed \(seed) round \(round): \(text)")
        }
    }

    @Test(arguments: [14, 15] as [UInt64])
    func noTextIsTooStrangeToBeRead(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["a", "-", "+", "*", "/", "^", "(", ")", ",", "max", "[", "]", "1", ".", "e", " ", "\u{301}", "@"]
        var understood = 0
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? "a"
            }.joined()
            if let formula = try? FormulaText(text) {
                understood += 1
                _ = formula.formula.value { _ in 1 }
            }
        }
        #expect(understood > 50, "seed \(seed): the pieces should sometimes make a formula")
    }
}

extension Formula.Node {
    fileprivate static func random(depth: Int, using random: inout SeededRandom) -> Formula.Node {
        guard depth > 0 else {
            return Bool.random(using: &random)
                ? .tag(Int.random(in: 0..<9, using: &random))
                : .number(Double(Int.random(in: 0..<99, using: &random)) / 8)
        }
        let a = Formula.Node.random(depth: depth - Int.random(in: 1...3, using: &random), using: &random)
        let b = Formula.Node.random(depth: depth - Int.random(in: 1...3, using: &random), using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return .negate(a)
        case 1: return .add(a, b)
        case 2: return .subtract(a, b)
        case 3: return .multiply(a, b)
        case 4: return .divide(a, b)
        case 5: return .power(a, b)
        default: return .call([.min, .max, .mean].randomElement(using: &random) ?? .min, [a, b])
        }
    }

    /// Sum 1, product 2, sign 3, power 4, operand 5. A node looser than its place is put in parentheses.
    fileprivate func written(above level: Int) -> String {
        let (text, own): (String, Int) =
            switch self {
            case .number(let number): ("\(number)", 5)
            case .tag(let id): ("t\(id)", 5)
            case .negate(let a): ("-\(a.written(above: 3))", 3)
            case .add(let a, let b): ("\(a.written(above: 1)) + \(b.written(above: 2))", 1)
            case .subtract(let a, let b): ("\(a.written(above: 1)) - \(b.written(above: 2))", 1)
            case .multiply(let a, let b): ("\(a.written(above: 2))*\(b.written(above: 3))", 2)
            case .divide(let a, let b): ("\(a.written(above: 2))/\(b.written(above: 3))", 2)
            case .power(let a, let b): ("\(a.written(above: 5))^\(b.written(above: 3))", 4)
            case .call(let function, let arguments):
                ("\(function.rawValue)(\(arguments.map { $0.written(above: 0) }.joined(separator: ", ")))", 5)
            }
        return own < level ? "(\(text))" : text
    }
}
