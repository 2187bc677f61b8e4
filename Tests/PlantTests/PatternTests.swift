import Plant
import Testing

@Suite struct PatternTests {
    @Test(
        arguments: [
            ("F-01.melt_temp", "F-01.melt_temp", []),
            ("F-*.melt_temp", "F-01.melt_temp", ["01"]),
            ("F-*.melt_temp", "F-.melt_temp", [""]),
            ("*.purity", "EC-01.purity", ["EC-01"]),
            ("*", "anything.at_all", ["anything.at_all"]),
            ("*", "", [""]),
            ("*.*", "F-01.melt_temp", ["F-01", "melt_temp"]),
            ("*-*.*", "F-01.pv", ["F", "01", "pv"]),
            ("**", "ab", ["", "ab"]),
            ("a*a", "aa", [""]),
            ("a*b*c", "abbc", ["", "b"]),
            ("*ab*", "aab", ["a", ""]),
            ("F-*", "F-01.öl", ["01.öl"]),
        ] as [(String, String, [String])])
    func wildcardsTakeAsLittleAsTheyCanFromTheLeft(pattern: String, name: String, captures: [String]) {
        #expect(NamePattern(pattern).captures(name) == captures)
        #expect(NamePattern(pattern).matches(name))
    }

    @Test(arguments: [
        ("F-01.melt_temp", "F-02.melt_temp"), ("F-01.melt_temp", "F-01.melt_temp_2"),
        ("F-*.melt_temp", "EC-01.melt_temp"),
        ("F-*.melt_temp", "F-01.melt_temp_2"), ("a*a", "a"), ("ab*ba", "aba"), ("*x*", "abc"), ("a*b*c", "acb"),
        ("", "a"), ("f-*", "F-01"), ("*.purity", "purity"),
    ])
    func namesThatDoNotMatchHaveNoCaptures(pattern: String, name: String) {
        #expect(NamePattern(pattern).captures(name) == nil)
        #expect(!NamePattern(pattern).matches(name))
    }

    @Test(arguments: [
        ("F-*.phase", ["01"], "F-01.phase"), ("*.phase", ["F-01", "more"], "F-01.phase"),
        ("plain", ["unused"], "plain"), ("*-*", ["a", "b"], "a-b"), ("*", [""], ""),
    ])
    func capturesFillTheWildcardsInOrder(pattern: String, captures: [String], name: String) {
        #expect(NamePattern(pattern).filled(with: captures) == name)
    }

    @Test func tooFewCapturesFillNothing() {
        #expect(NamePattern("*-*").filled(with: ["a"]) == nil)
        #expect(NamePattern("*").filled(with: []) == nil)
    }

    @Test func whatAPatternCapturesFillsItAgain() {
        let patterns = ["*", "F-*.melt_temp", "*.melt_temp", "*-*.*", "F*t*p", "**", "F-01.melt_temp"]
        for pattern in patterns.map(NamePattern.init) {
            let captures = pattern.captures("F-01.melt_temp")
            #expect(captures.flatMap(pattern.filled(with:)) == "F-01.melt_temp", "\(pattern.text)")
        }
    }

    @Test(arguments: [("F-01", false), ("F-*", true), ("*", true), ("", false)])
    func onlyAStarIsAWildcard(pattern: String, wild: Bool) {
        #expect(NamePattern(pattern).isWild == wild)
    }

    /// Every pattern and name of three letters over a small alphabet, beside the obvious recursive definition.
    @Test func shortPatternsAgreeWithTheDefinition() {
        let names = Self.words(over: ["a", "b"], upTo: 4)
        for pattern in Self.words(over: ["a", "b", "*"], upTo: 4) {
            for name in names {
                let expected = Self.matches(Array(pattern), Array(name))
                #expect(NamePattern(pattern).matches(name) == expected, "\(pattern) on \(name)")
            }
        }
    }

    private static func words(over letters: [String], upTo length: Int) -> [String] {
        var all = [""]
        var last = [""]
        for _ in 0..<length {
            last = last.flatMap { word in letters.map { word + $0 } }
            all += last
        }
        return all
    }

    private static func matches(_ pattern: [Character], _ name: [Character]) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return (0...name.count).contains { matches(Array(pattern.dropFirst()), Array(name.dropFirst($0))) }
        }
        return name.first == first && matches(Array(pattern.dropFirst()), Array(name.dropFirst()))
    }
}
