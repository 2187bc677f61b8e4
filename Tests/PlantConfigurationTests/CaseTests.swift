import Foundation
import Plant
import Testing

@testable import PlantConfiguration

/// Each folder of `Cases` is a configuration with either `error`, the exact text of every issue, or `expected`, the
/// outline of the plant.
@Suite struct CaseTests {
    static let folder = Bundle.module.bundlePath + "/Cases"
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

    @Test func thereAreCases() { #expect(Self.names.count >= 145) }

    @Test(arguments: names)
    func givesWhatIsWrittenBesideIt(_ name: String) throws {
        let folder = "\(Self.folder)/\(name)"
        let system = try HostSystem.fake()
        defer { system.remove() }
        let (file, outcome) = Self.outcome(folder, system)
        let expected = try #require(try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8), "\(outcome)")
        #expect(outcome + "\n" == expected)
    }

    private static func outcome(_ folder: String, _ system: HostSystem) -> (file: String, text: String) {
        do throws(ConfigurationError) {
            return ("expected", try loadConfiguration(folder, on: system).outline)
        } catch {
            return ("error", error.description.replacingOccurrences(of: folder + "/", with: ""))
        }
    }
}
