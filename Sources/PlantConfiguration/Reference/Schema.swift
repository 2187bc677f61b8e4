import Plant

extension ConfigurationReference {
    /// A JSON Schema of the file, draft 2020-12, for editors and other checkers.
    ///
    /// It knows the keys, the forms and the bounds that can be said there; what depends on another file, and how
    /// long a duration is, only `cupel check` knows.
    public static func jsonSchema(of file: File) -> String {
        let sections = file.section.tree.map(\.section)
        var definitions: [String: JSON?] = [:]
        for section in sections.dropFirst() { definitions[section.name] = section.schema }
        guard case .object(var schema) = file.section.schema else { return "" }
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = .text(file == .cupel ? "cupel.yaml" : "A register map of Cupel")
        schema["$defs"] = .object(definitions)
        return JSON.object(schema).lines + "\n"
    }
}

extension SectionReference {
    /// An object with these keys and no others.
    fileprivate var schema: JSON {
        var members: [String: JSON?] = [
            "type": "object", "description": .text(text), "additionalProperties": .flag(false),
            "properties": .object(Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0.reference.schema) })),
        ]
        let required = keys.filter { $0.reference.presence == .required }.map { JSON.text($0.name) }
        if !required.isEmpty { members["required"] = .list(required) }
        if !rules.isEmpty { members["allOf"] = .list(rules.map(\.schema)) }
        return .object(members)
    }
}

extension KeyRule<String> {
    fileprivate var schema: JSON {
        func has(_ key: String) -> JSON { ["required": [.text(key)]] }
        return switch self {
        case .exactlyOne(let keys): ["oneOf": .list(keys.map(has))]
        case .atLeastOne(let keys): ["anyOf": .list(keys.map(has))]
        case .atMostOne(let keys): ["oneOf": .list(keys.map(has) + [["not": ["anyOf": .list(keys.map(has))]]])]
        case .needs(let key, let other): ["dependentRequired": .object([key: [.text(other)]])]
        }
    }
}

extension KeyReference {
    fileprivate var schema: JSON {
        guard case .object(var members) = form.schema else { return form.schema }
        members["description"] = .text(sentences)
        if case .usual(let usual) = presence { members["default"] = usual }
        return .object(members)
    }

    /// Form, default, unit and consequence, for who sees only this.
    private var sentences: String {
        var facts = [form.words.capitalizedFirst]
        if let unit { facts.append("Unit: \(unit)") }
        facts.append(presence.words.capitalizedFirst)
        return facts.map { $0 + ". " }.joined() + text
    }
}

extension KeyForm {
    fileprivate var schema: JSON {
        switch self {
        case .text(_, let pattern?): ["type": "string", "pattern": .text(pattern)]
        case .text(_, nil): ["type": "string", "minLength": .count(1)]
        case .duration: ["type": "string", "pattern": .text(Duration.configurationPattern)]
        case .integer(let range):
            ["type": "integer", "minimum": .count(range.lowerBound), "maximum": .count(range.upperBound)]
        case .number(let bounds): bounds.schema
        case .flag: ["type": "boolean"]
        case .choice(let values): ["enum": .list(values)]
        case .list(let form, let count):
            .object([
                "type": "array", "items": form.schema,
                "minItems": count.lowerBound > 0 ? .count(count.lowerBound) : nil,
                "maxItems": count.upperBound < Int.max ? .count(count.upperBound) : nil,
            ])
        case .section(let section): ["$ref": .text("#/$defs/\(section.name)")]
        case .named(_, let pattern, let form):
            ["type": "object", "propertyNames": ["pattern": .text(pattern)], "additionalProperties": form.schema]
        case .oneOrMore(let form, let count): KeyForm.either([form, .list(of: form, count: count)]).schema
        case .either(let forms): ["anyOf": .list(forms.map(\.schema))]
        }
    }
}

extension NumberBounds {
    fileprivate var schema: JSON {
        .object([
            "type": "number", "maximum": high.map { .number($0) },
            "minimum": isAbove ? nil : low.map { .number($0) },
            "exclusiveMinimum": isAbove ? low.map { .number($0) } : nil,
        ])
    }
}

extension JSON {
    /// The value on several lines, two spaces a level.
    fileprivate var lines: String { lines(indent: "") }

    private func lines(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .text, .number, .flag: return text
        case .list(let values):
            guard values.contains(where: \.isNested) else {
                return "[" + values.map(\.text).joined(separator: ", ") + "]"
            }
            return "[\n" + values.map { inner + $0.lines(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members):
            let lines = members.sorted { $0.key < $1.key }.compactMap { key, value in
                value.map { "\(inner)\(JSON.text(key).text): \($0.lines(indent: inner))" }
            }
            return lines.isEmpty ? "{}" : "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private var isNested: Bool {
        switch self {
        case .text, .number, .flag: false
        case .list, .object: true
        }
    }
}
