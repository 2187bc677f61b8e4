import ArgumentParser
import FoundationEssentials
import PlantConfiguration

struct SystemdDropIn: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systemd-dropin",
        abstract: "Prints what lets the service reach the hosts of the configuration, and nobody else.",
        discussion: """
            The unit denies all IP traffic, that of the machine with itself too. What is not allowed is dropped in silence: \
            a controller that is missing here looks like one that does not answer in time.

              sudo cupel systemd-dropin --output /etc/systemd/system/cupel.service.d/network.conf
              sudo systemctl daemon-reload && sudo systemctl restart cupel

            Make it again whenever an address changes. Exits with 75, and writes nothing, when a name does not resolve.
            """)

    @OptionGroup var place: PlaceOptions
    @Option(help: "Writes it there, and makes the directory; a file that is there is replaced when all is well.")
    var output: String?

    func run() throws {
        let loaded = try place.load()
        let peers = loaded.networkPeers()
        for peer in peers where peer.addresses.isEmpty {
            Output.complain("cupel: \(peer.users.joined(separator: ", ")): \(peer.host) does not resolve")
        }
        guard peers.allSatisfy({ !$0.addresses.isEmpty }) else { throw ExitCode.temporary }
        let resolvers = (try? String(contentsOfFile: "/etc/resolv.conf", encoding: .utf8)) ?? ""
        let text = NetworkFence(peers: peers, resolvers: NetworkFence.servers(in: resolvers)).text(of: place.config)
        guard let output else { return Output.write(text) }
        do {
            let file = URL(filePath: output)
            // Units are no secret, and those who may not read this one could not be told whom it leaves out.
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
            try Data(text.utf8).write(to: file, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        } catch {
            Output.complain("cupel: cannot write \(output): \(error)")
            throw ExitCode.cannotCreate
        }
    }
}

/// The drop-in of systemd.resource-control(5) for a configuration.
struct NetworkFence {
    let peers: [NetworkPeer]
    /// Where the machine looks names up.
    let resolvers: [String]

    func text(of configuration: String) -> String {
        var lines = [
            "# Whom the daemon may speak to: made by \"cupel systemd-dropin\" from \(configuration).",
            "[Service]",
        ]
        for peer in peers {
            let name = peer.addresses == [peer.host] ? "" : ": \(peer.host)"
            lines.append("# \(peer.users.joined(separator: ", "))\(name)")
            lines += peer.addresses.map { "IPAddressAllow=\($0)" }
        }
        let usesNames = peers.contains { !$0.addresses.contains($0.host) }
        if usesNames, !resolvers.isEmpty {
            lines.append("# names are looked up there")
            lines += resolvers.map { "IPAddressAllow=\($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The name servers of resolv.conf(5).
    static func servers(in resolvConf: String) -> [String] {
        var servers: [String] = []
        for line in resolvConf.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, words[0] == "nameserver" else { continue }
            // fe80::1%eth0 is one with a zone, which systemd does not take.
            let address = words[1].prefix { $0 != "%" }
            let isHere = address.hasPrefix("127.") || address == "::1"
            let server = isHere ? "localhost" : String(address)
            if !servers.contains(server) { servers.append(server) }
        }
        return servers
    }
}
