import Foundation
import Plant
import TestSupport
import Testing

@testable import PlantConfiguration

/// Random damage to the shipped files: the loader never crashes, and blames a place that an editor can go to.
@Suite struct MutationTests {
    static let rounds = 100

    /// A configuration to damage, and its files.
    struct Original: CustomTestStringConvertible {
        let folder: String
        let files: [String]
        var testDescription: String { files.joined(separator: " ") }

        static let shipped = Original(
            folder: ShippedConfigurationTests.folder, files: ["cupel.yaml", "profiles/plc-furnace.yaml"])
        static let escalation = Original(folder: CaseTests.folder + "/escalation", files: ["cupel.yaml"])
        /// Has every key there is.
        static let everything = Original(
            folder: CaseTests.folder + "/everything", files: ["cupel.yaml", "profiles/furnace.yaml", "tags.csv"])
    }

    @Test func thereIsNoKeyThatIsNotDamaged() throws {
        let text = try Original.everything.files.map {
            try String(contentsOfFile: "\(Original.everything.folder)/\($0)", encoding: .utf8)
        }.joined()
        let keys = [
            TagDraft.Key.allCases.map(\.rawValue), DeviceKey.allCases.map(\.rawValue),
            AlarmKey.allCases.map(\.rawValue),
            ControllerList.Key.allCases.map(\.rawValue),
        ]
        for key in keys.joined() {
            #expect(text.contains("\(key):") || text.contains(",\(key),"), "\(key)")
        }
    }

    @Test(arguments: [Original.shipped, .everything, .escalation], [1, 2, 3] as [UInt64])
    func everyFaultHasAPlaceInsideItsFile(_ original: Original, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/profiles", withIntermediateDirectories: true)
        var refused = 0
        for round in 0..<Self.rounds {
            var texts: [String: String] = [:]
            for name in original.files {
                let text = try String(contentsOfFile: original.folder + "/" + name, encoding: .utf8)
                texts[name] = Bool.random(using: &random) ? Self.damaged(text, name, using: &random) : text
                try texts[name]?.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
            }
            do throws(ConfigurationError) {
                let plant = try loadConfiguration(folder).plant
                #expect(plant.tags.map(\.id) == Array(plant.tags.indices))
            } catch {
                refused += 1
                #expect(!error.issues.isEmpty, "seed \(seed) round \(round)")
                for issue in error.issues {
                    let text = try #require(texts[issue.file.replacing(folder + "/", with: "")])
                    #expect(Self.contains(text, issue), "seed \(seed) round \(round): \(issue)")
                }
            }
        }
        #expect(refused > Self.rounds / 3, "seed \(seed): the damage should mostly be noticed")
    }

    @Test(arguments: [Original.shipped, .everything], [4, 5] as [UInt64])
    func aMisspeltKeyIsAlwaysRefused(_ original: Original, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/profiles", withIntermediateDirectories: true)
        for file in original.files {
            try FileManager.default.copyItem(atPath: "\(original.folder)/\(file)", toPath: "\(folder)/\(file)")
        }
        let text = try String(contentsOfFile: original.folder + "/cupel.yaml", encoding: .utf8)
        // Keys of scan classes and limit sets are free, so that a misspelt one is another class.
        let free: Set<Substring> = ["fast", "normal", "slow", "melt", "purities"]
        for round in 0..<Self.rounds / 3 {
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let keys = Self.keys(in: lines).filter { !free.contains(lines[$0.line][$0.range]) }
            let key = try #require(keys.randomElement(using: &random))
            let word = lines[key.line][key.range]
            lines[key.line].replaceSubrange(key.range, with: "\(word)x")
            try lines.joined(separator: "\n").write(
                toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
            let error = #expect(throws: ConfigurationError.self) { try loadConfiguration(folder) }
            #expect(
                error?.issues.contains { $0.line == key.line + 1 && $0.message.contains("unknown key") } == true,
                "seed \(seed) round \(round): \(lines[key.line])")
        }
    }

    private static func contains(_ text: String, _ issue: ConfigurationIssue) -> Bool {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard (1...lines.count).contains(issue.line) else { return false }
        return (1...lines[issue.line - 1].count + 1).contains(issue.column)
    }

    struct Key {
        let line: Int
        let range: Range<String.Index>
    }

    static func keys(in lines: [String]) -> [Key] {
        lines.indices.flatMap { line -> [Key] in
            let code = lines[line].prefix { $0 != "#" }
            return code.ranges(of: /[a-z_]+(?=: |:$)/).map { Key(line: line, range: $0) }
        }
    }

    private static func damaged(_ text: String, _ name: String, using random: inout SeededRandom) -> String {
        name.hasSuffix(".csv") ? damagedTable(text, using: &random) : damaged(text, using: &random)
    }

    /// Commas, quotes and letters that come, go, or change places.
    private static func damagedTable(_ text: String, using random: inout SeededRandom) -> String {
        var scalars = Array(text)
        let strange: [Character] = [",", "\"", "\n", "\r\n", "[", "{", "é", "\u{1F525}", "0", ".", ":", "~"]
        for _ in 0...Int.random(in: 0...2, using: &random) {
            let at = Int.random(in: scalars.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: scalars.remove(at: at)
            case 1: scalars.insert(strange.randomElement(using: &random) ?? ",", at: at)
            case 2: scalars[at] = strange.randomElement(using: &random) ?? ","
            default: scalars.swapAt(at, Int.random(in: scalars.indices, using: &random))
            }
        }
        return String(scalars)
    }

    private static func damaged(_ text: String, using random: inout SeededRandom) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let key = keys(in: lines).randomElement(using: &random) else { return text }
        let word = String(lines[key.line][key.range])
        let values = [
            "12", "-1", "010", "true", "~", "[a]", "{a: 1}", "\"text\"", ".nan", "1e999", "0x", "&a b", "*a", "!!int x",
            "| ", "\u{1F525}", "[[[[", "99999999999999999999", "?", "<<: {a: 1}",
        ]
        switch Int.random(in: 0..<6, using: &random) {
        case 0: lines.remove(at: key.line)
        case 1: lines.insert(lines[key.line], at: key.line)
        case 2: lines[key.line].replaceSubrange(key.range, with: String(word.shuffled(using: &random)))
        case 3:
            let value = values.randomElement(using: &random) ?? "12"
            lines[key.line].replaceSubrange(key.range, with: "\(word): \(value), \(word)")
        case 4:
            let value = values.randomElement(using: &random) ?? "12"
            lines[key.line] = lines[key.line][..<key.range.upperBound] + ": " + value
        default:
            var scalars = Array(lines[key.line])
            scalars.remove(at: Int.random(in: scalars.indices, using: &random))
            lines[key.line] = String(scalars)
        }
        return lines.joined(separator: "\n")
    }
}
