import ArgumentParser
import Console
import Daemon
import Plant
import PlantConfiguration

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the health of every line, ring, database and sink.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "The whole report as JSON.") var json = false

    func run() async throws {
        try await reachingDaemon {
            let answer = try await socket.client.getText(json ? "status" : "status?text=1")
            let text = json ? answer : answer.plainLines
            Output.write(text.hasSuffix("\n") ? text : text + "\n")
        }
    }
}

struct Tags: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the tags: unit, scan, register and type; also with the daemon stopped.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object a line.") var json = false
    @Flag(help: "The configured tags in the form of tags.csv, from the configuration's files.") var csv = false
    @Argument(help: "A name or pattern, F-*.melt_temp.") var pattern = "*"

    func validate() throws {
        if json, csv { throw ValidationError("--json and --csv exclude each other.") }
    }

    func run() async throws {
        if csv { return Output.write(tagsText(of: try socket.place.load().plant, matching: pattern)) }
        let tags: [TagReport]
        do {
            tags = try await socket.client.get("tags?match=\(DaemonClient.escape(pattern))")
        } catch is Unreachable {
            tags = TagReport.list(try socket.place.load().plant, matching: pattern)
        }
        if json { return try tags.forEach { Output.line(try jsonLine($0)) } }
        var table = Table(headers: ["TAG", "UNIT", "SCAN", "TYPE", "REGISTER", "DESCRIPTION"])
        for tag in tags {
            table.rows.append([
                tag.name, tag.unit ?? "", "\(tag.scan) \(tag.period_ms) ms", tag.type, tag.register,
                tag.description ?? "",
            ])
        }
        Output.write(table.text())
        if tags.isEmpty { throw ExitCode(1) }
    }
}

struct Now: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the latest values with their quality and age.")

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object a line.") var json = false
    @Option(help: "Show them again and again, this many seconds apart.") var every: Double?
    @Argument(help: "Names or patterns.") var patterns: [String] = ["*"]

    func run() async throws {
        try await reachingDaemon {
            while true {
                var readings: [ReadingReport] = []
                for pattern in patterns {
                    readings += try await socket.client.get(
                        "now?match=\(DaemonClient.escape(pattern))", as: [ReadingReport].self)
                }
                try show(readings)
                guard let every else {
                    if readings.isEmpty { throw ExitCode(1) }
                    return
                }
                try await Task.sleep(for: .seconds(every))
            }
        }
    }

    private func show(_ readings: [ReadingReport]) throws {
        if json { return try readings.forEach { Output.line(try jsonLine($0)) } }
        Output.write(Self.table(readings).text())
    }

    static func table(_ readings: [ReadingReport]) -> Table {
        var table = Table(headers: ["TAG", "VALUE", "UNIT", "QUALITY", "AGE"], rightAligned: [1, 4])
        for reading in readings {
            table.rows.append([
                reading.tag, reading.text ?? "-", reading.unit ?? "", reading.quality,
                reading.age_ms.map(Self.age) ?? "-",
            ])
        }
        return table
    }

    /// `0.3 s`, `12 s`, `5 min`, `3 h`.
    static func age(_ milliseconds: Int64) -> String {
        switch milliseconds {
        case ..<10_000: "\(Double(milliseconds / 100) / 10) s"
        case ..<120_000: "\(milliseconds / 1000) s"
        case ..<7_200_000: "\(milliseconds / 60_000) min"
        default: "\(milliseconds / 3_600_000) h"
        }
    }
}

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Loads the configuration again; a bad one changes nothing and its errors are shown.")

    @OptionGroup var socket: SocketOptions

    func run() async throws {
        try await reachingDaemon {
            let answer: ReloadAnswer = try await socket.client.post(
                "reload", [String](), patience: DaemonClient.reloadTimeout)
            Output.line("\(answer.answer): \(answer.summary)".plainLine)
            guard let loaded = try? loadConfiguration(socket.place.config) else { return }
            for host in socket.place.fenced(loaded) { Output.complain("cupel: \(host)") }
        }
    }

    private struct ReloadAnswer: Decodable {
        var answer: String
        var summary: String
    }
}
