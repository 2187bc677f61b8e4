import CPosix
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

    /// The user at the other end as the kernel knows it (SO_PEERCRED), `alice`, or `uid:1001` without an account.
    func peer() async -> String {
        guard let provider = channel as? any SocketOptionProvider else { return "unknown" }
        let credentials = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED), valueType: PeerCredentials.self)
        guard let peer = try? await credentials.get() else { return "unknown" }
        return PeerContext.name(of: peer.user)
    }

    static func name(of user: uid_t) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else {
            return "uid:\(user)"
        }
        return String(cString: name)
    }
}

/// The kernel's `struct ucred`.
struct PeerCredentials: BitwiseCopyable, Sendable {
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
}

extension SocketOptionProvider {
    func unsafeGetSocketOption<Value: Sendable>(
        level: NIOBSDSocket.OptionLevel, name: NIOBSDSocket.Option, valueType: Value.Type
    ) -> EventLoopFuture<Value> {
        unsafeGetSocketOption(level: level, name: name)
    }
}
