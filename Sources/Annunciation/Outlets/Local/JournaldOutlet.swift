import Glibc
import Plant
import Synchronization

/// systemd's journal, in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram a line, with fields that
/// `journalctl ALARM_ID=...` finds.
///
/// Each datagram finds its way by the path, so that a journald that is started anew is reached by the next one; only to
/// wait for one that is busy is the socket connected, because poll knows no other way to the receiver's queue. Nobody
/// answers, so a line that the kernel took (it keeps about ten for a journald that does not read; measured: 11) counts as
/// told.
public final class JournaldOutlet: Outlet {
    private let path: String
    private let drainPatience: Duration
    private let stop = OutletStop()
    private let clock = SystemClock()
    private let descriptor = Mutex<CInt>(-1)

    public let acknowledges = false
    public var isCheapToTry: Bool { true }
    /// What the kernel keeps for a reader that is busy: net.unix.max_dgram_qlen is 10 by default.
    public let batchLimit = 10

    public convenience init(path: String = "/run/systemd/journal/socket") {
        self.init(path: path, drainPatience: FifoOutlet.drainPatience)
    }

    /// - Parameter drainPatience: as that of a named pipe.
    init(path: String, drainPatience: Duration) { (self.path, self.drainPatience) = (path, drainPatience) }

    deinit { close() }

    /// Ends the wait for a journald that is busy; what it takes at once it still gets.
    public func interrupt() { stop.set() }

    public func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    public func send(_ lines: [AlarmLine]) -> Delivery {
        descriptor.withLock { descriptor in
            if descriptor < 0 {
                let kind = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
                descriptor = socket(AF_UNIX, kind, 0)
                guard descriptor >= 0 else { return .unavailable("no socket: \(reason(errno))") }
            }
            guard let address = UnixAddress(path) else {
                return .unavailable("\(path) is too long for a socket: 107 bytes at most")
            }
            for (taken, line) in lines.enumerated() {
                let code = send(JournaldEntry(line).bytes, to: address, descriptor)
                if code != 0 { return answer(to: code, taken: taken) }
            }
            return .all(of: lines)
        }
    }

    /// - Returns: 0, or the error's number.
    private func send(_ bytes: [UInt8], to address: UnixAddress, _ descriptor: CInt) -> CInt {
        let until = clock.monotonic() + drainPatience.nanoseconds
        while true {
            let code = address.send(bytes, from: descriptor)
            guard code == EAGAIN else { return code }
            // Others write to it, too, and may have taken the room that there was.
            let left = max(0, until - clock.monotonic())
            guard address.connect(descriptor) == 0,
                stop.waits(for: descriptor, events: Int16(POLLOUT), nanoseconds: left)
            else { return code }
        }
    }

    private func answer(to code: CInt, taken: Int) -> Delivery {
        switch code {
        case ENOENT, ECONNREFUSED: .unavailable("no journald answers at \(path)", taken: taken)
        case EAGAIN, ENOBUFS: .unavailable("journald does not read its socket \(path)", taken: taken)
        // Larger files would have to be passed as descriptors; a line is far from that.
        case EMSGSIZE: .refused("\(path): \(reason(code))", taken: taken)
        default: .unavailable("\(path): \(reason(code))", taken: taken)
        }
    }
}

/// A line as journald takes it.
struct JournaldEntry {
    /// Lines that call an operator: `journalctl MESSAGE_ID=...` shows these alone. Drawn at random, for Cupel only.
    static let announcement = "e1a2d8a260be48c3a038f3f0b056d29b"
    /// All others: what ends an alarm or is done about it, gaps, tests.
    static let record = "f753f798dfb345f9b61087be86f54649"

    private static let names: [(AlarmField, String)] = [
        (.alarm, "ALARM_ID"), (.occurrence, "OCC"), (.revision, "REV"), (.sequence, "SEQ"), (.boot, "BOOT"),
        (.state, "STATE"), (.priority, "ALARM_PRIORITY"), (.level, "LEVEL"), (.value, "VALUE"), (.unit, "UNIT"),
        (.tag, "TAG"), (.plant, "PLANT"), (.what, "WHAT"), (.quality, "QUALITY"), (.time, "ALARM_TIME"),
    ]

    private(set) var bytes: [UInt8] = []

    init(_ line: AlarmLine) {
        add("MESSAGE", line.text.last == "\n" ? String(line.text.dropLast()) : line.text)
        add("PRIORITY", String(line.severity))
        add("MESSAGE_ID", line.announces ? JournaldEntry.announcement : JournaldEntry.record)
        add("SYSLOG_IDENTIFIER", "cupel")
        for (field, name) in JournaldEntry.names {
            if let value = line.fields[field] { add(name, value) }
        }
    }

    /// `NAME=value`, or with the value's length where a newline in it would end it.
    private mutating func add(_ name: String, _ value: String) {
        bytes += name.utf8
        if value.utf8.contains(UInt8(ascii: "\n")) {
            bytes.append(UInt8(ascii: "\n"))
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes += $0 }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\n"))
    }
}

/// The path of a Unix socket as the system wants it.
private struct UnixAddress {
    private var address = sockaddr_un()

    init?(_ path: String) {
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
            // One byte stays for the NUL at its end.
            guard path.utf8.count < place.count else { return false }
            place.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { return nil }
    }

    /// - Returns: 0, or the error's number.
    func send(_ bytes: [UInt8], from descriptor: CInt) -> CInt {
        let flags = CInt(MSG_DONTWAIT | MSG_NOSIGNAL)
        return with { sendto(descriptor, bytes, bytes.count, flags, $0, $1) } < 0 ? errno : 0
    }

    /// - Returns: 0, or the error's number.
    func connect(_ descriptor: CInt) -> CInt { with { Glibc.connect(descriptor, $0, $1) } < 0 ? errno : 0 }

    private func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
