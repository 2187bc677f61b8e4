import Foundation
import Plant
import TestSupport
import Testing

import struct Plant.Tag

@testable import PlantConfiguration

/// The table of tags that is printed is the table that is read.
@Suite struct TagsTextTests {
    private func load(_ folder: String) throws -> Plant { try loadConfiguration(folder).plant }

    private func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try body(folder)
    }

    @Test(arguments: [ShippedConfigurationTests.folder, CaseTests.folder + "/everything"])
    func aTableBesideItsOwnConfigurationChangesNothing(_ original: String) throws {
        try withFolder { folder in
            let copy = folder + "/plant"
            let source = URL(filePath: original).resolvingSymlinksInPath().path
            try FileManager.default.copyItem(atPath: source, toPath: copy)
            let plant = try load(copy)
            let text = tagsText(of: plant)
            try text.write(toFile: copy + "/tags.csv", atomically: false, encoding: .utf8)
            let again = try load(copy)
            #expect(tagsText(of: again) == text)
            #expect(again.tags == plant.tags)
            #expect(again.groups == plant.groups)
        }
    }

    /// Nothing of a tag is lost but `together`, a key of its controller.
    @Test func aTableAloneGivesTheSameTags() throws {
        try withFolder { folder in
            let plant = try load(CaseTests.folder + "/everything")
            let text = tagsText(of: plant)
            try text.write(toFile: folder + "/tags.csv", atomically: false, encoding: .utf8)
            try """
            plant: {name: Test}
            controllers:
              - {name: F-01, address: 127.0.0.1:502, unit: 1, scan: {normal: 2s}, together: [[pv, pv_status], [power, beat]]}
              - {name: F-02, address: 127.0.0.1:502, unit: 2, notation: modicon}
            """.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
            let again = try load(folder)
            #expect(tagsText(of: again) == text)
            #expect(again.tags.filter { $0.diagnostic == nil } == plant.tags.filter { $0.diagnostic == nil })
        }
    }

    @Test func aPatternChoosesTheTags() throws {
        let plant = try load(CaseTests.folder + "/everything")
        let lines = tagsText(of: plant, matching: "F-02.s*").split(separator: "\n")
        #expect(lines.dropFirst().map { $0.split(separator: ",")[1] } == ["state", "sum", "slow"])
        #expect(tagsText(of: plant, matching: "nobody").split(separator: "\n").count == 1)
        #expect(!tagsText(of: plant, matching: "@*").contains("@"))
    }

    @Test func onlyTheColumnOfTwoPointsIsNotPrinted() throws {
        let header = tagsText(of: try load(ShippedConfigurationTests.folder)).prefix { $0 != "\n" }
        let columns = header.split(separator: ",").map(String.init)
        #expect(Set(TagDraft.Key.allCases.map(\.rawValue)).symmetricDifference(columns) == ["controller", "linear"])
    }

    @Test(arguments: [
        ("plain", "plain"), ("x-1_2", "x-1_2"), ("", "''"), ("two words", "'two words'"), ("true", "'true'"),
        ("null", "'null'"), ("12", "'12'"), ("it's", "'it''s'"), ("a: b", "'a: b'"), ("[x]", "'[x]'"), ("é", "'é'"),
        ("a\nb", "\"a\\U0000000Ab\""), ("\"\\\t", "\"\\\"\\\\\\U00000009\""), ("-1", "'-1'"),
        ("\u{2028}", "\"\\U00002028\""),
    ])
    func aTextInAListIsQuotedWhereItMustBe(_ text: String, _ expected: String) {
        #expect(text.inFlow == expected)
    }

    /// Random tags with every key they may have, names and texts of the worst kind.
    @Test(arguments: [31, 32, 33, 34] as [UInt64])
    func anyTagsSurviveTheWayThereAndBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<15 {
            try withFolder { folder in
                let notation = AddressNotation.allCases.randomElement(using: &random) ?? .zeroBased
                let controller =
                    "plant: {name: T}\ncontrollers:\n  - name: C-1\n    address: 127.0.0.1:502\n    unit: 1\n"
                    + "    notation: \(notation.rawValue)\n"
                let yaml = controller + "    tags:\n" + RandomTags(&random).rows.map { "      - {\($0)}\n" }.joined()
                try yaml.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
                let plant = try load(folder)
                let text = tagsText(of: plant)
                try text.write(toFile: folder + "/tags.csv", atomically: false, encoding: .utf8)
                try controller.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
                let again = try load(folder)
                #expect(tagsText(of: again) == text, "seed \(seed) round \(round)\n\(yaml)")
                #expect(again.tags == plant.tags, "seed \(seed) round \(round)\n\(yaml)")
            }
        }
    }
}

