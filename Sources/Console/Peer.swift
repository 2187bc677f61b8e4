import Glibc

/// Who is at the other end of a Unix socket, as the kernel knows it: nobody can claim to be somebody else.
public struct Peer: Sendable, Hashable {
    /// Groups of one user that are looked at; the kernel allows 65 536, and people are in a dozen.
    static let groupLimit = 1024

    public let user: UInt32
    /// The groups of the process that connected: its own and the supplementary ones. Who was added to a group since then
    /// logs in anew.
    public let groups: Set<UInt32>

    public init(user: UInt32, groups: Set<UInt32>) { (self.user, self.groups) = (user, groups) }

    /// Somebody the kernel does not tell of; may do nothing.
    static let unknown = Peer(user: .max, groups: [])

    /// `alice`, or `uid:1001` without an account.
    public var name: String {
        if self == .unknown { return "unknown" }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else {
            return "uid:\(user)"
        }
        return String(cString: name)
    }

    /// Whether it may do what operators do.
    ///
    /// - Parameter operators: the name of their group; nil where everybody may who may connect. Root and the daemon's own
    ///   user always may: they own the journal that would refuse them. Looked up each time: a group may be made later.
    public func mayOperate(_ operators: String?) -> Bool {
        guard self != .unknown else { return false }
        guard let operators, user != 0, user != geteuid() else { return true }
        return Peer.number(ofGroup: operators).map(groups.contains) ?? false
    }

    private static func number(ofGroup name: String) -> UInt32? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        // A line of /etc/group with a thousand members.
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}

/// The kernel's `struct ucred`.
struct PeerCredentials: BitwiseCopyable, Sendable {
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
}

/// What SO_PEERGROUPS fills in; zeros behind, which stand for root's group and give no right of their own.
struct PeerGroups: BitwiseCopyable, Sendable {
    var numbers: InlineArray<1024, UInt32> = .init(repeating: 0)
}
