import PlantConfiguration
import Testing

@testable import cupel

@Suite struct NetworkFenceTests {
    private let named = NetworkPeer(host: "ops.test", addresses: ["192.0.2.20", "2001:db8::20"], users: ["sink web"])
    private let plain = NetworkPeer(host: "192.0.2.9", addresses: ["192.0.2.9"], users: ["controller A", "sink log"])

    @Test func namesNeedTheirServers() {
        let text = NetworkFence(peers: [plain, named], resolvers: ["192.0.2.53"]).text(of: "/etc/cupel")
        #expect(
            text == """
                # Whom the daemon may speak to: made by "cupel systemd-dropin" from /etc/cupel.
                [Service]
                # controller A, sink log
                IPAddressAllow=192.0.2.9
                # sink web: ops.test
                IPAddressAllow=192.0.2.20
                IPAddressAllow=2001:db8::20
                # names are looked up there
                IPAddressAllow=192.0.2.53

                """)
    }

    @Test func whoUsesNoNamesAsksNobody() {
        let text = NetworkFence(peers: [plain], resolvers: ["192.0.2.53"]).text(of: "/etc/cupel")
        #expect(!text.contains("192.0.2.53"))
    }

    @Test func theServersAreThereOnceAndThisMachineByItsName() {
        let text = """
            # nameserver 192.0.2.1
            search plant.test
            nameserver 127.0.0.53
            nameserver\t192.0.2.53
            nameserver ::1
            nameserver fe80::1%eth0
            nameserver
            """
        #expect(NetworkFence.servers(in: text) == ["localhost", "192.0.2.53", "fe80::1"])
    }
}
