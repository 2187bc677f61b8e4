import CBaseline
import Glibc

/// The devices everybody polls, in a process of their own, so that their CPU time is not the pollers'.
struct Farm: ~Copyable {
    let ports: [Int]
    private let process: ChildProcess
    private let control: CInt

    /// - Parameters:
    ///   - period: how often each device will be polled, in nanoseconds: longer gaps count as missed polls.
    ///   - turnaround: how long after a request its reply is sent, in nanoseconds.
    static func start(
        devices: Int, tags: Int, period: Int64 = 0, turnaround: Int64 = 0, sick: FarmSickness? = nil
    ) throws -> Farm {
        let process = try ChildProcess(
            [
                ChildProcess.itself, "farm", "--devices", "\(devices)", "--tags", "\(tags)", "--period-ns", "\(period)",
                "--turnaround-ns", "\(turnaround)",
            ] + (sick?.arguments ?? []))
        let words = process.firstLine().split(separator: " ")
        let ports = words.dropFirst(3).compactMap { Int($0) }
        guard ports.count == devices, let port = UInt16(words[1]) else {
            throw BenchmarkFailure("the farm did not start")
        }
        return Farm(ports: ports, process: process, control: try connect(to: port))
    }

    private init(ports: [Int], process: consuming ChildProcess, control: CInt) {
        self.ports = ports
        self.process = process
        self.control = control
    }

    deinit { close(control) }

    /// What the devices counted since the last reset.
    struct Counts {
        /// CLOCK_MONOTONIC nanoseconds.
        let now: Int64
        /// CPU time of the farm in nanoseconds, since it began.
        let cpu: Int64
        /// Requests answered with values.
        let requests: Int
        /// Scans begun, scans that reached the last register, and those that a gap shows to be missing.
        let polls: Int
        let wholePolls: Int
        let missed: Int
        /// The polls of the device that was polled least.
        let fewestPolls: Int
        /// Nanoseconds.
        let longestGap: Int64
    }

    func counts() throws -> Counts {
        let fields = try ask("stats")
        func field(_ name: String) -> Int64 { fields[name] ?? 0 }
        return Counts(
            now: field("now"), cpu: field("cpu"), requests: Int(field("requests")), polls: Int(field("polls")),
            wholePolls: Int(field("whole_polls")),
            missed: Int(field("missed")), fewestPolls: Int(field("fewest_polls")), longestGap: field("longest_gap"))
    }

    func reset() throws { _ = try ask("reset") }

    /// Changes the first tag of a device to 150, or back to 50.
    func step(_ device: Int, _ on: Bool) throws { _ = try ask("step \(device) \(on ? 1 : 0)") }

    /// Changes all tags of a device to 150, or back.
    ///
    /// - Returns: when, in CLOCK_MONOTONIC nanoseconds.
    func surge(_ device: Int, _ on: Bool) throws -> Int64 { try ask("surge \(device) \(on ? 1 : 0)")["now"] ?? 0 }

    /// Each tag of a device is 150 for half of a period in nanoseconds and 50 for the other, one tag after the other; 0
    /// ends it.
    func wave(_ device: Int, period: Int64) throws { _ = try ask("wave \(device) \(period)") }

    /// When the changed value first left, in CLOCK_MONOTONIC nanoseconds; 0 while it has not.
    func served(_ device: Int) throws -> Int64 { try ask("served \(device)")["served"] ?? 0 }

    /// Waits until every device was polled at least twice since the last reset.
    func waitUntilPolled(within seconds: Int) throws {
        for _ in 0..<(seconds * 10) {
            if try counts().fewestPolls >= 2 { return }
            usleep(100_000)
        }
        throw BenchmarkFailure("not every device was polled twice within \(seconds) s")
    }

    private func ask(_ command: String) throws -> [String: Int64] {
        let sent = command.utf8.withContiguousStorageIfAvailable { send(control, $0.baseAddress, $0.count, 0) }
        var reply = [UInt8](repeating: 0, count: 512)
        let count = recv(control, &reply, reply.count, 0)
        guard sent == command.utf8.count, count > 0 else {
            throw BenchmarkFailure("the farm does not answer \(command): \(String(cString: strerror(errno)))")
        }
        var fields: [String: Int64] = [:]
        for word in String(decoding: reply[..<count], as: UTF8.self).split(separator: " ") {
            let parts = word.split(separator: "=")
            if parts.count == 2 { fields[String(parts[0])] = Int64(parts[1]) }
        }
        return fields
    }

    /// A datagram socket that gives up after five seconds: the farm answers in microseconds or not at all.
    private static func connect(to port: UInt16) throws -> CInt {
        let socket = try loopbackDatagramSocket()
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let connected = withLoopbackAddress(port: port) { Glibc.connect(socket, $0, $1) }
        guard connected == 0 else { throw BenchmarkFailure("connect: \(String(cString: strerror(errno)))") }
        return socket
    }
}

func loopbackDatagramSocket() throws -> CInt {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { throw BenchmarkFailure("socket: \(String(cString: strerror(errno)))") }
    return descriptor
}

/// Calls `body` with 127.0.0.1 and a port.
func withLoopbackAddress<Result>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}
