import Acquisition
import CBaseline
import FoundationEssentials
import Glibc

/// A running `cupel run`, with its files in a directory of ours.
struct DaemonUnderTest: ~Copyable {
    private let cupel: String
    private let directory: String
    private var process: ChildProcess

    /// What `cupel status --json` says of the recorder and the lines. The names are the product's contract.
    struct Status: Decodable {
        struct Recorder: Decodable {
            let scans: UInt64
            let refusedCells: Int
            /// The newest durable scan of each scan group.
            let newestSequences: [String: UInt64]
        }
        struct Latency: Decodable {
            let p50: Double
            let p99: Double
        }
        struct Sink: Decodable {
            let name: String
            let backlog: Int
            let behind: Int
            let lost: Int
            let written: Latency?
        }
        struct Streams: Decodable {
            struct Client: Decodable {
                let name: String?
                let behind: Int
                let written: Latency?
            }
            let listeners: Int
            let cut: Int
            let clients: [Client]
        }
        let recorder: Recorder
        let lines: [LineStatus]
        let sinks: [Sink]
        let streams: Streams
    }

    static func socket(in directory: String) -> String { directory + "/state/cupel.sock" }
    static func history(in directory: String) -> String { directory + "/state/history.db" }

    init(cupel: String, directory: String) throws {
        (self.cupel, self.directory) = (cupel, directory)
        let state = directory + "/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        process = try ChildProcess(
            [cupel, "run", "--config", directory, "--state", state], log: directory + "/daemon.log")
    }

    /// CPU time so far, in nanoseconds.
    var cpu: Int64 { process.cpu }

    func status() throws -> Status {
        var child = try ChildProcess([cupel, "status", "--json", "--socket", Self.socket(in: directory)])
        let (text, status) = child.collect()
        guard status == 0 else { throw BenchmarkFailure("cupel status ended with \(status)\n\(log)") }
        do {
            return try JSONDecoder().decode(Status.self, from: Data(text.utf8))
        } catch {
            throw BenchmarkFailure("cupel status --json: \(error)")
        }
    }

    /// Ends it as the service manager would; anything but a clean end is a failure.
    mutating func stop() throws -> ChildProcess.End {
        let end = process.end()
        guard end.status == 0 else { throw BenchmarkFailure("cupel run ended with \(end.status)\n\(log)") }
        return end
    }

    /// Ends it as a power cut would.
    mutating func kill() { _ = process.end(with: SIGKILL) }

    /// The end of what it logged, for whoever has to find out why.
    var log: String {
        let text = (try? Data(contentsOf: URL(filePath: directory + "/daemon.log"))) ?? Data()
        return String(decoding: text.suffix(2000), as: UTF8.self)
    }
}

/// The first row of a query on a database, split into its columns.
func query(_ database: String, _ sql: String) throws(BenchmarkFailure) -> [String] {
    // Room for one number for each of a thousand scan groups with its name.
    var text = [CChar](repeating: 0, count: 1 << 17)
    let code = baseline_query(database, sql, &text, text.count)
    let answer = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard code == 0 else { throw BenchmarkFailure("\(database): \(answer)") }
    return answer.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
}

/// The first column of the first row as a number; NULL is 0.
func number(_ database: String, _ sql: String) throws(BenchmarkFailure) -> Int {
    Int(try query(database, sql)[0]) ?? 0
}
