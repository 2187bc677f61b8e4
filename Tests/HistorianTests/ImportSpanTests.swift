import Archive
import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// Imported readings that become spans at once, and those that must wait.
@Suite struct ImportSpanTests {
    static func file(_ seconds: some Sequence<Int64>, _ tag: String = "C1.temp") -> String {
        "time,tag,value\n"
            + seconds.map { "\(ImportRig.start - 1_000_000_000 + $0 * 1000),\(tag),\($0 % 1000).5\n" }.joined()
    }

    /// Spans of imported readings, how many readings they hold, and how many wait.
    static func counts(_ rig: ImportRig) throws -> [String] {
        try shell(
            rig.rig.path,
            """
            SELECT (SELECT count(*) || ' ' || ifnull(sum(n), 0) FROM span
                WHERE scan_group IN (SELECT id FROM scan_group WHERE imported)), (SELECT count(*) FROM waiting)
            """
        ).first ?? []
    }

    static let files: [(Range<Int64>, Int, [String])] = [
        (Int64(0)..<2000, ImportRun.piece, ["3 2000", "0"]), (0..<299, ImportRun.piece, ["0 0", "299"]),
        // Pieces that do not end where spans do: what is left over begins the next one.
        (0..<4000, 1000, ["5 4000", "0"]), (0..<2000, 900, ["2 1800", "200"]),
    ]

    @Test(arguments: files)
    func fullSpansAreSealedAtOnce(_ seconds: Range<Int64>, _ piece: Int, _ expected: [String]) throws {
        let rig = try ImportRig()
        let status = try rig.run(try rig.stage(Self.file(seconds)), piece: piece)
        #expect(status.numbers == [seconds.count, 0, 0, 0])
        #expect(status.taken == seconds.count)
        #expect(try Self.counts(rig) == expected)
        // Found from the middle of a span, too.
        let middle = ImportRig.start - 1_000_000_000 + 150_000
        var found: [Int64] = []
        try rig.rig.reader().readings(tag: "C1.temp", from: middle, to: middle + 2000) { found.append($0.time) }
        #expect(found == [middle, middle + 1000])
    }

    /// The same readings, whichever way they went, and the same hours due.
    @Test(arguments: [ImportMode.ignore, .replace])
    func spansAndRowsAreTheSame(_ mode: ImportMode) throws {
        var found: [[String]] = []
        for piece in [ImportRun.piece, 100] {
            let rig = try ImportRig()
            rig.record(10)
            var text = Self.file(0..<2500)
            text += Self.file(0..<1400, "C1.flow").dropFirst(15)
            text += "\(ImportRig.start + 2000),C1.temp,7\n\(ImportRig.start + 2001),C1.temp,8\n"
            for row in 0..<1000 as Range<Int64> {
                text += "\(ImportRig.start - 500_000_000 + row * 500),lab.note,\"n\(row)\"\n"
            }
            let staged = try rig.stage(text) {
                $0.mode = mode
                $0.createsTags = true
            }
            let status = try rig.run(staged, piece: piece)
            #expect(status.numbers == (mode == .ignore ? [4901, 1, 0, 1] : [4902, 0, 1, 1]))
            found.append(
                try ImportKillTests.readings(rig.rig.path)
                    + shell(rig.rig.path, "SELECT tag || ' ' || hour FROM rollup_due").map { $0[0] })
            #expect(try Self.counts(rig)[0] == (piece == 100 ? "0 0" : "7 4900"))
        }
        #expect(found[0] == found[1])
    }

