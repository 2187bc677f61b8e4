import ArgumentParser
import CBaseline
import Glibc

/// The minimal C loop, in a process of its own.
struct MinimalLoop: ~Copyable {
    private var process: ChildProcess

    init(plant: GeneratedPlant, ports: [Int], directory: String, alarmPort: UInt16 = 0) throws {
        process = try ChildProcess(
            [
                ChildProcess.itself, "loop", "--tags", "\(plant.tags)", "--period-ns", "\(plant.period)",
                "--database", directory + "/loop.db", "--alarm-port", "\(alarmPort)",
            ] + ports.map { "\($0)" }, log: directory + "/loop.log")
    }

    /// CPU time so far, in nanoseconds.
    var cpu: Int64 { process.cpu }

    /// It says itself whether a reading was lost.
    mutating func stop() throws -> ChildProcess.End {
        let end = process.end()
        guard end.status == 0 else { throw BenchmarkFailure("the minimal loop ended with \(end.status)") }
        return end
    }
}

struct LoopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loop", abstract: "The minimal C loop: libmodbus and SQLite, until SIGTERM.")

    @Option(help: "float32 tags a device.") var tags: Int
    @Option(help: "How often each device is read.") var periodNs: Int64
    @Option(help: "The database; WAL, synchronous=FULL, one transaction a second.") var database: String
    @Option(help: "A UDP port that is told of steps; 0 tells nobody.") var alarmPort = 0
    @Argument(help: "The ports of the devices.") var ports: [Int]

    func run() throws {
        let code = ports.map(CInt.init).withUnsafeBufferPointer { ports in
            database.withCString { database in
                var options = baseline_floor(
                    ports: ports.baseAddress, devices: CInt(ports.count), tags: CInt(tags), period_ns: periodNs,
                    commit_ns: 1_000_000_000, database: database, alarm_port: CInt(alarmPort))
                return baseline_floor(&options)
            }
        }
        if code != 0 { throw ExitCode(code) }
    }
}
