import Foundation
import Plant
import Store
import TestSupport
import Testing

import struct Archive.StoredReading

@testable import Historian

/// A main file whose end is gone: SQLite alone refuses all of it.
@Suite("Histories that were cut off")
struct CutFileTests {
    let scratch: Scratch
    let history: WrittenHistory
    let clock = HandClock()
    var cut: String { scratch.path + "/cut.db" }

    init() throws {
        scratch = try Scratch()
        history = try WrittenHistory(scratch.history, spans: 80)
        try history.importReadings((0..<300).map { Double($0) })
        try history.settle()
        clock.advance(milliseconds: 86_400_000)
    }

    static let cuts = [4096, 4 * 4096, 12 * 4096, 1, 4095, 5000, 3 * 4096 + 512]

    @Test(arguments: cuts)
    func verifySaysWhereAndWhatToDo(bytes: Int) throws {
        try history.cut(bytes, to: cut)
        let report = try Verify(path: cut, depth: .whole).history()
        #expect(!report.isUnreadable)
        #expect(report.findings.contains { $0.kind == .structure && $0.text.contains("its end was cut off") })
        #expect(report.notes.contains { $0.contains("cupel verify --salvage") })
        // Everything that is there was looked at, and what is not there is told with its time.
        #expect(report.counts.spans >= 60 && report.counts.chunks > 50 && report.counts.events == 2)
        let lines = report.findings.map(\.line)
        #expect(lines.allSatisfy { !$0.contains("nothing was changed") && !$0.contains("cupel verify") }, "\(lines)")
        #expect(bytes == 1 || report.findings.contains { $0.kind == .structure && $0.subject != nil }, "\(lines)")
        if bytes == 12 * 4096 {
            #expect(lines.contains { $0.contains("C1.batch 2026-01-03T") && $0.contains("cannot be read") })
        }
    }

    @Test(arguments: cuts)
    func everythingThatIsThereIsSalvaged(bytes: Int) throws {
        let before = try WrittenHistory.everything(history.path)
        try history.cut(bytes, to: cut)
        let result = try Salvage(path: cut).run(clock: clock)
        let after = try WrittenHistory.everything(result.path)
        var (lost, whole) = (0, 0)
        // The newest span's last rows are in `hot` as well, with numbers of their own; without the span they are shown.
        let twice = (history.spans * history.spanScans - 5)..<(history.spans * history.spanScans)
        let shownAgain = Set(twice.map(history.time))
        for (tag, readings) in before {
            let found = Dictionary(after[tag]?.map { ($0.time, $0) } ?? [], uniquingKeysWith: { first, _ in first })
            let subjects: Set<String?> = [tag, "\(tag.prefix(2))/fast", "@import/\(tag)", nil]
            for reading in readings {
                let there = found[reading.time]
                if there == reading || shownAgain.contains(reading.time) && there?.quality.isGood == true {
                    whole += 1
                    continue
                }
                lost += 1
                #expect(
                    result.losses.contains {
                        subjects.contains($0.subject) && $0.start <= reading.time && reading.time < $0.end
                    }, "\(tag) at \(reading.time)")
            }
        }
        // A page of spans holds thirty, of two minutes and four tags each.
        #expect(lost < (bytes / 4096 + 1) * 15_000 && whole > 5000, "\(lost) lost, \(whole) whole")
        #expect(bytes < 4096 || !result.losses.isEmpty)
        #expect(try Verify(path: result.path, depth: .whole).history().findings == [])
        let events = try history.integers(result.path, "SELECT count(*) FROM event WHERE kind = 'salvaged'")
        #expect(events == [Int64(result.losses.count) + 1])
    }

    /// What is only in the log is not lost with the end of the main file.
    @Test func theLogIsReadAsWell() throws {
        try history.cut(4096, to: cut)
        let writer = try PlainConnection(history.path, .writing)
        try writer.execute("INSERT INTO event(t0, kind, text) VALUES (5, 'annotation', 'in the log')")
        for suffix in ["-wal", "-beacon"] {
            try FileManager.default.copyItem(atPath: history.path + suffix, toPath: cut + suffix)
        }
        let result = try Salvage(path: cut).run(clock: clock)
        #expect(try history.integers(result.path, "SELECT count(*) FROM event WHERE text = 'in the log'") == [1])
        _ = writer
    }
}