    /// Readings that lie between others wait for being merged, and are read all the same.
    @Test func readingsBetweenOthersWait() throws {
        let rig = try ImportRig()
        try rig.run(Self.file(stride(from: 0, to: 4000, by: 2)))
        #expect(try Self.counts(rig) == ["3 2000", "0"])
        try rig.run(Self.file(stride(from: 1, to: 1000, by: 2)))
        #expect(try Self.counts(rig) == ["3 2000", "500"])
        // Beside them there is room again.
        try rig.run(Self.file(5000..<5600))
        #expect(try Self.counts(rig) == ["4 2600", "500"])
        let times = try rig.rig.readings("C1.temp").map(\.time)
        #expect(times == times.sorted())
        #expect(times.count == 3100)
        var sealer = ImportSealer()
        for minute in 0..<6 as Range<Int64> { while try sealer.step(rig.rig.store, now: rig.now + minute * 61_000) {} }
        #expect(try rig.rig.readings("C1.temp").map(\.time) == times)
        #expect(try Self.counts(rig)[1] == "0")
        // And spans never overlap.
        #expect(
            try shell(
                rig.rig.path,
                """
                SELECT count(*) FROM span a JOIN span b ON a.id < b.id AND a.scan_group = b.scan_group
                    AND a.t0 <= b.t1 AND b.t0 <= a.t1
                """) == [["0"]])
    }

    @Test func aRowThatWaitsKeepsASpanAway() throws {
        let rig = try ImportRig()
        try rig.run(Self.file([500]))
        try rig.run(Self.file(0..<900), .replace)
        #expect(try Self.counts(rig) == ["0 0", "900"])
        try rig.run(Self.file(901..<1801), .replace)
        #expect(try Self.counts(rig) == ["1 900", "900"])
    }

    /// Sealed and replaced: the newer reading counts, and the sequence goes on behind the span's.
    @Test func aSealedReadingIsReplaced() throws {
        let rig = try ImportRig()
        try rig.run(Self.file(0..<900))
        let time = ImportRig.start - 1_000_000_000 + 10_000
        let status = try rig.run("time,tag,value\n\(time),C1.temp,99\n", .replace)
        #expect(status.numbers == [1, 0, 1, 0])
        #expect(try rig.rig.readings("C1.temp").first { $0.time == time }?.text == "99.0")
        #expect(try shell(rig.rig.path, "SELECT sequence FROM waiting") == [["901"]])
        #expect(
            try shell(rig.rig.path, "SELECT first_sequence, last_sequence, first_ordinal, last_ordinal, n FROM span")
                == [["1", "900", "1", "900", "900"]])
    }

    @Test func qualitiesAndTextsAreSealed() throws {
        let rig = try ImportRig(ImportStagingTests.plant.get())
        let lines = (0..<600 as Range<Int64>).map { second in
            let time = ImportRig.start - 10_000_000 + second * 1000
            return second % 3 == 0
                ? "\(time),C1.lot,,bad:timeout\n\(time),C1.flow,,bad:204\n"
                : "\(time),C1.lot,\"a,\(second)\",\n\(time),C1.flow,\(second),uncertain:stale\n"
        }
        try rig.run("time,tag,value,quality\n" + lines.joined())
        #expect(try Self.counts(rig) == ["2 1200", "0"])
        let texts = try rig.rig.readings("C1.lot").map { "\($0.text ?? "-") \($0.quality)" }
        #expect(texts == (0..<600).map { $0 % 3 == 0 ? "- bad:timeout" : "a,\($0) good" })
        let numbers = try rig.rig.readings("C1.flow").map { "\($0.text ?? "-") \($0.quality)" }
        #expect(numbers == (0..<600).map { $0 % 3 == 0 ? "- bad:204" : "\($0) uncertain:stale" })
    }

    /// Nothing that was prepared in a transaction which did not happen is used in the next.
    @Test func aRefusedPieceLeavesNothingBehind() throws {
        let rig = try ImportRig()
        let staged = try rig.stage(Self.file(0..<2000))
        rig.desk.enter(staged.id, author: "alice")
        struct Refusal: Error {}
        var refusals = 0
        let faults = FaultPoints { number, name in
            if name == "before the import's commit", refusals < 2 {
                refusals += 1
                throw Refusal()
            }
        }
        var imports = Imports(rig.desk, faults)
        for _ in 0..<2 {
            #expect(throws: HistoryError.self) { _ = try imports.step(rig.rig.store, now: rig.now) }
            #expect(rig.rig.store.tally.spans == 0)
            // Somebody else takes the numbers meanwhile.
            try rig.run("time,tag,value\n2026-01-03,other\(refusals),\"x\"\n", creates: true)
        }
        while try imports.step(rig.rig.store, now: rig.now) {}
        #expect(rig.rig.store.tally.spans == 3)
        #expect(try rig.rig.readings("C1.temp").count == 2000)
        #expect(try rig.rig.readings("other1").map(\.text) == ["x"])
    }

    /// The history deletes while an import waits: what is too old by then is counted as that, and not as imported.
    @Test(arguments: [100, ImportRun.piece])
    func whatIsTooOldByThenIsLeftOut(_ piece: Int) throws {
        let rig = try ImportRig()
        let staged = try rig.stage(Self.file(0..<1000))
        let horizon = ImportRig.start - 1_000_000_000 + 400_000
        try rig.rig.store.transaction { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO mark(name, value) VALUES ('raw_from', ?)", arguments: [horizon])
        }
        let preview = try staged.preview(rig.rig.reader())
        #expect(preview.numbers == [600, 0, 0, 0])
        #expect(preview.tooOld == 400)
        let status = try rig.run(staged, piece: piece)
        #expect(status.numbers == [600, 0, 0, 0])
        #expect(status.tooOld == 400)
        #expect(status.taken == 1000)
        #expect(try rig.rig.readings("C1.temp").count == 600)
        #expect(
            try shell(rig.rig.path, "SELECT (SELECT ifnull(sum(n), 0) FROM span) + (SELECT count(*) FROM waiting)")
                == [["600"]])
        #expect(try rig.rig.events().first { $0.kind == .import }?.attributes["too_old"] == "400")
    }
}
