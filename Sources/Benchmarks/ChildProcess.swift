import CBaseline
import Glibc

/// A program under measurement. It dies with this one, and its standard output is a pipe or a file.
struct ChildProcess: ~Copyable {
    let pid: pid_t
    /// The reading end of its standard output; -1 when that is a file.
    let output: CInt
    private var reaped = false

    /// What the kernel counted over its whole life.
    struct End {
        /// The exit status, or 128 and the signal.
        let status: CInt
        /// The largest resident set in bytes.
        let residentBytes: Int
    }

    /// - Parameter log: the file for standard output and error; without it standard output is a pipe.
    init(_ arguments: [String], log: String? = nil) throws(BenchmarkFailure) {
        var descriptor: CInt = -1
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        pid = baseline_spawn(&words, log, &descriptor)
        guard pid > 0 else {
            throw BenchmarkFailure("cannot start \(arguments[0]): \(String(cString: strerror(errno)))")
        }
        output = descriptor
    }

    deinit {
        if output >= 0 { close(output) }
        guard !reaped else { return }
        kill(pid, SIGKILL)
        var status: CInt = 0
        waitpid(pid, &status, 0)
    }

    /// CPU time so far, in nanoseconds.
    var cpu: Int64 { baseline_cpu(pid) }

    /// Sends a signal and waits for the end.
    mutating func end(with signal: CInt = SIGTERM) -> End {
        kill(pid, signal)
        var status: CInt = 0
        var usage = rusage()
        wait4(pid, &status, 0, &usage)
        reaped = true
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        return End(status: code, residentBytes: Int(usage.ru_maxrss) * 1024)
    }

    /// Everything it writes until it ends, and how it ended.
    mutating func collect() -> (text: String, status: CInt) {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(output, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        var status: CInt = 0
        waitpid(pid, &status, 0)
        reaped = true
        return (
            String(decoding: bytes, as: UTF8.self), status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        )
    }

    /// The first line it writes.
    func firstLine() -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// This program, to run one of its own commands in a process of its own.
    static var itself: String { "/proc/self/exe" }
}
