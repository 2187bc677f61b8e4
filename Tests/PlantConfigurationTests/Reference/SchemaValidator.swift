import Foundation
import Plant
import Testing

@testable import PlantConfiguration

/// A validator of JSON Schema, draft 2020-12, for the words that our schemas use. Another word is a fault: it would
/// have to be understood here first.
struct SchemaValidator: Sendable {
    private let root: JSON

    /// Those of both files; empty when one of the texts is no JSON.
    private static let both = try? [ConfigurationReference.File.cupel, .profile].map {
        try SchemaValidator(parsing: $0)
    }

    static func of(_ file: ConfigurationReference.File) throws -> SchemaValidator {
        try #require(both)[file == .cupel ? 0 : 1]
    }

    private init(parsing file: ConfigurationReference.File) throws {
        root = try JSONDecoder().decode(Parsed.self, from: Data(ConfigurationReference.jsonSchema(of: file).utf8)).value
    }

    /// What is wrong with a value, each with its place; empty when nothing is.
    func faults(of value: JSON) -> [String] { faults(of: value, by: root, at: "") }

    /// What is wrong with a value behind a key of a section.
    func faults(of value: JSON, behind key: String, of section: String) -> [String] {
        let object = root.member("$defs")?.member(section) ?? root
        guard let schema = object.member("properties")?.member(key) else { return ["\(section) has no \(key)"] }
        return faults(of: value, by: schema, at: key)
    }

    private func faults(of value: JSON, by schema: JSON, at place: String) -> [String] {
        guard case .object(let words) = schema else { return ["\(place): \(schema.text) is no schema"] }
        return words.sorted { $0.key < $1.key }.flatMap { word, argument -> [String] in
            guard let argument else { return [] }
            return faults(of: value, by: word, argument, of: words, at: place)
        }
    }

    private func faults(
        of value: JSON, by word: String, _ argument: JSON, of words: [String: JSON?], at place: String
    ) -> [String] {
        func fault(unless holds: Bool) -> [String] {
            holds ? [] : ["\(place): \(value.text) against \(word) \(argument.text)"]
        }
        func fitting(_ schemas: JSON) -> Int {
            schemas.items.count { faults(of: value, by: $0, at: place).isEmpty }
        }
        switch (word, value) {
        case ("$schema", _), ("$defs", _), ("title", _), ("description", _), ("default", _): return []
        case ("$ref", _):
            let name = argument.string.split(separator: "/").last.map(String.init) ?? ""
            guard let target = root.member("$defs")?.member(name) else { return ["\(place): no \(name)"] }
            return faults(of: value, by: target, at: place)
        case ("type", _): return fault(unless: value.is(argument.string))
        case ("enum", _): return fault(unless: argument.items.contains(value))
        case ("allOf", _): return argument.items.flatMap { faults(of: value, by: $0, at: place) }
        case ("anyOf", _): return fault(unless: fitting(argument) > 0)
        case ("oneOf", _): return fault(unless: fitting(argument) == 1)
        case ("not", _): return fault(unless: !faults(of: value, by: argument, at: place).isEmpty)
        case ("pattern", .text(let text)):
            guard let pattern = try? Regex(argument.string) else { return ["\(place): \(argument.text) is no pattern"] }
            return fault(unless: text.firstMatch(of: pattern) != nil)
        case ("minLength", .text(let text)): return fault(unless: Double(text.count) >= argument.double)
        case ("minimum", .number(let number)): return fault(unless: number >= argument.double)
        case ("maximum", .number(let number)): return fault(unless: number <= argument.double)
        case ("exclusiveMinimum", .number(let number)): return fault(unless: number > argument.double)
        case ("minItems", .list(let items)): return fault(unless: Double(items.count) >= argument.double)
        case ("maxItems", .list(let items)): return fault(unless: Double(items.count) <= argument.double)
        case ("items", .list(let items)):
            return items.enumerated().flatMap { faults(of: $1, by: argument, at: "\(place)[\($0)]") }
        case ("required", .object(let members)):
            return fault(unless: argument.items.allSatisfy { members.keys.contains($0.string) })
        case ("dependentRequired", .object(let members)):
            return fault(
                unless: argument.members.allSatisfy { key, others in
                    members[key] == nil || others.items.allSatisfy { members.keys.contains($0.string) }
                })
        case ("propertyNames", .object(let members)):
            return members.keys.flatMap { faults(of: .text($0), by: argument, at: "\(place).\($0)") }
        case ("properties", .object):
            return value.members.flatMap { key, inner in
                argument.member(key).map { faults(of: inner, by: $0, at: "\(place).\(key)") } ?? []
            }
        case ("additionalProperties", .object):
            let known = (words["properties"] ?? nil)?.members.keys.map(\.self) ?? []
            let others = value.members.filter { !known.contains($0.key) }
            if case .flag(let isAllowed) = argument { return fault(unless: isAllowed || others.isEmpty) }
            return others.flatMap { faults(of: $1, by: argument, at: "\(place).\($0)") }
        case ("pattern", _), ("minLength", _), ("minimum", _), ("maximum", _), ("exclusiveMinimum", _), ("minItems", _),
            ("maxItems", _), ("items", _), ("required", _), ("dependentRequired", _), ("propertyNames", _),
            ("properties", _), ("additionalProperties", _):
            // Said of values of another type.
            return []
        default: return ["\(place): the word \(word) is not understood"]
        }
    }
}

/// JSON as it is read, whatever wrote it.
private struct Parsed: Decodable {
    let value: JSON

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: Name.self) {
            let pairs = try members.allKeys.map { ($0.stringValue, try members.decode(Parsed.self, forKey: $0).value) }
            value = .object(Dictionary(uniqueKeysWithValues: pairs))
        } else if var list = try? decoder.unkeyedContainer() {
            var items: [JSON] = []
            while !list.isAtEnd { items.append(try list.decode(Parsed.self).value) }
            value = .list(items)
        } else {
            let single = try decoder.singleValueContainer()
            if let flag = try? single.decode(Bool.self) {
                value = .flag(flag)
            } else if let number = try? single.decode(Double.self) {
                value = .number(number)
            } else {
                value = .text(try single.decode(String.self))
            }
        }
    }
}

extension JSON {
    fileprivate var string: String { if case .text(let text) = self { text } else { "" } }
    fileprivate var double: Double { if case .number(let number) = self { number } else { .nan } }
    fileprivate var items: [JSON] { if case .list(let items) = self { items } else { [] } }
    fileprivate var members: [String: JSON] {
        if case .object(let members) = self { members.compactMapValues(\.self) } else { [:] }
    }
    fileprivate func member(_ key: String) -> JSON? { members[key] }

    fileprivate func `is`(_ type: String) -> Bool {
        switch self {
        case .text: type == "string"
        case .flag: type == "boolean"
        case .list: type == "array"
        case .object: type == "object"
        case .number(let number): type == "number" || type == "integer" && number == number.rounded()
        }
    }
}
