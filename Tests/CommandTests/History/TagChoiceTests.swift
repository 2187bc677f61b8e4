import Archive
import Testing

@testable import cupel

struct TagChoiceTests {
    static let tags = ["@lines", "F-01.melt_temp", "F-01.phase", "F-02.melt_temp", "P-1.flow"].enumerated()
        .map { StoredTag.analog(Int64($0), $1) }

    @Test(arguments: [
        (["F-01.phase"], ["F-01.phase"]),
        (["*.melt_temp"], ["F-01.melt_temp", "F-02.melt_temp"]),
        (["*"], ["F-01.melt_temp", "F-01.phase", "F-02.melt_temp", "P-1.flow"]),
        (["/^F-0[2-9]/"], ["F-02.melt_temp"]),
        (["/flow|phase/"], ["F-01.phase", "P-1.flow"]),
        // Cupel's own figures only when they are named.
        (["/./"], ["F-01.melt_temp", "F-01.phase", "F-02.melt_temp", "P-1.flow"]),
        (["/^@/"], ["@lines"]),
        // In the order asked for, each once.
        (["P-1.flow", "/melt/", "*"], ["P-1.flow", "F-01.melt_temp", "F-02.melt_temp", "F-01.phase"]),
    ])
    func chooses(texts: [String], expected: [String]) throws {
        #expect(try texts.map { try TagChoice($0) }.chosen(from: Self.tags).map(\.name) == expected)
    }

    @Test func namesWhatIsMissing() throws {
        let choices = try [TagChoice("*.flow"), TagChoice("/furnace/")]
        let error = #expect(throws: NoSuchTag.self) { try choices.chosen(from: Self.tags) }
        #expect(error?.text == "/furnace/")
    }

    @Test func aBrokenExpressionIsRefused() {
        #expect(throws: (any Error).self) { try TagChoice("/(/") }
    }
}
