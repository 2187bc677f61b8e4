import Foundation
import Glibc
import TestSupport
import Testing

/// Readings out of the history and into it again, with the daemon and without.
@Suite(.serialized)
struct ExportImportTests {
    /// A history with some scans, and no daemon any more.
    static func recorded() throws -> Plantyard {
        let server = try HistoryTests.server()
        let yard = try HistoryTests.yard(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("fifty scans on disk") {
            try HistoryTests.status(yard).recorder.newestSequences["X/fast"] ?? 0 > 50 ? true : nil
        }
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
        return yard
    }

    static func file(_ yard: Plantyard, _ text: String, _ name: String = "in.csv") throws -> String {
        let path = yard.path + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    static let lab = "time,tag,value\n2026-01-03T10:00:00Z,X.a,1.5\n2026-01-03T10:01:00Z,X.a,2.5\n"

    @Test func anExportIsWhatAQueryPrints() throws {
        let yard = try Self.recorded()
        let exported = try yard.cupel("export", "X.*", "--from", "-1h")
        let queried = try yard.cupel("query", "X.*", "--from", "-1h", "--format", "csv")
        #expect(exported.status == 0)
        #expect(exported.output == queried.output)
        // The same in a file, which is not written over.
        let out = yard.path + "/out.csv"
        #expect(try yard.cupel("export", "X.*", "--from", "-1h", "--out", out).status == 0)
        #expect(try yard.cupel("export", "X.*", "--from", "-1h", "--out", out).status == 73)
        #expect(try yard.cupel("export", "X.*", "--from", "-1h", "--out", out, "--force").status == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: yard.path).filter { $0.hasPrefix("out.csv") }
                == ["out.csv"])
        let plain = yard.path + "/plain.db"
        #expect(try yard.cupel("export", "X.*", "--from", "-1h", "--format", "sqlite", "--out", plain).status == 0)
        let rows = exported.output.split(separator: "\n").count - 1
        #expect(try yard.sqlite(plain, "SELECT count(*) FROM history") == "\(rows)")
    }

    @Test func aStoppedHistoryTakesAFile() throws {
        let yard = try Self.recorded()
        let path = try Self.file(yard, Self.lab)
        let dry = try yard.cupel("import", path, "--dry-run")
        #expect(dry.status == 0, "\(dry.errors)")
        #expect(dry.output.hasPrefix("would import 2 of 2 readings of 1 tag"))
        let done = try yard.cupel("import", path, "--note", "from the lab")
        #expect(done.status == 0, "\(done.errors)")
        #expect(done.output.hasPrefix("imported 2 of 2 readings of 1 tag"))
        let query = try yard.cupel(
            "query", "X.a", "--from", "2026-01-03T10:00Z", "--to", "2026-01-03T11:00Z", "--format", "csv")
        #expect(
            query.output.split(separator: "\n").dropFirst()
                == ["2026-01-03T10:00:00.000Z,X.a,1.5,,good", "2026-01-03T10:01:00.000Z,X.a,2.5,,good"])
        let again = try yard.cupel("import", path)
        #expect(again.output.contains("imported 0 of 2 readings"))
        #expect(again.output.contains("2 left out"))
        let refused = try yard.cupel("import", path, "--mode", "fail")
        #expect(refused.status == 65)
        #expect(refused.errors.contains("in.csv:2: X.a has a reading at 2026-01-03T10:00:00.000Z"))
        #expect(
            try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE kind = 'import' AND t1 > t0") == "2")
        #expect(try yard.sqlite(yard.history, "PRAGMA integrity_check") == "ok")
    }

    @Test func mistakesAreToldWithTheirPlaces() throws {
        let yard = try Self.recorded()
        let path = try Self.file(
            yard, "time,tag,value\nsoon,X.a,1\n2026-01-03T10:00Z,X.a,hot\n2026-01-03T10:00Z,X.z,1\n")
        let done = try yard.cupel("import", path)
        #expect(done.status == 65)
        #expect(done.errors.contains("in.csv:2:1: found the time \"soon\", expected ISO 8601"))
        #expect(done.errors.contains("in.csv:3:23: found \"hot\" as a value of X.a, expected a number"))
        #expect(done.errors.contains("in.csv:4:19: found the tag \"X.z\", expected one of the history"))
        #expect(try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE kind = 'import'") == "0")
        let json = try yard.cupel("import", path, "--json")
        #expect(json.status == 65)
        #expect(json.output.contains(#""line":2"#) && json.output.contains(#""expected":"a number"#))
        #expect(try yard.cupel("import", yard.path + "/nothing.csv").status == 66)
        #expect(try yard.cupel("import", yard.path).status == 66)
    }

