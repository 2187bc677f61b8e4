import CPosix
import Glibc
import Plant

/// systemd's notification protocol (sd_notify(3)) without libsystemd: one datagram of `KEY=VALUE` lines.
public struct ServiceNotifier: Sendable {
    private let address: String?
    /// How often systemd wants to hear from us, when it does.
    public let watchdog: Duration?

    public init() {
        address = getenv("NOTIFY_SOCKET").map { String(cString: $0) }
        // WATCHDOG_PID, when set, says whom the deadline is for.
        let pid = getenv("WATCHDOG_PID").map { String(cString: $0) }
        let forUs = pid == nil || pid == String(getpid())
        let microseconds = getenv("WATCHDOG_USEC").flatMap { Int64(String(cString: $0)) }
        watchdog = forUs ? microseconds.map { .microseconds($0) } : nil
    }

    public func ready(status: String) { send("READY=1\nSTATUS=\(status)") }
    /// Puts the deadline of the start off (TimeoutStartSec=), counted from now.
    public func extendStart(by time: Duration, status: String) {
        send("EXTEND_TIMEOUT_USEC=\(time.nanoseconds / 1000)\nSTATUS=\(status)")
    }
    public func status(_ text: String) { send("STATUS=\(text)") }
    public func feed(status: String) { send("WATCHDOG=1\nSTATUS=\(status)") }
    public func stopping() { send("STOPPING=1\nSTATUS=stopping: draining and committing") }
    /// The time must be in the same datagram (systemd.service(5), Type=notify-reload; harmless before v253).
    public func reloading(monotonicNanoseconds: Int64) {
        send("RELOADING=1\nMONOTONIC_USEC=\(monotonicNanoseconds / 1000)")
    }

    /// Hands a descriptor to systemd, which gives it to the next process of the service (FileDescriptorStoreMax=). One of
    /// that name that it has from before is let go.
    public func keep(_ descriptor: CInt, as name: String) {
        send("FDSTOREREMOVE=1\nFDNAME=\(name)")
        send("FDSTORE=1\nFDNAME=\(name)", with: descriptor)
    }

    private func send(_ message: String, with attached: CInt? = nil) {
        guard let address else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var path = Array(address.utf8)
        guard !path.isEmpty, path.count < MemoryLayout.size(ofValue: name.sun_path) else { return }
        // A leading @ stands for the abstract name space, whose names begin with a NUL.
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        var text = message
        text.withUTF8 { bytes in
            _ = withUnsafePointer(to: &name) {
                if let attached {
                    return cupel_send_descriptor(descriptor, $0, length, bytes.baseAddress, bytes.count, attached)
                }
                return $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
                }
            }
        }
    }
}
