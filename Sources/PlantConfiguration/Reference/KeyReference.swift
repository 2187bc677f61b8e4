import Plant

/// What people must know of one key of the configuration: what may stand behind it, what it does, and what follows.
///
/// The JSON Schema, the man page and the page of the manual are made from it, so that they cannot differ from each other.
/// Numbers come from the constants that the code uses, so that they cannot differ from that either.
struct KeyReference: Sendable {
    let form: KeyForm
    let presence: Presence
    /// What a bare number counts; `nil` where there is none, and where it is written with the value.
    let unit: String?
    /// What it does, and what follows from too little, too much, or a wrong one. Sentences; words of a file are in
    /// backticks.
    let text: String

    enum Presence: Hashable, Sendable {
        case required
        /// Without the key it is as if this were written.
        case usual(JSON)
        /// Without the key, in words: nothing that could be written has the same meaning everywhere.
        case optional(String)
    }

    static func required(_ form: KeyForm, unit: String? = nil, _ text: String) -> KeyReference {
        KeyReference(form: form, presence: .required, unit: unit, text: text)
    }

    static func optional(_ form: KeyForm, usual: JSON, unit: String? = nil, _ text: String) -> KeyReference {
        KeyReference(form: form, presence: .usual(usual), unit: unit, text: text)
    }

    static func optional(
        _ form: KeyForm, without: String = "none", unit: String? = nil, _ text: String
    ) -> KeyReference {
        KeyReference(form: form, presence: .optional(without), unit: unit, text: text)
    }
}

/// What is said of a section as a whole.
struct SectionAbout: Sendable {
    /// Unique among all sections; words with `-` between them.
    let name: String
    /// What it is for.
    let text: String

    init(_ name: String, _ text: String) { (self.name, self.text) = (name, text) }
}

/// Which keys of a section need or exclude each other.
enum KeyRule<Key: Sendable>: Sendable {
    case exactlyOne([Key])
    case atLeastOne([Key])
    case atMostOne([Key])
    /// The first is of no use without the second.
    case needs(Key, Key)

    func map<Other>(_ transform: (Key) -> Other) -> KeyRule<Other> {
        switch self {
        case .exactlyOne(let keys): .exactlyOne(keys.map(transform))
        case .atLeastOne(let keys): .atLeastOne(keys.map(transform))
        case .atMostOne(let keys): .atMostOne(keys.map(transform))
        case .needs(let key, let other): .needs(transform(key), transform(other))
        }
    }
}

/// A section with its keys, in the order in which the code names them.
struct SectionReference: Sendable {
    let name: String
    let text: String
    let keys: [Key]
    let rules: [KeyRule<String>]

    struct Key: Sendable {
        let name: String
        let reference: KeyReference
    }

    init<Keys: SectionKey>(_: Keys.Type) {
        (name, text) = (Keys.about.name, Keys.about.text)
        keys = Keys.allCases.map { Key(name: $0.rawValue, reference: $0.reference) }
        rules = Keys.rules.map { $0.map(\.rawValue) }
    }
}