    /// An hour on the clock that is asked for, and of the plant's otherwise.
    @Test func timesWithoutAnOffsetAreAClocks() throws {
        let yard = try Self.recorded()
        let path = try Self.file(yard, "time,tag,value\n2026-07-01T12:00:00,X.a,1.5\n")
        #expect(try yard.cupel("import", path, "--zone", "Europe/Berlin").status == 0)
        #expect(try yard.cupel("import", path).status == 0)
        let query = try yard.cupel("query", "X.a", "--from", "2026-07-01", "--to", "2026-07-02", "--format", "csv")
        #expect(
            query.output.split(separator: "\n").dropFirst()
                == ["2026-07-01T10:00:00.000Z,X.a,1.5,,good", "2026-07-01T12:00:00.000Z,X.a,1.5,,good"])
    }

    @Test func aRunningDaemonTakesAFile() throws {
        let server = try HistoryTests.server()
        let yard = try HistoryTests.yard(server.port)
        let daemon = try yard.daemon()
        _ = try eventually("scans on disk") {
            try HistoryTests.status(yard).recorder.newestSequences["X/fast"] ?? 0 > 5 ? true : nil
        }
        let rows = (0..<20_000).map { "\(1_767_434_400_000 + $0 * 1000),X.b,\($0)\n" }.joined()
        let path = try Self.file(yard, "time,tag,value\n" + rows)
        let done = try yard.cupel("import", path, "--json")
        #expect(done.status == 0, "\(done.errors)")
        #expect(done.output.contains("\"imported\":20000"))
        #expect(done.output.contains("\"state\":\"done\""))
        let count = try yard.cupel(
            "query", "X.b", "--from", "2026-01-03T10:00Z", "--to", "2026-01-03T16:00Z", "--format", "csv")
        #expect(count.output.split(separator: "\n").count == 20_001)
        #expect(try HistoryTests.status(yard).recorder.state == "ok")
        #expect(try HistoryTests.status(yard).recorder.refusedBlocks == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: yard.state + "/imports").isEmpty)
        daemon.signal(SIGTERM)
        #expect(try daemon.exit().status == 0)
    }

    /// Killed at any moment, the daemon or its successor ends the import, and nothing is there twice.
    @Test func anImportOutlivesAKilledDaemon() throws {
        let server = try HistoryTests.server()
        let yard = try HistoryTests.yard(server.port)
        let daemon = try yard.daemon()
        let rows = (0..<600_000).map { "\(1_767_434_400_000 + $0 * 1000),X.b,\($0)\n" }.joined()
        _ = try eventually("scans on disk") {
            try HistoryTests.status(yard).recorder.newestSequences["X/fast"] ?? 0 > 5 ? true : nil
        }
        let importing = try Cupel.start(
            "import", try Self.file(yard, "time,tag,value\n" + rows), "--config", yard.config, "--state", yard.state)
        _ = try eventually("an import that has begun") {
            try yard.sqlite(yard.history, "SELECT count(*) FROM event WHERE kind = 'import'") == "1" ? true : nil
        }
        daemon.signal(SIGKILL)
        try daemon.exit()
        _ = try? importing.exit()
        let next = try yard.daemon()
        _ = try eventually("the import's end") {
            try yard.sqlite(yard.history, "SELECT attrs ->> 'state' FROM event WHERE kind = 'import'") == "done"
                ? true : nil
        }
        next.signal(SIGTERM)
        #expect(try next.exit().status == 0)
        #expect(
            try yard.sqlite(yard.history, "SELECT attrs ->> 'imported' FROM event WHERE kind = 'import'") == "600000")
        let count = try yard.cupel(
            "query", "X.b", "--from", "2026-01-03T10:00Z", "--to", "2026-01-13T10:00Z", "--format", "csv")
        #expect(count.output.split(separator: "\n").count == 600_001)
        #expect(try yard.sqlite(yard.history, "SELECT count(*) FROM mark WHERE name GLOB 'import/*'") == "0")
    }
}
