import Foundation
import Testing

@testable import PlantConfiguration

/// What the parser behind us does badly, and what is done about it.
@Suite struct DocumentTests {
    @Test(arguments: 1...20)
    func aTextOfAnyLengthIsParsed(length: Int) throws {
        let key = String(repeating: "k", count: length)
        #expect(try issues(key + ":").contains { $0.message.hasPrefix("found unknown key \(key.debugDescription)") })
    }

    /// libyaml counts a line at each of these, most editors do not.
    @Test(arguments: ["\r", "\u{85}", "\u{2028}"])
    func aLineBreakOfAnotherKindLeadsToNoPlaceBeyondTheFile(_ end: String) throws {
        for text in ["plant: {a: 1,\(end)\(end) b: 2}", "plant: {\(end)\(end)"] {
            let found = try issues(text)
            #expect(!found.isEmpty)
            #expect(found.allSatisfy { $0.line == 1 && $0.column <= text.unicodeScalars.count + 1 }, "\(found)")
        }
    }

    /// By its count the last section stands on the empty third line.
    @Test func aColumnBeyondItsLineIsTheEndOfTheLine() throws {
        let found = try issues("plant: 1\n\rhistory: {aaaa: 1, bbbb: 2}\n")
        #expect(found.contains { $0.message.hasPrefix("found unknown key \"bbbb\"") })
        #expect(found.filter { $0.line == 3 }.allSatisfy { $0.column == 1 }, "\(found)")
    }

    @Test func moreDoubledKeysThanTheLimitAreStillRefused() throws {
        let lines = (0...Limits.doubledKeys).map { "  k\($0): 1\n  k\($0): 2\n" }
        let found = try issues("plant:\n" + lines.joined())
        #expect(found.count == 1)
        #expect(found.first?.message.hasSuffix("more than once, expected each key once") == true)
    }

    @Test(arguments: ["&a k: 1\n&b k: 2", "\"\\x41\": 1\n\"\\x41\": 2", "? k\n: 1\n? k\n: 2", "é: 1\né: 2"])
    func aDoubledKeyInAnyGuiseIsRefused(_ text: String) throws {
        let found = try issues(text)
        #expect(found.contains { $0.message.contains("once") }, "\(found)")
    }

    @Test func anAliasBombCostsNothing() throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(try issues(text).count == 63)
    }

    @Test func deepNestingIsRefused() throws {
        #expect(try issues("plant: " + String(repeating: "[", count: 100_000)).count == 1)
    }

    @Test func aFileBeyondTheLimitIsRefused() throws {
        let path = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "0123456789".write(toFile: path + "/f", atomically: false, encoding: .utf8)
        #expect(throws: TextFileError.self) { try readTextFile(path + "/f", limit: 9) }
        #expect(try readTextFile(path + "/f", limit: 10) == "0123456789")
    }

    @Test func aMissingFileAndAFolderAreNamed() throws {
        let path = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let missing = #expect(throws: ConfigurationError.self) { try loadConfiguration(path) }
        #expect(
            missing?.description == "\(path)/cupel.yaml:1:1: cannot read the file: No such file or directory")
        try FileManager.default.createDirectory(atPath: path + "/cupel.yaml", withIntermediateDirectories: true)
        let folder = #expect(throws: ConfigurationError.self) { try loadConfiguration(path) }
        #expect(folder?.description == "\(path)/cupel.yaml:1:1: found no regular file, expected one")
    }
}
