import Plant
import Testing

/// What others typed does not reach a terminal as a command.
@Suite struct PlainTextTests {
    @Test(arguments: [
        ("wiped the window", "wiped the window"), ("", ""), ("a\nb", "a b"), ("a\r\nb", "a b"),
        ("\u{1B}[31mred", " [31mred"),
        ("\u{9B}31mred", " 31mred"), ("a\tb\u{0}c\u{7F}d", "a b c d"), ("\u{85}\u{2028}\u{2029}", "   "),
        ("1502 °C – ü 한국 \u{A0}!", "1502 °C – ü 한국 \u{A0}!"), ("e\u{301}\u{1B}\u{301}", "e\u{301} \u{301}"),
    ])
    func `controls become spaces, everything else stays`(_ text: String, _ expected: String) {
        #expect(text.plainLine == expected)
        #expect(!text.plainLine.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test func `every control character there is`() {
        for value in UInt32(0)...0x9F {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isControl = scalar.properties.generalCategory == .control
            #expect(String(Character(scalar)).plainLine == (isControl ? " " : String(Character(scalar))), "U+\(value)")
        }
    }

    @Test func `a text of several lines keeps them`() {
        #expect("a\u{1B}b\n\nc\r\nd\n".plainLines == "a b\n\nc\nd\n")
    }
}
