import Foundation
import Testing

@testable import PlantConfiguration

/// The man page and the page of the manual.
@Suite struct ReferencePageTests {
    static let page = ConfigurationReference.manualPage(date: "November 22, 2026")
    static let sections = ConfigurationReference.root.tree.map(\.section) + [ConfigurationReference.profile]

    @Test func thereAreAllSections() {
        #expect(Self.sections.count > 50)
        #expect(Self.sections.flatMap(\.keys).count > 250)
    }

    @Test(arguments: sections.map(\.name))
    func bothNameEveryKeyOfASection(_ name: String) throws {
        let section = try #require(Self.sections.first { $0.name == name })
        let man = try part(of: Self.page, from: ".Ss \(name)\n", to: "\n.El")
        let markdown = try part(of: ConfigurationReference.markdown, from: "### \(name)\n", to: "\n##")
        for key in section.keys {
            #expect(man.contains(".It Ic \(key.name)\n"))
            #expect(markdown.contains("\n| `\(key.name)` | "))
        }
        #expect(man.ranges(of: "\n.It Ic ").count == section.keys.count)
        #expect(markdown.ranges(of: "\n| `").count == section.keys.count)
    }

    /// The text behind a heading, up to what ends its section.
    private func part(of text: String, from start: String, to end: String) throws -> Substring {
        let begin = try #require(text.range(of: "\n" + start), "no \(start)").upperBound
        return text[begin...].range(of: end).map { text[begin..<$0.lowerBound] } ?? text[begin...]
    }

    @Test func everyKeySaysSomething() {
        for section in Self.sections {
            for key in section.keys {
                #expect(key.reference.text.hasSuffix("."), "\(section.name).\(key.name)")
                #expect(key.reference.text.count { $0 == "`" } % 2 == 0, "\(section.name).\(key.name)")
            }
        }
    }

    /// What mandoc(1) complains about: long lines, empty ones, spaces at their end, marks that are not closed.
    @Test func theManPageIsCleanMdoc() {
        let lines = Self.page.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        for line in lines {
            #expect(!line.isEmpty && line.count <= 80 && line.last != " ", "\(line)")
            #expect(!line.contains("`"), "\(line)")
        }
        #expect(Self.page.matches(of: /\\f[BI]/).count == Self.page.matches(of: /\\fR/).count)
        #expect(lines.count { $0.hasPrefix(".Bl ") } == lines.count { $0 == ".El" })
    }

    @Test func thePageOfTheManualIsTheOneThatIsMade() throws {
        let file = URL(filePath: ShippedConfigurationTests.folder).deletingLastPathComponent()
            .appending(path: "Sources/cupel/cupel.docc/Configuration.md")
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(
            committed == ConfigurationReference.markdown,
            "make it anew: swift run cupel schema --form markdown > Sources/cupel/cupel.docc/Configuration.md")
    }

    /// Editors find the schema where the package puts it.
    @Test func theShippedFileNamesTheSchema() throws {
        let text = try String(contentsOfFile: ShippedConfigurationTests.folder + "/cupel.yaml", encoding: .utf8)
        #expect(text.hasPrefix("# yaml-language-server: $schema=/usr/share/cupel/cupel.schema.json\n"))
    }
}
