import Foundation
import Testing

@testable import PlantConfiguration

extension HostSystem {
    /// A system with one known host and two time zones, the same wherever the tests run.
    static func fake() throws -> HostSystem {
        let folder = try temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder + "/Asia", withIntermediateDirectories: true)
        for zone in ["UTC", "Asia/Seoul"] {
            try "TZif2".write(toFile: "\(folder)/\(zone)", atomically: false, encoding: .utf8)
        }
        try "# text".write(toFile: folder + "/zone.tab", atomically: false, encoding: .utf8)
        return HostSystem(
            resolve: { name throws(Expected) in
                if name == "plc-1.test" { return "192.0.2.7" }
                throw Expected("a host name that resolves", found: name.quoted)
            },
            zoneFolder: folder, installedProfiles: folder + "/profiles",
            kind: { path in
                let kinds: [Substring: PathKind] = ["missing": .missing, "folder": .folder, "plain": .other]
                return path.split(separator: "/").first.flatMap { kinds[$0] } ?? .program
            },
            realPath: { $0 == "/link" ? "/var/lib/cupel" : nil }, hasGroup: { $0 == "shift" })
    }

    func remove() { try? FileManager.default.removeItem(atPath: zoneFolder) }
}

func temporaryFolder() throws -> String {
    let path = NSTemporaryDirectory() + "cupel-configuration-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}

/// The issues of a configuration given as text; empty when it loads.
func issues(_ text: String) throws -> [ConfigurationIssue] {
    let folder = try temporaryFolder()
    let system = try HostSystem.fake()
    defer {
        try? FileManager.default.removeItem(atPath: folder)
        system.remove()
    }
    try text.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
    do throws(ConfigurationError) {
        _ = try loadConfiguration(folder, on: system)
        return []
    } catch {
        return error.issues
    }
}
