import Plant
import TestSupport
import Testing

@testable import PlantConfiguration

@Suite struct LogicTextTests {
    /// The statement again, every part in brackets.
    private static func text(_ node: LogicText.Node) -> String {
        func list(_ nodes: [LogicText.Node], _ separator: String) -> String {
            nodes.map(text).joined(separator: separator)
        }
        return switch node {
        case .holds(let name): name.text
        case .compare(let a, let comparison, let b, _): "\(text(a)) \(comparison.rawValue) \(text(b))"
        case .isOne(let name, let values): "\(name.text) in [\(values.map(text).joined(separator: " "))]"
        case .anyBit(let name, let mask): "bits(\(name.text) \(mask))"
        case .alarm(let name): "alarm(\(name.text))"
        case .not(let node): "!(\(text(node)))"
        case .all(let nodes): "(\(list(nodes, " & ")))"
        case .any(let nodes): "(\(list(nodes, " | ")))"
        case .atLeast(let count, let nodes): "\(count)(\(list(nodes, "; ")))"
        }
    }

    private static func text(_ operand: LogicText.Operand) -> String {
        switch operand {
        case .tag(let name): name.text
        case .state(let name): "'\(name.text)'"
        case .number(let number): number.short
        }
    }

    @Test(
        arguments: [
            ("a.b", "a.b"),
            ("a.b and c.d or e.f", "((a.b & c.d) | e.f)"),
            ("a.b or c.d and e.f", "(a.b | (c.d & e.f))"),
            ("(a.b or c.d) and e.f", "((a.b | c.d) & e.f)"),
            ("a.b and c.d and e.f", "(a.b & c.d & e.f)"),
            ("not a.b and c.d", "(!(a.b) & c.d)"),
            ("not (a.b and c.d)", "!((a.b & c.d))"),
            ("not not a.b", "!(!(a.b))"),
            ("a.b<5", "a.b < 5"),
            ("a.b <= -5.5", "a.b <= -5.5"),
            ("5 != a.b", "5 != a.b"),
            ("a.b>=c-1.d", "a.b >= c-1.d"),
            ("a.b == soak", "a.b == 'soak'"),
            ("a.b == \"leak check\"", "a.b == 'leak check'"),
            ("a.b == 'in'", "a.b == 'in'"),
            ("a.b == pump-down", "a.b == 'pump-down'"),
            ("a.b in (soak, 80)", "a.b in ['soak' 80]"),
            ("a.b not in (soak)", "!(a.b in ['soak'])"),
            ("not a.b in (soak)", "!(a.b in ['soak'])"),
            ("2 of (a.b, c.d or e.f, g.h > 3)", "2(a.b; (c.d | e.f); g.h > 3)"),
            ("1 of (a.b)", "1(a.b)"),
            ("alarm hot and a.b", "(alarm(hot) & a.b)"),
            ("alarm hot:F-01.melt_temp", "alarm(hot:F-01.melt_temp)"),
            ("alarm late-scans:F-01/fast", "alarm(late-scans:F-01/fast)"),
            ("@group/F-01/fast.late > 1e3", "@group/F-01/fast.late > 1000"),
            ("F-*.pv > +0x10", "F-*.pv > 16"),
            ("bits(a.b, 0x8000)", "bits(a.b 32768)"),
            ("a.b == true", "a.b == 'true'"),
        ])
    func isReadAsWritten(_ statement: String, _ meaning: String) throws {
        #expect(Self.text(try LogicText(statement).root) == meaning)
    }

    @Test func namesKnowTheirPlace() throws {
        guard case .all(let nodes) = try LogicText("a.b and  alarm hot").root, case .alarm(let name) = nodes[1] else {
            Issue.record("expected two parts, the second an alarm")
            return
        }
        #expect(name == LogicText.Name(text: "hot", character: 16))
    }

    @Test func lengthAndDepthAreLimited() {
        let deep = String(repeating: "(", count: 32) + "a.b" + String(repeating: ")", count: 32)
        #expect(throws: Expected.self) { try LogicText(deep) }
        #expect(throws: Never.self) { try LogicText(String(deep.dropFirst().dropLast())) }
        #expect(throws: Expected.self) { try LogicText(String(repeating: "not ", count: 32) + "a.b") }
        let long = "a.b" + String(repeating: " or a.b", count: 142)
        #expect(long.count == 997)
        #expect(throws: Never.self) { try LogicText(long) }
        #expect(throws: Expected.self) { try LogicText(long + " or c.d") }
    }

    /// Words and signs in any order are read or refused with a place within the text.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func nothingCrashesIt(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let parts = [
            "a.b", "c", "5", "-1", "0x", "1e999", "(", ")", ",", "and", "or", "not", "in", "of", "alarm", "bits", "<",
            "=", "==",
            "!", "!=", "'", "\"x\"", "*", "é", "\u{1F525}", ":", "",
        ]
        var understood = 0
        for _ in 0..<2000 {
            let statement = (0..<Int.random(in: 1...7, using: &random)).compactMap { _ in
                parts.randomElement(using: &random)
            }.joined(separator: " ")
            do throws(Expected) {
                _ = try LogicText(statement)
                understood += 1
            } catch {
                let place = error.found?.firstMatch(of: /at character ([0-9]+)/).flatMap { Int($0.1) } ?? 1
                #expect((1...statement.count + 1).contains(place), "seed \(seed): \(statement)")
            }
        }
        #expect(understood > 5, "seed \(seed)")
    }
}