/// Tags that are right by construction, as rows of YAML in flow style.
private struct RandomTags {
    private(set) var rows: [String] = []

    init(_ random: inout SeededRandom) {
        rows.append("name: status, register: \"hr:0x0000\", type: int16, states: {-1: \(Self.text(&random))}")
        for index in 1...Int.random(in: 1...25, using: &random) { rows.append(Self.row(index, &random)) }
    }

    private static func row(_ index: Int, _ random: inout SeededRandom) -> String {
        let types: [(name: String, isWhole: Bool)] = [
            ("int16", true), ("uint32", true), ("uint64", true), ("float32", false), ("float64", false),
            ("bcd32", true), ("signmag16", false), ("string", false), ("bool", false), ("", false),
        ]
        let (type, isWhole) = types.randomElement(using: &random) ?? ("int16", true)
        var keys = ["name: t\(index)"]
        if type.isEmpty {
            keys.append("expr: \"status * \(index) + max(status, 1e-3)\"")
        } else {
            let address = String(index * 8, radix: 16)
            keys.append("register: \"hr:0x\(address)\(type == "bool" ? ".\(index % 16)" : "")\", type: \(type)")
        }
        func maybe(_ key: @autoclosure () -> String) { if Bool.random(using: &random) { keys.append(key()) } }
        maybe("unit: \(text(&random))")
        maybe("description: \(text(&random))")
        if type == "string" {
            keys.append("length: \(Int.random(in: 1...8, using: &random))")
            maybe("packing: \(TextPacking.allCases.randomElement(using: &random)?.rawValue ?? "high")")
            return keys.joined(separator: ", ")
        }
        maybe("stuck_after: \(Int.random(in: 2...90, using: &random))m")
        guard type != "bool" else { return keys.joined(separator: ", ") }
        maybe("range: [\(number(&random)), 1e9]")
        guard !type.isEmpty else { return keys.joined(separator: ", ") }
        maybe("order: \(WordOrder.short.randomElement(using: &random)?.rawValue ?? "abcd")")
        maybe("invalid: [\(Int.random(in: 0...999, using: &random)), 7]")
        maybe("quality_from: {tag: status, bad: [-1, 3], uncertain_bits: [0, 15], good: [0], bad_as: fail-high}")
        maybe("step: true")
        if isWhole { maybe("counter: true") }
        if type.hasPrefix("float") { maybe("resolution: 0.25") }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: keys.append("scale: \(number(&random)), offset: \(number(&random))")
        case 1: keys.append("linear: {raw: [0, 27648], value: [\(number(&random)), 1e7]}")
        case 2: keys.append("loop: {raw: [5530, 9999], value: [\(number(&random)), 1e7], fail_low: 3.1}")
        default: if isWhole { keys.append("states: {0: \(text(&random)), 9: \(text(&random))}") }
        }
        return keys.joined(separator: ", ")
    }

    private static func number(_ random: inout SeededRandom) -> String {
        "\(Double.random(in: -1e6...1e6, using: &random) * (Bool.random(using: &random) ? 1e-9 : 1))"
    }

    /// Double-quoted, each character by its number, so that nothing here depends on what is tested.
    private static func text(_ random: inout SeededRandom) -> String {
        let scalars = "a0 ,:\"'\\{}[]#\n\t-é\u{301}\u{1F525}\u{2028}@=%".unicodeScalars
        let text = (0..<Int.random(in: 1...6, using: &random)).map { _ in
            scalars.randomElement(using: &random) ?? "a"
        }
        return "\""
            + text.map { "\\U" + String(String(UInt64($0.value) + 0x1_0000_0000, radix: 16).suffix(8)) }.joined() + "\""
    }
}
