import Foundation
import Glibc
import TestSupport
import Testing

/// Looking back with the command line: at a history that was written by hand, and at one that grows.
@Suite(.serialized)
struct QueryTests {
    /// One tag, read once a second, at a controller that nobody has to run.
    static func yard(_ values: [Float], zone: String = "UTC") throws -> Plantyard {
        let yard = try Plantyard(
            """
            plant: {name: Test plant, site: T, time_zone: \(zone)}
            scan: {fast: 1s}
            controllers:
              - name: F-01
                address: 127.0.0.1:1
                unit: 1
                tags:
                  - {name: melt_temp, register: "holding:10", type: float32, order: abcd, unit: degC, scan: fast}
            """)
        try yard.writeHistory(values)
        return yard
    }

    static let from = ["--from", "2026-01-03"]

    // MARK: Rows

    @Test func readingsInEveryFormat() throws {
        let yard = try Self.yard([10.5, 11, 12.25])
        let csv = try yard.cupel("query", "F-01.melt_temp", "--from", "2026-01-03", "--to", "2026-01-03T00:00:02")
        #expect(
            csv.output == """
                time,tag,value,unit,quality
                2026-01-03T00:00:00.000Z,F-01.melt_temp,10.5,degC,good
                2026-01-03T00:00:01.000Z,F-01.melt_temp,11.0,degC,good
                """)
        #expect(csv.status == 0 && csv.errors.isEmpty)
        let json = try yard.cupel("query", "/melt/", "--from", "2026-01-03", "--format", "json", "--epoch-ms")
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
        #expect(rows.compactMap { $0["time"] as? Int64 } == [0, 1000, 2000].map { Plantyard.midnight + $0 })
        #expect(rows.compactMap { $0["value"] as? Double } == [10.5, 11, 12.25])
        let table = try yard.cupel("query", "F-*", "--from", "2026-01-03", "--wide", "--format", "table")
        #expect(
            table.output == """
                TIME                      F-01.melt_temp
                2026-01-03T00:00:00.000Z            10.5
                2026-01-03T00:00:01.000Z            11.0
                2026-01-03T00:00:02.000Z           12.25
                """)
    }

    /// 60 values on a line: over each ten seconds its middle. The last interval ends a second behind the last reading.
    @Test func figuresOfIntervals() throws {
        let yard = try Self.yard((0..<60).map { Float($0) })
        let rows = try yard.cupel(
            "query", "F-01.melt_temp", "--from", "2026-01-03T00:00:10", "--to", "2026-01-03T00:00:30", "--every", "10s",
            "--agg", "mean,min,max,first,last,count,range,percent-good")
        #expect(
            rows.output == """
                time,tag,mean,min,max,first,last,count,range,percent_good,unit
                2026-01-03T00:00:10.000Z,F-01.melt_temp,15,10.0,19.0,10.0,19.0,10,9,100,degC
                2026-01-03T00:00:20.000Z,F-01.melt_temp,25,20.0,29.0,20.0,29.0,10,9,100,degC
                """)
        let simple = try yard.cupel(
            "query", "F-01.melt_temp", "--from", "2026-01-03T00:00:10", "--to", "2026-01-03T00:00:20", "--agg", "mean",
            "--simple")
        #expect(simple.output.hasSuffix("F-01.melt_temp,14.5,degC"))
    }

    /// A spike of one reading among ten thousand is among the forty that are printed.
    @Test func outlinesKeepTheSpike() throws {
        var values = (0..<6000).map { Float($0 % 7) }
        values[4321] = 999
        let yard = try Self.yard(values)
        let rows = try yard.cupel(
            "query", "F-01.melt_temp", "--from", "2026-01-03", "--to", "2026-01-03T02:00", "--max-points", "40")
        let lines = rows.output.split(separator: "\n").dropFirst()
        #expect(lines.count <= 40 && lines.count > 20)
        #expect(lines.contains("2026-01-03T01:12:01.000Z,F-01.melt_temp,999.0,degC,good"))
        #expect(lines.map { $0.prefix(24) } == lines.map { $0.prefix(24) }.sorted())
        let plot = try yard.cupel("plot", "F-01.melt_temp", "--from", "2026-01-03", "--to", "2026-01-03T02:00")
        #expect(plot.output.contains("999 ┤"))
    }

    /// Midnight in Seoul is 15:00 UTC, in the middle of the readings.
    @Test func daysAreThoseOfThePlant() throws {
        let yard = try Self.yard([1], zone: "Asia/Seoul")
        let local = try yard.cupel("query", "F-01.melt_temp", "--from", "2026-01-03", "--every", "1d", "--agg", "count")
        #expect(local.output.contains("2026-01-03T00:00:00.000+09:00,F-01.melt_temp,1"))
        let utc = try yard.cupel("query", "F-01.melt_temp", "--from", "2026-01-03", "--utc")
        #expect(utc.output.contains("2026-01-03T00:00:00.000Z,F-01.melt_temp,1"))
        let named = try yard.cupel("query", "F-01.melt_temp", "--from", "2026-01-03", "--zone", "Europe/Berlin")
        #expect(named.output.contains("2026-01-03T01:00:00.000+01:00,F-01.melt_temp,1"))
        // What is written without an offset is what that clock shows.
        for (zone, from, status) in [
            ("Europe/Berlin", "2026-01-03T01:00", 0), ("Europe/Berlin", "2026-01-03T01:00:00.001", 1),
            ("Asia/Seoul", "2026-01-03T09:00", 0), ("Asia/Seoul", "2026-01-03T09:00:00.001", 1),
        ] as [(String, String, Int32)] {
            let rows = try yard.cupel("query", "F-01.melt_temp", "--from", from, "--zone", zone)
            #expect(rows.status == status, "\(from) in \(zone)")
        }
        #expect(try yard.cupel("query", "F-01.melt_temp", "--from", "2026-01-03T09:00:00.001").status == 1)
    }

    @Test func momentsAndWhatChangedBetweenThem() throws {
        let yard = try Self.yard([10.5, 11, 12.25])
        let moment = try yard.cupel("at", "2026-01-03T00:00:01.400")
        #expect(
            moment.output == """
                tag,value,state,unit,quality,time,age_ms
                F-01.melt_temp,11.0,,degC,good,2026-01-03T00:00:01.000Z,400
                """)
        let change = try yard.cupel("diff", "2026-01-03T00:00:00", "2026-01-03T00:00:02", "F-*")
        #expect(change.output.hasSuffix("\nF-01.melt_temp,10.5,12.25,1.75,degC,good,good"))
        #expect(try yard.cupel("diff", "2026-01-03T00:00:00", "2026-01-03T00:00:00").status == 1)
        #expect(try yard.cupel("at", "2026-01-02").status == 1)
        #expect(try yard.cupel("at", "-1m").output.contains("\nF-01.melt_temp,12.25,"))
        #expect(try yard.cupel("diff", "-1m", "-1s").status == 1)
    }

    @Test func gapsAreListed() throws {
        let yard = try Self.yard([10.5, 11, 12.25])
        let gaps = try yard.cupel("gaps", "F-*", "--from", "2026-01-03", "--to", "2026-01-03T00:00:10")
        #expect(gaps.output.contains("F-01.melt_temp,2026-01-03T00:00:03.000Z,2026-01-03T00:00:10.000Z,7,"))
        #expect(try yard.cupel("gaps", "F-*", "--from", "2026-01-03", "--to", "2026-01-03T00:00:03").status == 1)
    }

    @Test func eventsAreListed() throws {
        let yard = try Self.yard([1])
        let events = try yard.cupel("events", "--from", "-1h", "--kind", "started,stopped", "--format", "ndjson")
        let kinds = try events.output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["kind"] as? String
        }
        #expect(kinds == ["started", "stopped"])
        #expect(try yard.cupel("events", "--from", "-1h", "--kind", "gap").status == 1)
        #expect(try yard.cupel("events", "--kind", "gab").status == 64)
    }

    // MARK: How commands end

    @Test func exitCodesTellWhy() throws {
        let yard = try Self.yard([1])
        #expect(try yard.cupel("query", "F-01.melt_temp", "--from", "2025-01-01", "--to", "2025-01-02").status == 1)
        #expect(try yard.cupel("query", "F-02.melt_temp").status == 1)
        #expect(try yard.cupel("query", "F-01.melt_temp", "--from", "soon").status == 64)
        #expect(try yard.cupel("query", "/(/").status == 64)
        #expect(try yard.cupel("query", "F-01.melt_temp", "--from", "now", "--to", "-1h").status == 64)
        let note = try yard.cupel("annotate", "probe changed")
        #expect(note.status == 69 && note.errors.contains("is `cupel run` running"))
        try Data(repeating: UInt8(ascii: "x"), count: 8192).write(to: URL(fileURLWithPath: yard.history))
        #expect(try yard.cupel("query", "F-01.melt_temp").status == 65)
        try FileManager.default.removeItem(atPath: yard.history)
        #expect(try yard.cupel("query", "F-01.melt_temp").status == 74)
    }

    @Test func tooManyRowsAreNotPrintedBySlip() throws {
        let yard = try Self.yard((0..<5500).map { Float($0) })
        let slip = try yard.cupel("query", "F-01.melt_temp", "--from", "2000-01-01", "--every", "1ms")
        #expect(slip.status == 64)
        #expect(slip.output.isEmpty)
        #expect(slip.errors.contains("about 5,499,002 rows, more than 5,000,000"))
    }

    /// Prints for ever, until Ctrl-C: the output ends behind a whole row, is no whole array, and nothing is said.
    @Test func controlCEndsTheOutputBehindARow() throws {
        let yard = try Self.yard([1])
        let query = try Cupel.start(
            "query", "F-01.melt_temp", "--from", "2026-01-03", "--every", "1ms", "--fill", "previous", "--format",
            "json",
            "--force", "--config", yard.config, "--state", yard.state)
        _ = try query.line { $0.contains("melt_temp") }
        query.signal(SIGINT)
        let ended = try query.exit()
        #expect(ended.status == 130)
        #expect(ended.errors.isEmpty)
        #expect(ended.output.hasSuffix("}"))
    }

    @Test func nothingIsWrittenToAPipeButRows() throws {
        let yard = try Self.yard((0..<3000).map { Float($0) })
        let rows = try yard.cupel("query", "F-01.melt_temp", "--from", "2026-01-03", "--to", "2026-01-03T01:00")
        #expect(rows.output.split(separator: "\n").count == 3001)
        #expect(!rows.output.contains("\u{1B}") && rows.errors.isEmpty)
    }

    // MARK: A history that grows

    static func live(_ port: Int) throws -> Plantyard {
        try Plantyard(
            """
            plant: {name: Test, site: T, time_zone: UTC}
            history: {commit_every: 100ms}
            scan: {fast: 50ms}
            controllers:
              - name: X
                address: 127.0.0.1:\(port)
                unit: 1
                tags:
                  - {name: a, register: "holding:0", type: uint16, scan: fast}
            """)
    }

    @Test func tailFollows() throws {
        let server = try PymodbusServer(["words holding 0 7"])
        let yard = try Self.live(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("readings on disk") {
            try yard.cupel("query", "X.a", "--from", "-1m").status == 0 ? true : nil
        }
        let tail = try Cupel.start("tail", "X.a", "-n", "1", "--config", yard.config, "--state", yard.state)
        _ = try tail.line { $0.hasSuffix(",X.a,7,,good") }
        try server.write(0, 8)
        _ = try tail.line { $0.hasSuffix(",X.a,8,,good") }
        tail.signal(SIGINT)
        let ended = try tail.exit()
        #expect(ended.status == 130 && ended.errors.isEmpty)
        // In order, and each reading once.
        let times = ended.output.split(separator: "\n").dropFirst().map { $0.prefix(24) }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        daemon.signal(SIGTERM)
        try daemon.exit()
        // Nothing comes any more, and nobody reads: a closed pipe is noticed all the same.
        let head = try Program(
            "/bin/sh",
            [
                "-c",
                "'\(Cupel.binary)' tail X.a -n 1 --config '\(yard.config)' --state '\(yard.state)' | head -n 2",
            ]
        ).exit()
        #expect(head.errors.isEmpty)
        #expect(head.output.split(separator: "\n").count == 2)
    }

    @Test func notesAreKeptWithTheirAuthor() throws {
        let server = try PymodbusServer(["words holding 0 7"])
        let yard = try Self.live(server.port)
        let daemon = try yard.daemon()
        let noted = try yard.cupel(
            "annotate", "probe \"B\" changed", "--tag", "X.a", "--at", "2026-01-03T10:00", "--to", "2026-01-03T10:05")
        #expect(noted.status == 0 && noted.output.hasPrefix("ok: "))
        #expect(try yard.cupel("annotate", " ").status == 64)
        #expect(try yard.cupel("annotate", "x", "--tag", "X.zz").status == 65)
        let event = try eventually("the note") {
            let events = try yard.cupel("events", "--from", "2026-01-03", "--kind", "annotation", "--subject", "X.a")
            return events.status == 0 ? events.output : nil
        }
        #expect(event.contains("2026-01-03T10:00:00.000Z,2026-01-03T10:05:00.000Z,annotation,X.a,"))
        #expect(event.hasSuffix(",\"probe \"\"B\"\" changed\","))
        daemon.signal(SIGTERM)
        try daemon.exit()
    }
}
