import ArgumentParser
import Console
import Daemon
import Glibc
import Journal
import Plant
import PlantConfiguration
import Simulation

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the whole product on a simulated plant: simulator, daemon and a live screen.")

    @Option(help: "The configuration whose controllers are simulated.") var config = "config"
    @Option(help: "Simulated seconds a second.") var speed = 1.0
    @Option(help: "End after this many seconds instead of at Ctrl-C.") var seconds: Int?

    func run() async throws {
        let scratch = try Self.scratchDirectory()
        let place = try PlaceOptions.parse(["--config", config, "--state", scratch])
        var loaded = try place.load()
        // The configured sinks belong to a plant, not to a demonstration.
        loaded = LoadedConfiguration(
            plant: loaded.plant.replacing(sinks: [
                SinkDefinition(name: "pipe", kind: .fifo(path: scratch + "/alarms")),
                SinkDefinition(name: "log", kind: .journald),
            ]), files: loaded.files, warnings: loaded.warnings)
        let log = try LogWriter(path: scratch + "/daemon.log")
        try log.start()
        let simulator = Simulator(
            plant: loaded.plant,
            options: SimulationOptions(seed: 1, speed: speed, script: .demonstration(for: loaded.plant))
        ) { log.write(severity: 6, "simulator: \($0)") }
        do {
            try simulator.start()
        } catch {
            Output.complain("cupel: \(error)")
            throw ExitCode.cannotCreate
        }
        let daemon: Daemon
        do {
            daemon = try Daemon(
                configuration: loaded, path: config, state: scratch, socket: scratch + "/cupel.sock", logWriter: log)
        } catch {
            Output.complain("cupel: \(error)")
            throw ExitCode(error.exitCode)
        }
        let screen = DemoScreen(
            client: DaemonClient(socket: scratch + "/cupel.sock"), scratch: scratch, plant: loaded.plant,
            cupel: CommandLine.arguments[0])
        let watching = Task { await screen.run() }
        let ending = Task { [seconds] in
            guard let seconds else { return }
            try await Task.sleep(for: .seconds(seconds))
            kill(getpid(), SIGTERM)
        }
        defer {
            watching.cancel()
            ending.cancel()
            simulator.stop()
            log.stop()
        }
        try await daemon.run()
        watching.cancel()
        Output.line("\nstopped; the readings of this demo stay in \(scratch): try")
        Output.line("  \(CommandLine.arguments[0]) plot F-01.melt_temp --state \(scratch)")
    }

    private static func scratchDirectory() throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/cupel-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            Output.complain("cupel: cannot make a directory in \(parent): \(String(cString: strerror(errno)))")
            throw ExitCode.cannotCreate
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The demo's live screen: values, standing alarms, the last events, the history growing, and what to try.
struct DemoScreen: Sendable {
    /// The values worth a look, for as many controllers as fit.
    static let shown = ["phase", "melt_temp", "power", "water_flow", "cell_voltage", "cell_current", "oxide_feed"]
    /// Events shown at the bottom.
    static let eventLines = 8

    let client: DaemonClient
    let scratch: String
    let plant: Plant
    let cupel: String

    init(client: DaemonClient, scratch: String, plant: Plant, cupel: String) {
        (self.client, self.scratch, self.plant, self.cupel) = (client, scratch, plant, cupel)
    }

    func run() async {
        while !Task.isCancelled {
            if let page = try? await page() {
                // Home, clear to the end: no flicker, and a terminal that scrolls keeps what it had.
                Output.write(Output.isTerminal ? "\u{1B}[H\u{1B}[2J" + page : page + "\n")
            }
            try? await Task.sleep(for: Output.isTerminal ? .seconds(1) : .seconds(5))
        }
    }

    private struct Summary: Decodable {
        struct Recorder: Decodable {
            var readings: Int
            var commits: Int
        }
        var summary: String
        var recorder: Recorder
    }

    private func page() async throws -> String {
        let status: Summary = try await client.get("status")
        let readings: [ReadingReport] = try await client.get("now")
        let alarms: [AlarmReport] = try await client.get("alarms")
        let events = try await client.getText("alarms/history?limit=\(DemoScreen.eventLines)").split(separator: "\n")
        let wanted = readings.filter { reading in DemoScreen.shown.contains { reading.tag.hasSuffix("." + $0) } }
        var page = "\(plant.name): \(status.summary)\n"
        page +=
            "history: \(status.recorder.readings) readings in \(status.recorder.commits) commits, \(scratch)/history.db\n\n"
        page += Now.table(wanted.filter { $0.text != nil || $0.quality != "good" }).text() + "\n"
        if alarms.isEmpty { page += "no alarm stands; a furnace overheats within the first minute\n" }
        for alarm in alarms {
            page +=
                "\(alarm.state) \(alarm.priority ?? "") \(alarm.level ?? "") \(alarm.alarm)@\(alarm.occurrence).\(alarm.revision)"
            page += alarm.value.map { " \(Tag.shown($0, digits: 6)) \(alarm.unit ?? "")" } ?? ""
            page += alarm.guidance.map { "\n    -> \($0)" } ?? ""
            page += "\n"
        }
        page += "\nlast events\n" + events.map { "  \(text(ofAlarmLine: String($0)))" }.joined()
        page += """

            try in a second terminal (Ctrl-C ends the demo):
              \(cupel) alarms follow --socket \(scratch)/cupel.sock
              \(cupel) alarms ack 'melt-temperature-high:*' --socket \(scratch)/cupel.sock
              \(cupel) now 'F-*.melt_temp' --socket \(scratch)/cupel.sock
              \(cupel) query F-01.melt_temp --from -2m --every 10s --agg mean,max --state \(scratch)
              \(cupel) plot F-01.melt_temp --from -5m --state \(scratch)
              cat \(scratch)/alarms
              \(cupel) sql --state \(scratch) "SELECT * FROM reading WHERE tag='F-01.melt_temp' ORDER BY time DESC LIMIT 5"

            """
        return page
    }
}
