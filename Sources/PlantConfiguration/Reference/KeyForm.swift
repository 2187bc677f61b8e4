import Plant

/// What may stand behind a key.
indirect enum KeyForm: Sendable {
    /// Text that is not empty, in words. A bare number is no text: it is written in quotes.
    ///
    /// - Parameter pattern: what it looks like, in the regular expressions of ECMA-262, where these can say it.
    case text(String, pattern: String? = nil)
    case duration(ClosedRange<Duration>)
    case integer(ClosedRange<Int>)
    case number(NumberBounds)
    case flag
    /// One of these words, numbers or flags.
    case choice([JSON])
    case list(of: KeyForm, count: ClosedRange<Int>)
    case section(SectionReference)
    /// A section whose keys are names: what they look like in words and as a pattern, and what stands behind each.
    case named(String, pattern: String, of: KeyForm)
    /// The one thing, or a list of so many.
    case oneOrMore(KeyForm, count: ClosedRange<Int> = 0...Int.max)
    case either([KeyForm])
}

/// Where a number may lie. JSON Schema has words for just these.
struct NumberBounds: Sendable {
    let low: Double?
    let high: Double?
    /// The low end itself is not allowed.
    let isAbove: Bool

    static let any = NumberBounds(low: nil, high: nil, isAbove: false)
    static let positive = NumberBounds(low: 0, high: nil, isAbove: true)
    static let notNegative = NumberBounds(low: 0, high: nil, isAbove: false)

    static func within(_ range: ClosedRange<Double>) -> NumberBounds {
        NumberBounds(low: range.lowerBound, high: range.upperBound, isAbove: false)
    }

    static func above(_ low: Double, upTo high: Double) -> NumberBounds {
        NumberBounds(low: low, high: high, isAbove: true)
    }
}

/// The forms that many keys share.
extension KeyForm {
    private static let nameWords = "a name of at most \(Limits.nameLength) letters, digits, `_` and `-`"
    private static let namePattern = "^[A-Za-z0-9_-]{1,\(Limits.nameLength)}$"

    static let name = KeyForm.text(nameWords, pattern: namePattern)
    static let path = KeyForm.text("a path")
    static let number = KeyForm.number(.any)
    static let positive = KeyForm.number(.positive)
    /// A tag of the same controller.
    static let localTag = KeyForm.text("the name of a tag")
    /// A tag as alarms name it.
    static let tag = KeyForm.text("a full name such as `F-01.melt_temp`, or a pattern such as `\"F-*.melt_temp\"`")
    static let statement = KeyForm.text("a statement such as `\"F-01.phase == soak and F-01.power > 20\"`")
    static let product = KeyForm.text("text of at most \(Limits.nameLength) characters")
    static let pair = KeyForm.list(of: .number, count: 2...2)
    /// A raw or engineering value, or the name of a state.
    static let value = KeyForm.either([.number, .flag, .text("the name of a state")])
    static let priority = KeyForm.choice(of: Priority.self)
    static let window = KeyForm.duration(Limits.window)

    static func section<Key: SectionKey>(of keys: Key.Type) -> KeyForm { .section(SectionReference(keys)) }

    static func choice<Words: CaseIterable & RawRepresentable>(of _: Words.Type) -> KeyForm
    where Words.RawValue == String {
        .choice(Words.allCases.map { .text($0.rawValue) })
    }

    static func list(of form: KeyForm, least: Int = 0) -> KeyForm { .list(of: form, count: least...Int.max) }

    static func named(of form: KeyForm) -> KeyForm { .named(nameWords, pattern: namePattern, of: form) }
}

extension JSON {
    /// A duration as a file has it.
    static func written(_ duration: Duration) -> JSON { .text(duration.configured) }

    static func word<Word: RawRepresentable>(_ word: Word) -> JSON where Word.RawValue == String {
        .text(word.rawValue)
    }

    /// The value in YAML, on one line.
    var yaml: String {
        switch self {
        case .text(let text): PlainScalar(plain: text) == .text ? text : self.text
        case .number, .flag: text
        case .list(let values): "[" + values.map(\.yaml).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.compactMap { key, value in value.map { "\(key): \($0.yaml)" } }
                .joined(separator: ", ") + "}"
        }
    }
}
