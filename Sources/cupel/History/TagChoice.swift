import Archive
import Plant

/// Tags by name: a name, a pattern with `*`, or a regular expression between slashes, `/melt_.*[12]$/`.
///
/// As with `*` at the front of a pattern, Cupel's own figures, whose names begin with `@`, are not meant unless the
/// expression itself names an `@`.
struct TagChoice {
    private enum Kind {
        case pattern(NamePattern)
        case expression(Regex<AnyRegexOutput>, withOwn: Bool)
    }

    let text: String
    private let kind: Kind

    /// - Throws: what is wrong with a regular expression.
    init(_ text: String) throws {
        self.text = text
        if text.count > 2, text.hasPrefix("/"), text.hasSuffix("/") {
            let inner = String(text.dropFirst().dropLast())
            kind = .expression(try Regex(inner), withOwn: inner.contains("@"))
        } else {
            kind = .pattern(NamePattern(text))
        }
    }

    func matches(_ name: String) -> Bool {
        switch kind {
        case .pattern(let pattern): pattern.matches(name)
        case .expression(let expression, let withOwn):
            (withOwn || !name.hasPrefix("@")) && name.firstMatch(of: expression) != nil
        }
    }
}

extension [TagChoice] {
    /// The tags meant, each once, in the order they were asked for.
    ///
    /// - Throws: `NoSuchTag` for a choice that means none.
    func chosen(from tags: [StoredTag]) throws(NoSuchTag) -> [StoredTag] {
        var chosen: [StoredTag] = []
        var names: Set<String> = []
        for choice in self {
            let matching = tags.filter { choice.matches($0.name) }
            guard !matching.isEmpty else { throw NoSuchTag(text: choice.text) }
            chosen += matching.filter { names.insert($0.name).inserted }
        }
        return chosen
    }
}

/// A name or pattern that no tag of the history has.
struct NoSuchTag: Error {
    let text: String
}
