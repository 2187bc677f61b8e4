import Foundation
import Testing

@testable import PlantConfiguration

@Suite struct HostSystemTests {
    private func system(state: String) throws -> HostSystem {
        var system = try HostSystem.fake()
        system.state = state
        return system
    }

    @Test func `a relative path begins at the state directory`() throws {
        var system = try system(state: "/srv/plants/b")
        defer { system.remove() }
        #expect(system.canonical("journal.db") == "/srv/plants/b/journal.db")
        #expect(system.canonical("../a/./log") == "/srv/plants/a/log")
        #expect(system.canonical("/link//x/../y") == "/var/lib/cupel/y")
        system.state = "plants/b"
        #expect(system.canonical("log") == FileManager.default.currentDirectoryPath + "/plants/b/log")
    }

    @Test func `a sink may not write to a database of the state directory that is named`() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = """
            plant: {name: Test}
            controllers: []
            sinks: [{name: a, file: /srv/b/journal.db}]
            """
        try text.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
        let (here, elsewhere) = (try system(state: "/srv/b"), try system(state: "/srv/c"))
        defer {
            here.remove()
            elsewhere.remove()
        }
        #expect { try loadConfiguration(folder, on: here) } throws: { "\($0)".contains("a path of the journal") }
        #expect { try loadConfiguration(folder, on: elsewhere) } throws: { !"\($0)".contains("a path of the journal") }
    }
}
