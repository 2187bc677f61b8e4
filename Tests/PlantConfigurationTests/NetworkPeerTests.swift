import Foundation
import Testing

@testable import PlantConfiguration

@Suite struct NetworkPeerTests {
    private func peers(_ text: String, _ addresses: [String: [String]] = [:]) throws -> [NetworkPeer] {
        let folder = try temporaryFolder()
        let system = try HostSystem.fake()
        defer {
            system.remove()
            try? FileManager.default.removeItem(atPath: folder)
        }
        try text.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
        return try loadConfiguration(folder, on: system).networkPeers { addresses[$0] ?? [] }
    }

    private static func controller(_ name: String, _ address: String) -> String {
        "{name: \(name), address: \(address), unit: 1, tags: [{name: x, register: 'holding:0', type: uint16}]}"
    }

    @Test func `each host is there once, with all that it is for`() throws {
        let found = try peers(
            """
            plant: {name: Test}
            controllers:
              - \(Self.controller("A", "['192.0.2.9:502', 'plc-1.test:502']"))
              - \(Self.controller("B", "'192.0.2.9:503'"))
            sinks:
              - {name: web, webhook: 'https://ops.test:8443/alarms'}
              - {name: queue, mqtt: {server: '[2001:db8::1]:1883'}}
              - {name: log, syslog: {server: '192.0.2.9:514'}}
              - {name: mail, mail: {server: 'mx.test:25', from: a@b.test, to: [c@d.test]}}
              - {name: pipe, fifo: /run/cupel/alarms}
            """, ["ops.test": ["192.0.2.20", "2001:db8::20"]])
        #expect(
            found == [
                NetworkPeer(
                    host: "192.0.2.9", addresses: ["192.0.2.9"], users: ["controller A", "controller B", "sink log"]),
                NetworkPeer(host: "plc-1.test", addresses: ["192.0.2.7"], users: ["controller A"]),
                NetworkPeer(host: "ops.test", addresses: ["192.0.2.20", "2001:db8::20"], users: ["sink web"]),
                NetworkPeer(host: "2001:db8::1", addresses: ["2001:db8::1"], users: ["sink queue"]),
                NetworkPeer(host: "mx.test", addresses: [], users: ["sink mail"]),
            ])
    }

    @Test func `this machine is one host, whichever way it is written`() throws {
        let found = try peers(
            """
            plant: {name: Test}
            controllers: [\(Self.controller("A", "'127.0.0.1:502'"))]
            sinks:
              - {name: web, webhook: 'http://localhost:80/'}
              - {name: own, webhook: 'http://own.test/'}
              - {name: log, syslog: {server: '[::1]:514'}}
            """, ["own.test": ["127.0.1.1"]])
        let users = ["controller A", "sink web", "sink own", "sink log"]
        #expect(found == [NetworkPeer(host: "localhost", addresses: ["localhost"], users: users)])
    }
}
