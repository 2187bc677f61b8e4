import Plant

extension KeyForm {
    /// What may stand there, for people.
    var words: String {
        switch self {
        case .text(let words, _): words
        case .duration(let range): "\(range.lowerBound.configured) to \(range.upperBound.configured)"
        case .integer(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
        case .number(let bounds): bounds.words
        case .flag: "`true` or `false`"
        case .choice(let values): values.map { "`\($0.yaml)`" }.asAlternatives
        case .list(let form, let count): "a list\(count.ofItems), each \(form.words)"
        case .section(let section): "the keys of *\(section.name)*"
        case .named(let names, _, let form): "for each key (\(names)): \(form.words)"
        case .oneOrMore(let form, let count): "\(form.words); or a list\(count.ofItems) of them"
        case .either(let forms): forms.map(\.words).joined(separator: "; or ")
        }
    }

    /// Whether a duration may stand there, which has its unit with it.
    var hasDuration: Bool {
        switch self {
        case .duration: true
        case .either(let forms): forms.contains(where: \.hasDuration)
        case .list(let form, _), .named(_, _, let form), .oneOrMore(let form, _): form.hasDuration
        case .text, .integer, .number, .flag, .choice, .section: false
        }
    }
}

extension KeyReference {
    /// The unit, for people: that of a duration is written with it.
    var unitWords: String { unit ?? (form.hasDuration ? Duration.configurationUnits.joined(separator: ", ") : "-") }
}

extension KeyReference.Presence {
    /// What holds without the key, for people.
    var words: String {
        switch self {
        case .required: "required"
        case .usual(let value): "default `\(value.yaml)`"
        case .optional(let words): words.hasPrefix("required") ? words : "default: \(words)"
        }
    }
}

extension KeyRule<String> {
    /// For people, a sentence.
    var words: String {
        func choice(_ keys: [String]) -> String { keys.map { "`\($0)`" }.asAlternatives }
        return switch self {
        case .exactlyOne(let keys): "Exactly one of \(choice(keys))."
        case .atLeastOne(let keys): "At least one of \(choice(keys))."
        case .atMostOne(let keys): "At most one of \(choice(keys))."
        case .needs(let key, let other): "`\(key)` only with `\(other)`."
        }
    }
}

extension NumberBounds {
    fileprivate var words: String {
        switch (low, high) {
        case (nil, nil): "a number"
        case (let low?, nil): isAbove ? "a number above \(low.short)" : "a number of at least \(low.short)"
        case (nil, let high?): "a number up to \(high.short)"
        case (let low?, let high?):
            isAbove ? "a number above \(low.short), up to \(high.short)" : "a number, \(low.short) to \(high.short)"
        }
    }
}

extension ClosedRange<Int> {
    fileprivate var ofItems: String {
        if lowerBound == upperBound { return " of \(lowerBound)" }
        if upperBound < Int.max {
            return lowerBound > 0 ? " of \(lowerBound) to \(upperBound)" : " of at most \(upperBound)"
        }
        return lowerBound > 0 ? " of at least \(lowerBound)" : ""
    }
}

extension [String] {
    /// All of them: a reference leaves none out, however many there are.
    fileprivate var asAlternatives: String {
        guard let last, count > 1 else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
