import Foundation
import Testing

@testable import PlantConfiguration

/// What thousands of faults may cost.
@Suite struct FindingsTests {
    private func issues(tagRows: [String]) throws -> [ConfigurationIssue] {
        let folder = try temporaryFolder()
        let system = try HostSystem.fake()
        defer {
            try? FileManager.default.removeItem(atPath: folder)
            system.remove()
        }
        let configuration = """
            plant: {name: Test}
            scan: {fast: 100ms, normal: 1s}
            controllers:
              - {name: C-1, address: "127.0.0.1:502", unit: 1, tags: [{name: melt, register: "holding:0", type: int16}]}
            """
        try configuration.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
        let table = (["controller,name,register,expr,type,scan"] + tagRows).joined(separator: "\n")
        try table.write(toFile: folder + "/tags.csv", atomically: false, encoding: .utf8)
        do throws(ConfigurationError) {
            _ = try loadConfiguration(folder, on: system)
            return []
        } catch {
            return error.issues
        }
    }

    @Test func theNamesOfAPlantAreSearchedForTheFirstFaultsOnly() {
        let findings = Findings()
        var searches = 0
        func names() -> [String] {
            searches += 1
            return ["melt"]
        }
        let found = (0..<3000).map { _ in findings.nearest(to: "melr", of: names()) }
        #expect(searches == Limits.hints)
        #expect(findings.hints == Limits.hints)
        #expect(found.compactMap { $0 }.count == Limits.hints)
        #expect(found.prefix(Limits.hints).allSatisfy { $0 == "melt" })
    }

    @Test func thousandsOfMistypedFormulasAreAllReportedTheFirstWithAName() throws {
        let issues = try issues(tagRows: (0..<3000).map { "C-1,t\($0),,melr + \($0),," })
        #expect(issues.count == 3000)
        #expect(issues.filter { $0.message.hasSuffix(#"such as "melt""#) }.count == Limits.hints)
        #expect(issues.first?.message.hasSuffix(#"such as "melt""#) == true)
        #expect(issues.last?.message.hasSuffix("expected a tag of this controller or a full name") == true)
    }

    @Test func thousandsOfUnknownScanClassesAreAllReportedTheFirstWithAName() throws {
        let issues = try issues(tagRows: (0..<3000).map { "C-1,t\($0),holding:\($0 + 1),,int16,fsat" })
        #expect(issues.count == 3000)
        #expect(issues.filter { $0.message.contains(#""fast" (or another of"#) }.count == Limits.hints)
        #expect(issues.last?.message.contains("fast") == true)
    }

    @Test func thousandsOfUnknownControllersAreAllReportedTheFirstWithAName() throws {
        let issues = try issues(tagRows: (0..<3000).map { "C-\($0 + 2),t,holding:1,,int16," })
        #expect(issues.count == 3000)
        #expect(issues.filter { $0.message.contains(#""C-1" (or another of"#) }.count <= Limits.hints)
    }
}
