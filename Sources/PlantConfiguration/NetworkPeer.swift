import Glibc
import Plant

/// A host that a daemon with some configuration speaks to over IP: a packet filter has to let it through.
public struct NetworkPeer: Sendable, Equatable {
    /// As it is configured: an IP address, IPv6 without brackets, or a name.
    public let host: String
    /// Its IP addresses in their shortest form; empty for a name that does not resolve.
    public let addresses: [String]
    /// What it is for: "controller F-01", "sink mail".
    public var users: [String]

    public init(host: String, addresses: [String], users: [String]) {
        (self.host, self.addresses, self.users) = (host, addresses, users)
    }
}

extension LoadedConfiguration {
    /// All of them in the order of the configuration. This machine, by whatever address, is `localhost`, which
    /// systemd.resource-control(5) takes for all of them.
    ///
    /// Blocks while the system resolves host names: not for the cooperative pool.
    public func networkPeers() -> [NetworkPeer] { networkPeers(addresses: hostAddresses) }

    /// The same with another way to look a name up, to none of its addresses for one that is not known.
    public func networkPeers(addresses: (String) -> [String]) -> [NetworkPeer] {
        let names = Dictionary(lookedUp.map { ($1, $0) }, uniquingKeysWith: min)
        var peers: [NetworkPeer] = []
        func add(_ host: String, _ found: [String], for user: String) {
            let isHere = host.isThisMachine || found.contains(where: \.isThisMachine)
            let (host, found) = isHere ? ("localhost", ["localhost"]) : (host, found)
            if let known = peers.firstIndex(where: { $0.host == host }) {
                if !peers[known].users.contains(user) { peers[known].users.append(user) }
            } else {
                peers.append(NetworkPeer(host: host, addresses: found, users: [user]))
            }
        }
        for controller in plant.controllers {
            for endpoint in controller.endpoints {
                let name = names[endpoint.host]
                // The daemon takes the first address that its own look at the name has.
                let others = name.map(addresses)?.filter { $0 != endpoint.host } ?? []
                add(name ?? endpoint.host, [endpoint.host] + others, for: "controller \(controller.name)")
            }
        }
        for sink in plant.sinks {
            guard let host = sink.kind.host else { continue }
            let address = ipAddress(host, family: .v4) ?? ipAddress(host, family: .v6)
            add(host, address.map { [$0] } ?? addresses(host), for: "sink \(sink.name)")
        }
        return peers
    }
}

extension SinkDefinition.Kind {
    /// Whom it speaks to over IP.
    fileprivate var host: String? {
        switch self {
        case .webhook(let settings): try? WebAddress(configured: settings.url).host
        case .syslog(let settings): settings.server.host
        case .mqtt(let settings): settings.server.host
        case .mail(let settings): settings.server.host
        case .fifo, .exec, .journald, .file, .stdout: nil
        }
    }
}

/// Every address of a name: which of them a library takes is its own choice.
private func hostAddresses(_ name: String) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var answer: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &answer) == 0 else { return [] }
    defer { freeaddrinfo(answer) }
    var addresses: [String] = []
    for info in sequence(first: answer, next: { $0?.pointee.ai_next }).compactMap(\.self) {
        guard let address = numericHost(info.pointee), !addresses.contains(address) else { continue }
        addresses.append(address)
    }
    return addresses
}
