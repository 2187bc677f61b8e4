import ArgumentParser
import Foundation
import Plant
import PlantConfiguration
import Testing

@testable import cupel

/// The manual names what is there: tests, alarms, exit codes, commands, its own pages.
@Suite struct ManualTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let folder = root.appending(path: "Sources/cupel/cupel.docc")

    private static func page(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: "\(name).md"), encoding: .utf8)
    }

    private static func pages() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
            .map { String($0.dropLast(3)) }
    }

    @Test func everyPromisesTestsAreThere() throws {
        var named = 0
        for match in try Self.page("Promises").matches(of: /`(Tests\/[^`:]+\.swift): ([^`]+)`/) {
            let (path, name) = (String(match.1), String(match.2))
            let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
            #expect(text.contains("func \(name)(") || text.contains("func `\(name)`("), "\(path) has no \(name)")
            named += 1
        }
        #expect(named > 50)
    }

    /// The shipped plant has one of each kind; what it has beside its own rules is built in.
    @Test func everyAlarmOfOursIsExplained() throws {
        let config = Self.root.appending(path: "config")
        let written = try String(contentsOf: config.appending(path: "cupel.yaml"), encoding: .utf8)
        let builtIn = try loadConfiguration(config.path).plant.alarms.filter { !written.contains("- id: \($0.rule)\n") }
        let rules = Set(builtIn.map(\.rule))
        #expect(rules.isSuperset(of: ["comms", "late-scans", "phase-unknown"]))
        #expect(rules.isSuperset(of: [Subsystem.sinkRule, Subsystem.storageRule]))
        let text = try Self.page("WhenThingsHappen")
        for rule in rules where rule != Subsystem.storageRule {
            #expect(text.contains("\n### \(rule):"), "nothing is said of \(rule)")
        }
        for part in Subsystem.storage {
            #expect(text.contains("\n### \(part.alarmName) "), "nothing is said of \(part.alarmName)")
        }
    }

    private static let exitCodes: [ExitCode] = [
        .validationFailure, .data, .unavailable, .software, .cannotCreate, .io, .temporary, .notAllowed,
        .configuration, .interrupted,
    ]

    @Test(arguments: exitCodes) func everyExitCodeIsExplained(code: ExitCode) throws {
        let text = try Self.page("WhenThingsHappen")
        #expect(text.contains("\n| \(code.rawValue) | "), "nothing is said of \(code.rawValue)")
    }

    @Test func everyCommandIsNamed() throws {
        let text = try Self.pages().map { try Self.page($0) }.joined()
        for command in Self.commands(below: Cupel.self, called: "cupel") {
            #expect(text.contains("`\(command)`"), "`\(command)` is in no table of the manual")
        }
    }

    /// `cupel alarms ack` and so on; a command with commands below it is none itself.
    private static func commands(below parent: any ParsableCommand.Type, called name: String) -> [String] {
        let children = parent.configuration.subcommands
        guard !children.isEmpty else { return [name] }
        return children.flatMap { commands(below: $0, called: "\(name) \($0._commandName)") }
    }

    @Test func everyPageIsReachedAndEveryLinkLeadsToOne() throws {
        let pages = Set(try Self.pages())
        var linked: Set = ["cupel"]
        for page in pages {
            for match in try Self.page(page).matches(of: /<doc:(\w+)>/) {
                #expect(pages.contains(String(match.1)), "\(page) leads to \(match.1)")
                if page == "cupel" { linked.insert(String(match.1)) }
            }
        }
        #expect(linked == pages, "the landing page does not lead to all")
    }
}
