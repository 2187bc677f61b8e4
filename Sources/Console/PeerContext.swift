import Glibc
public import Hummingbird
import NIOCore

/// A request with the one fact that a Unix socket proves: who is at its other end.
public struct PeerContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Requests are a few names; anything larger is a mistake.
    public var maxUploadSize: Int { 64 * 1024 }

    /// The user at the other end with its groups (SO_PEERCRED, SO_PEERGROUPS).
    func peer() async -> Peer {
        guard let provider = channel as? any SocketOptionProvider,
            let credentials = try? await provider.socketOption(SO_PEERCRED, PeerCredentials.self).get()
        else { return .unknown }
        var groups: Set<UInt32> = [credentials.group]
        // With more groups than are looked at the kernel refuses: then only the first counts.
        if let others = try? await provider.socketOption(SO_PEERGROUPS, PeerGroups.self).get() {
            for index in others.numbers.indices where others.numbers[index] != 0 {
                groups.insert(others.numbers[index])
            }
        }
        return Peer(user: credentials.user, groups: groups)
    }
}

extension SocketOptionProvider {
    fileprivate func socketOption<Value: Sendable>(_ name: CInt, _: Value.Type) -> EventLoopFuture<Value> {
        unsafeGetSocketOption(level: .socket, name: NIOBSDSocket.Option(rawValue: name))
    }
}
