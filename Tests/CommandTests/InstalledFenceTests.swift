import FoundationEssentials
import PlantConfiguration
import Testing

@testable import cupel

@Suite struct InstalledFenceTests {
    private let near = NetworkPeer(host: "192.0.2.9", addresses: ["192.0.2.9"], users: ["controller A"])
    private let far = NetworkPeer(host: "2001:db8::20", addresses: ["2001:db8::20"], users: ["sink web"])
    private let here = NetworkPeer(host: "localhost", addresses: ["localhost"], users: ["controller S"])

    /// - Parameter files: paths below the root, and what is in them.
    private func fence(_ files: [String: String], of configuration: String = "/etc/cupel") throws -> InstalledFence? {
        let manager = FileManager.default
        let root = manager.temporaryDirectory.appending(path: "fence-\(UUID())").path
        defer { try? manager.removeItem(atPath: root) }
        for (path, text) in files {
            let file = URL(filePath: root + path)
            try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return InstalledFence(configuration: configuration, root: root)
    }

    private let unit = ["/lib/systemd/system/cupel.service": "[Service]\nIPAddressDeny=any\n"]
    private let network = "/etc/systemd/system/cupel.service.d/network.conf"

    @Test func whoIsNotNamedIsTold() throws {
        let fence = try #require(try fence(unit))
        let warnings = fence.warnings([near, far, here])
        #expect(warnings.count == 3)
        #expect(warnings[0].hasPrefix("controller A: cupel.service does not let the daemon speak to 192.0.2.9,"))
    }

    @Test(arguments: [
        ("192.0.2.9\nIPAddressAllow=2001:db8::20\nIPAddressAllow=localhost", 0),
        ("192.0.2.0/24 2001:db8::/32 127.0.0.1", 0),
        ("any", 0),
        ("192.0.2.8/31", 2),
        ("192.0.2.0/29", 3),
        ("192.0.2.9\nIPAddressAllow=\nIPAddressAllow=localhost", 2),
        ("any\nIPAddressDeny=", 0),
        ("nonsense 1.2.3.4/99", 3),
        // What systemd.syntax(7) takes, and what it does not.
        (" 192.0.2.9\t2001:db8::20 \\\n  localhost", 0),
        ("192.0.2.9\r\n  IPAddressAllow = 2001:db8::20\r\nIPAddressAllow=localhost\r\n", 0),
        ("localhost\n[Unit]\nIPAddressAllow=any", 2),
        ("localhost\n# IPAddressAllow=any", 2),
        ("\nIPAddressDeny=\nIPAddressDeny=127.0.0.0/8", 1),
    ])
    func whatIsAllowedCounts(allow: String, expected: Int) throws {
        let all = unit.merging([network: "[Service]\nIPAddressAllow=\(allow)\n"]) { $1 }
        #expect(try #require(try fence(all)).warnings([near, far, here]).count == expected)
    }

    @Test func aFileOfTheSameNameTakesItsPlace() throws {
        let lower = "/lib" + network.dropFirst(4)
        let all = unit.merging([
            lower: "[Service]\nIPAddressAllow=any\n", network: "[Service]\nIPAddressAllow=localhost\n",
        ]) { $1 }
        #expect(try #require(try fence(all)).warnings([near, here]).count == 1)
    }

    @Test func whatCannotBeReadIsNotJudged() throws {
        // A directory where a file should be: root may read every file.
        let hidden = unit.merging(["\(network)/something": ""]) { $1 }
        #expect(try #require(try fence(hidden)).warnings([near]) == [])
    }

    @Test(arguments: ["/etc/cupel/", "/etc/cupel/cupel.yaml", "/etc/./cupel"])
    func theConfigurationMayBeWrittenOtherwise(configuration: String) throws {
        #expect(try #require(try fence(unit, of: configuration)).warnings([near]).count == 1)
    }

    @Test func whatCountsForAllServicesCounts() throws {
        let all = unit.merging(["/etc/systemd/system/service.d/all.conf": "[Service]\nIPAddressAllow=any\n"]) { $1 }
        #expect(try #require(try fence(all)).warnings([near, far, here]) == [])
    }

    @Test func commentsNeitherEndNorContinueALine() throws {
        let text = "[Service]\n# not this \\\nIPAddressDeny=any\nIPAddressAllow=192.0.2.7 \\\n; nor this\n 192.0.2.9\n"
        let all = ["/lib/systemd/system/cupel.service": text]
        #expect(try #require(try fence(all)).warnings([near, far, here]).count == 2)
        #expect(try #require(try fence(all)).warnings([near]) == [])
    }

    @Test func whatSetPropertyWroteCounts() throws {
        let path = "/etc/systemd/system.control/cupel.service.d/50-IPAddressAllow.conf"
        let all = unit.merging([path: "[Service]\nIPAddressAllow=any\n"]) { $1 }
        #expect(try #require(try fence(all)).warnings([near, far, here]) == [])
    }

    @Test func aPlantOfTheTemplateHasItsOwn() throws {
        let all = [
            "/lib/systemd/system/cupel@.service": "[Service]\nIPAddressDeny=any\n",
            "/etc/systemd/system/cupel@north.service.d/network.conf": "[Service]\nIPAddressAllow=192.0.2.9\n",
        ]
        #expect(try #require(try fence(all, of: "/etc/cupel/north")).warnings([near]) == [])
        #expect(try #require(try fence(all, of: "/etc/cupel/south")).warnings([near]).count == 1)
        #expect(try fence(all) == nil, "the plain unit is not installed")
        #expect(try fence(all, of: "/home/me/plant") == nil, "nobody's unit runs that")
        #expect(try fence(all, of: "/etc/cupelX") == nil)
    }
}
