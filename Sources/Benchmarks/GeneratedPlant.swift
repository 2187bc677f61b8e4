import FoundationEssentials
import Glibc

/// A plant of equal controllers, written as the configuration the daemon loads.
struct GeneratedPlant {
    let controllers: Int
    let tags: Int
    let periodMilliseconds: Int
    /// How many readings one round of all controllers brings.
    var readingsARound: Int { controllers * tags }
    var period: Int64 { Int64(periodMilliseconds) * 1_000_000 }

    /// The alarm that a step of this controller raises, as operators see its name.
    static func alarm(of controller: Int) -> String { "step:\(name(of: controller)).t000" }

    private static func name(of controller: Int) -> String { "C-" + padded(controller) }
    private static func padded(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 3 - String(number).count)) + String(number)
    }

    /// Writes `cupel.yaml` and its profile.
    ///
    /// - Parameters:
    ///   - more: lines for other controllers with the same profile.
    ///   - alarms: lines for other alarms.
    ///   - sections: whole sections.
    func write(
        to directory: String, socket: String, ports: [Int], more: String = "", alarms: String = "",
        _ sections: String = ""
    ) throws {
        try FileManager.default.createDirectory(atPath: directory + "/profiles", withIntermediateDirectories: true)
        try Data(profile.utf8).write(to: URL(filePath: directory + "/profiles/farm.yaml"))
        let text = configuration(socket: socket, ports: ports, more: more) + alarms + sections
        try Data(text.utf8).write(to: URL(filePath: directory + "/cupel.yaml"))
    }

    private func configuration(socket: String, ports: [Int], more: String) -> String {
        // One commit a second whatever the load, which is what the minimal loop does.
        """
        plant: {name: Benchmark, site: BENCH, time_zone: UTC}
        history: {path: history.db, commit_every: 1s, commit_readings: 1000000}
        journal: {path: journal.db}
        console: {socket: "\(socket)", listen: none}
        scan: {normal: \(periodMilliseconds)ms}
        controllers:

        """
            + ports.enumerated().map { index, port in
                "  - {name: \(Self.name(of: index)), address: \"127.0.0.1:\(port)\", unit: 1, profile: farm}\n"
            }.joined()
            + more
                + """
                alarms:
                  - id: step
                    tag: "C-*.t000"
                    levels: {high: {limit: 100, priority: high}}
                    deadband: 5

                """
    }

    /// Blocks of 124 registers, as the minimal loop reads them.
    private var profile: String {
        """
        model: benchmark farm
        notation: zero-based
        max_registers: 124
        max_gap: 0
        tags:

        """
            + (0..<tags).map { "  - {name: t\(Self.padded($0)), register: \"holding:\(2 * $0)\", type: float32}\n" }
            .joined()
    }
}

/// A directory that is gone with its owner.
struct ScratchDirectory: ~Copyable {
    let path: String

    /// - Parameter parent: on a disk, not in memory, or the commits cost nothing.
    init(in parent: String) throws(BenchmarkFailure) {
        var template = Array("\(parent)/cupel-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw BenchmarkFailure("cannot make a directory in \(parent): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
