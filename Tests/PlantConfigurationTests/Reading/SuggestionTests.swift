import Testing

@testable import PlantConfiguration

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("", "abc", 3), ("abc", "abc", 0), ("timeuot", "timeout", 1), ("adress", "address", 1), ("scan", "scale", 2),
        ("kitten", "sitting", 3),
    ])
    func countsInsertionsDeletionsExchangesAndSwaps(_ a: String, _ b: String, _ distance: Int) {
        #expect(a.editDistance(to: b) == distance)
        #expect(b.editDistance(to: a) == distance)
    }

    @Test func suggestsOnlyWhatIsNear() {
        #expect("adress".nearest(of: ["name", "address"]) == "address")
        #expect("colour".nearest(of: ["name", "address"]) == nil)
        #expect("x".nearest(of: []) == nil)
    }

    @Test func aChoiceReadsAsASentence() {
        #expect(["a", "b", "c"].asChoice == "a, b or c")
        #expect(["a"].asChoice == "a")
        #expect([String]().asChoice == "nothing")
    }

    @Test func aChoiceOfThousandsIsCutShort() {
        let words = (0..<3000).map { "C-\($0)" }
        #expect(words.asChoice.hasSuffix("C-48, C-49 or one of 2950 more"))
        #expect(words.prefix(50).map { $0 }.asChoice.hasSuffix("C-48 or C-49"))
    }
}
