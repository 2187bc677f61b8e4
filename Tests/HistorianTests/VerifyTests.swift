import Foundation
import Plant
import Store
import TestSupport
import Testing

@testable import Historian

@Suite("What verify finds")
struct VerifyTests {
    @Test(arguments: [Verify.Depth.quick, .whole, .deep])
    func aSoundHistoryHasNoFindings(depth: Verify.Depth) throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history)
        let report = try history.verify(depth)
        #expect(report.findings == [])
        #expect(report.notes == [])
        #expect(report.counts.spans == 8)
        #expect(report.counts.chunks == 20)
        #expect(report.counts.readings == 20 * 120)
        #expect(report.counts.rows == 60)
        #expect(report.counts.events == 1)
        #expect(depth == .quick || report.counts.decoded == 20 * 120)
    }

    /// What somebody did to the file, what must be found of it, about whom, and a part of what is said.
    struct Harm: Sendable, CustomTestStringConvertible {
        var sql: String
        var kind: Finding.Kind
        var subject: String?
        var text: String
        var depth = Verify.Depth.whole
        var testDescription: String { sql }
    }

    static let harms: [Harm] = [
        Harm(
            sql: "UPDATE chunk SET data = zeroblob(length(data)) WHERE key = 1 << 36 | 3", kind: .damaged,
            subject: "C1.temp", text: "120 readings fail their checksum"),
        Harm(
            sql: "UPDATE chunk SET crc = crc + 1 WHERE key = 5 << 36 | 2", kind: .damaged, subject: "C2.level",
            text: "fail their checksum", depth: .quick),
        // A chunk under another's key: its bytes are whole.
        Harm(
            sql: """
                UPDATE chunk SET (crc, data) = (SELECT crc, data FROM chunk WHERE key = 1 << 36 | 1)
                WHERE key = 1 << 36 | 3
                """, kind: .damaged, subject: "C1.temp", text: "checksum"),
        Harm(
            sql: "UPDATE span SET data = zeroblob(length(data)) WHERE id = 3", kind: .damaged, subject: "C1/fast",
            text: "the times of 120 scans (span 3) fail their checksum", depth: .quick),
        Harm(
            sql: "DELETE FROM chunk WHERE key = 2 << 36 | 5", kind: .missing, subject: "C1.flow",
            text: "120 readings have no chunk (span 5)", depth: .quick),
        Harm(
            sql: "DELETE FROM span WHERE id = 7", kind: .missing, subject: "C1.temp",
            text: "a chunk belongs to span 7, which is not there"),
        Harm(
            sql: "DELETE FROM span WHERE id = 3", kind: .sequence, subject: "C1/fast",
            text: "120 scans before number 241 are missing", depth: .quick),
        Harm(
            sql: "DELETE FROM hot WHERE sequence = 500 AND scan_group = 2", kind: .sequence, subject: "C2/fast",
            text: "1 scans before number 501 are missing", depth: .quick),
        Harm(
            sql: "DELETE FROM waiting WHERE sequence BETWEEN 482 AND 487 AND scan_group = 1", kind: .gap,
            subject: "C1/fast", text: "no scans for 7000 ms", depth: .quick),
        Harm(
            sql: "UPDATE hot SET sequence = 495 WHERE sequence = 500 AND scan_group = 2", kind: .sequence,
            subject: "C2/fast", text: "scan 495 comes after scan 499"),
        Harm(
            sql: "UPDATE span SET t0 = t0 + 1000 WHERE id = 3", kind: .wrong, subject: "C1/fast", text: "says t0 ="),
        Harm(
            sql: "UPDATE span SET last_sequence = last_sequence + 1 WHERE id = 3", kind: .wrong, subject: "C1/fast",
            text: "says last_sequence = 241, its scans say 240"),
        Harm(sql: "UPDATE span SET n = 121 WHERE id = 3", kind: .wrong, subject: "C1/fast", text: "span 3"),
        Harm(
            sql: "UPDATE span SET layout = 2 WHERE id = 3", kind: .wrong, subject: "C1/fast",
            text: "layout 2, which is not one of its group"),
        Harm(
            sql: "UPDATE scan_group SET longest_ms = 5 WHERE id = 1", kind: .wrong, subject: "C1/fast",
            text: "readers may pass over it"),
        Harm(
            sql: "UPDATE slot SET scale = 0.2 WHERE tag = 2", kind: .wrong, subject: "C1.flow",
            text: "C1.flow int16 x 0.2 + 5.0, expected C1.flow int16 x 0.1 + 5.0", depth: .quick),
        Harm(
            sql: "UPDATE slot SET type = 'int17' WHERE tag = 2", kind: .wrong, subject: nil, text: "int17",
            depth: .quick),
        Harm(
            sql: "UPDATE slot SET stepped = 0 WHERE tag = 4", kind: .wrong, subject: "C1.batch", text: "slot 3"),
        Harm(
            sql: "UPDATE tag SET name = 'C1.tamp' WHERE id = 1", kind: .wrong, subject: "C1.temp", text: "C1.tamp"),
        Harm(
            sql: "UPDATE hot SET v = '[1,2' WHERE sequence = 500 AND scan_group = 1", kind: .wrong,
            subject: "C1/fast", text: "is no scan of layout 1"),
        Harm(
            sql: "UPDATE hot SET v = '[1,2]' WHERE sequence = 500 AND scan_group = 1", kind: .wrong,
            subject: "C1/fast", text: "is no scan of layout 1"),
        Harm(
            sql: "PRAGMA application_id = 7", kind: .schema, subject: nil, text: "application id 7, expected 1131769964"
        ),
        Harm(
            sql: "INSERT INTO grdb_migrations VALUES ('9 holograms')", kind: .schema, subject: nil,
            text: "\"9 holograms\", expected \"2 sealed\""),
    ]

    @Test(arguments: harms)
    func harmIsFound(_ harm: Harm) throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history)
        try history.change(harm.sql)
        let report = try history.verify(harm.depth)
        #expect(
            report.findings.contains {
                $0.kind == harm.kind && $0.subject == harm.subject && $0.text.contains(harm.text)
            }, "\(report.findings.map(\.line))")
        #expect(report.findings.allSatisfy { $0.file == "history.db" })
    }

    /// Statistics whose checksum is right, and which are those of other values.
    @Test func statisticsThatAreNotThoseOfTheValuesAreFound() throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history)
        try history.forge(tag: 1, span: 1)
        let report = try history.verify()
        #expect(report.findings.map(\.kind) == [.wrong])
        #expect(report.findings.first?.text.contains("its statistics are") == true)
        // A quick look decodes few chunks, and this is none of them.
        #expect(try history.verify(.quick).isSound)
    }

    static let explained: [(String, String)] = [
        ("overflow", "C2/fast"), ("lost", ""), ("stopped", ""), ("salvaged", "C2/fast"), ("gap", "C2/fast"),
    ]

    @Test(arguments: explained)
    func anEventExplainsAHole(kind: String, subject: String) throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history)
        try history.change("DELETE FROM hot WHERE sequence BETWEEN 495 AND 502 AND scan_group = 2")
        #expect(Set(try history.verify().findings.map(\.kind)) == [.sequence, .gap])
        let time = history.time(498)
        try history.change(
            "INSERT INTO event(t0, t1, kind, subject) VALUES (\(time), \(time), '\(kind)', nullif('\(subject)', ''))")
        #expect(try history.verify().findings == [])
    }

    @Test(arguments: [("overflow", "C1/fast", 498), ("annotation", "C2/fast", 498), ("overflow", "C2/fast", 400)])
    func anEventOfAnotherGroupKindOrTimeDoesNot(kind: String, subject: String, scan: Int) throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history)
        try history.change("DELETE FROM hot WHERE sequence BETWEEN 495 AND 502 AND scan_group = 2")
        let time = history.time(scan)
        try history.change(
            "INSERT INTO event(t0, t1, kind, subject) VALUES (\(time), \(time), '\(kind)', '\(subject)')")
        #expect(Set(try history.verify().findings.map(\.kind)) == [.sequence, .gap])
    }

    @Test func whatRetentionTookAwayIsNotMissed() throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history)
        // Half done: the first spans are gone, the second ones still there, and one of their chunks is not.
        try history.change(
            """
            INSERT INTO mark(name, value) VALUES ('raw_from', \(history.time(245)));
            DELETE FROM span WHERE id IN (1, 2);
            DELETE FROM chunk WHERE key & ((1 << 36) - 1) IN (1, 2) OR key = 1 << 36 | 3
            """)
        #expect(try history.verify().findings == [])
    }

    @Test func findingsAreCountedBeyondTheirLimit() throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history, spans: 300, spanScans: 2)
        try history.change("UPDATE chunk SET crc = crc + 1")
        let report = try history.verify(.quick)
        #expect(report.findings.count == Verify.findingLimit)
        #expect(report.more == 1500 - Verify.findingLimit)
    }

    @Test func aFileThatIsNoDatabaseIsUnreadable() throws {
        let scratch = try Scratch()
        try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: scratch.history))
        let report = try Verify(path: scratch.history, depth: .quick).history()
        #expect(report.isUnreadable)
        #expect(report.findings.map(\.kind) == [.structure])
        #expect(throws: StoreError.missing(path: "/nonexistent/h")) {
            try Verify(path: "/nonexistent/h", depth: .quick).history()
        }
    }

    /// Verify holds no transaction for long: between its pages the log can be emptied, and what it saw stays whole.
    @Test func aHistoryThatIsWrittenMeanwhileHasNoFindings() throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history, spans: 60, spanScans: 4)
        var next = history.scans
        var failure: (any Error)?
        let report = try Verify(path: history.path, depth: .quick).history { progress in
            guard progress.step == .chunks else { return }
            do {
                for group in [0, 1] {
                    let id = history.time(next) << 20 | history.ordinal(next, group) & 0xFFFFF
                    try history.change(
                        """
                        INSERT INTO hot(id, ordinal, scan_group, sequence, layout, took_ms, v) VALUES
                        (\(id), \(history.ordinal(next, group)), \(group + 1), \(next + 1), \(group + 1), 3, '[]')
                        """)
                }
                next += 1
            } catch { failure = error }
        }
        #expect(failure == nil)
        #expect(next > history.scans + 2)
        #expect(report.findings == [])
    }

    @Test(arguments: [0, 1, 5])
    func whatTheBeaconKnowsMoreIsLost(scans: Int64) throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history)
        let newest = history.ordinal(history.scans - 1, 1)
        let time = history.time(history.scans + 9)
        let beacon = Beacon(ordinal: newest + scans, time: time)
        #expect(BeaconFile(of: history.path).write(beacon))
        let findings = try history.verify(.quick).findings
        #expect(findings.map(\.kind) == (scans == 0 ? [] : [.lost]))
        #expect(findings.allSatisfy { $0.start == history.time(history.scans - 1) && $0.end == time + 1 })
        #expect(findings.allSatisfy { $0.text.contains("\(newest + scans) were acknowledged") })
    }

    /// SQLite finds nothing wrong with a database whose log is gone.
    @Test func aDeletedLogIsNoticedByItsBeacon() throws {
        let scratch = try Scratch()
        let history = try WrittenHistory(scratch.history)
        let writer = try PlainConnection(history.path, .writing)
        // The rows of `hot` are in the log alone.
        try writer.execute("PRAGMA wal_checkpoint(TRUNCATE); BEGIN")
        for scan in history.scans..<(history.scans + 50) {
            let ordinal = history.ordinal(scan, 0)
            try writer.execute(
                """
                INSERT INTO hot(id, ordinal, scan_group, sequence, layout, took_ms, v) VALUES
                (\(history.time(scan) << 20 | ordinal), \(ordinal), 1, \(scan + 1), 1, 3, '[]')
                """)
        }
        try writer.execute("COMMIT")
        let beacon = Beacon(
            ordinal: history.ordinal(history.scans + 49, 0), time: history.time(history.scans + 50))
        #expect(BeaconFile(of: history.path).write(beacon))
        #expect(try history.verify().findings == [])
        let copy = scratch.path + "/copy.db"
        for suffix in ["", "-beacon"] {
            try FileManager.default.copyItem(atPath: history.path + suffix, toPath: copy + suffix)
        }
        #expect(try Verify(path: copy, depth: .whole).history().findings.map(\.kind) == [.lost])
        // Without the beacon nobody can tell, which is said.
        try FileManager.default.removeItem(atPath: copy + "-beacon")
        let report = try Verify(path: copy, depth: .whole).history()
        #expect(report.findings == [])
        #expect(report.notes.count == 1)
        _ = writer
    }
}
