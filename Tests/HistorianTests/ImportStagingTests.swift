import Foundation
import GRDB
import Glibc
import Plant
import Store
import Testing

@testable import Historian

/// What is taken from files, and what is said about the rest.
@Suite struct ImportStagingTests {
    static let plant = Result {
        try Plant.test([
            [
                SlotSpec(name: "temp", type: .float32), SlotSpec(name: "flow", type: .int16, scale: 0.1),
                SlotSpec(name: "on", type: .bool),
                SlotSpec(name: "phase", type: .uint16, states: [70: "soak", 80: "cast"]),
                SlotSpec(name: "lot", type: .string(registers: 8)),
            ]
        ])
    }

    func rig() throws -> ImportRig { try ImportRig(Self.plant.get()) }

    static func rows(_ staged: StagedImport) throws -> [String] {
        let queue = try StagingFile.open(staged.path)
        return try queue.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT name, time, typeof(value), value, quality, line FROM reading
                    JOIN subject ON subject.id = subject ORDER BY subject, time
                    """
            ).map { row in
                let value = (row[3] as DatabaseValue).isNull ? "-" : "\((row[3] as DatabaseValue).storage.value ?? "")"
                return "\(row[0] as String) \(row[1] as Int64 - ImportRig.start) \(row[2] as String) \(value) "
                    + "\(row[4] as Int) @\(row[5] as Int)"
            }
        }
    }

    static let files: [(String, [String])] = [
        (
            "time,tag,value,unit,quality\n2026-01-03T10:00:00Z,C1.temp,73.4,degC,good\n1767434401000,C1.temp,74,,\n",
            ["C1.temp 0 real 73.4 0 @2", "C1.temp 1000 integer 74 0 @3"]
        ),
        // In any order, and only what is needed.
        ("value,time,tag\n5,2026-01-03T10:00,C1.temp\n", ["C1.temp 0 integer 5 0 @2"]),
        (
            "time,tag,value,quality\n2026-01-03T10:00,C1.temp,,bad:timeout\n2026-01-03T10:01,C1.temp,9,bad:200\n"
                + "2026-01-03T10:02,C1.temp,1,uncertain:stale\n",
            ["C1.temp 0 null - 129 @2", "C1.temp 60000 null - 200 @3", "C1.temp 120000 integer 1 65 @4"]
        ),
        (
            "time,tag,value\n2026-01-03T10:00,C1.on,true\n2026-01-03T10:01,C1.on,0\n2026-01-03T10:00,C1.phase,soak\n"
                + "2026-01-03T10:01,C1.phase,71\n",
            [
                "C1.on 0 integer 1 0 @2", "C1.on 60000 integer 0 0 @3", "C1.phase 0 integer 70 0 @4",
                "C1.phase 60000 integer 71 0 @5",
            ]
        ),
        (
            "time,tag,value\n2026-01-03T10:00,C1.lot,\"a \"\"b\"\"\nc\"\n2026-01-03T10:01,C1.lot,12\n"
                + "2026-01-03T10:02,C1.lot,\n",
            ["C1.lot 0 text a \"b\"\nc 0 @2", "C1.lot 60000 text 12 0 @4", "C1.lot 120000 text  0 @5"]
        ),
        // A column a tag; an empty field is no reading.
        (
            "time,C1.temp,C1.flow\n2026-01-03T10:00,1,2\n2026-01-03T10:01,,3\n",
            ["C1.temp 0 integer 1 0 @2", "C1.flow 0 integer 2 0 @2", "C1.flow 60000 integer 3 0 @3"]
        ),
    ]

    @Test(arguments: files)
    func filesAreRead(_ text: String, _ expected: [String]) throws {
        let rig = try rig()
        #expect(try Self.rows(rig.stage(text)) == expected)
    }

    @Test func aFileOfOneTagHasItNamed() throws {
        let rig = try rig()
        let staged = try rig.stage("time,value\n2026-01-03T10:00,5\n") { $0.tag = "C1.flow" }
        #expect(try Self.rows(staged) == ["C1.flow 0 integer 5 0 @2"])
        #expect(staged.tags.map(\.name) == ["C1.flow"])
        #expect(staged.range == ImportRig.start...ImportRig.start)
    }

    static let header = "time,tag,value,unit,quality\n"

    static let mistakes: [(String, String)] = [
        ("", "readings.csv:1: found nothing, expected a header"),
        ("a,b\n", "readings.csv:1:1: found the header \"a,b\", expected time,tag,value"),
        ("time;tag;value\n", "readings.csv:1:1: found the header \"time;tag;value\", expected time,tag,value"),
        ("time,tag\n", "readings.csv:1:1: found no column value, expected"),
        ("time,value\n", "readings.csv:1:1: found no column tag and no --tag, expected"),
        ("time,tag,value,note\n", "readings.csv:1:16: found the column \"note\", expected"),
        ("time,tag,value,tag\n", "readings.csv:1:16: found the column \"tag\" twice, expected"),
        ("time,tag,value\n2026-01-03,C1.temp\n", "readings.csv:2:1: found 2 fields, expected 3"),
        (header, "readings.csv: found no readings, expected at least one"),
        (header + "soon,C1.temp,5,,\n", "readings.csv:2:1: found the time \"soon\", expected ISO 8601"),
        (
            header + "1767434400,C1.temp,5,,\n",
            "readings.csv:2:1: found the time \"1767434400\", expected milliseconds: these look like seconds"
        ),
        (
            header + "1969-12-31,C1.temp,5,,\n",
            "readings.csv:2:1: found the time \"1969-12-31\", expected one since 1970"
        ),
        (
            header + "2031-01-01,C1.temp,5,,\n",
            "readings.csv:2:1: found the time \"2031-01-01\", expected none in the future; now is"
        ),
        (
            header + "2026-01-03,C1.nope,5,,\n",
            "readings.csv:2:12: found the tag \"C1.nope\", expected one of the history (cupel tags lists them; "
                + "--create-tags makes new ones)"
        ),
        (
            header + "2026-01-03,C1.temp,hot,,\n",
            "readings.csv:2:20: found \"hot\" as a value of C1.temp, expected a number"
        ),
        (header + "2026-01-03,C1.temp,,,\n", "readings.csv:2:20: found \"\" as a value of C1.temp, expected a number"),
        (
            header + "2026-01-03,C1.on,2,degC,\n",
            "readings.csv:2:18: found \"2\" as a value of C1.on, expected true or false"
        ),
        (
            header + "2026-01-03,C1.phase,melt,,\n",
            "readings.csv:2:21: found \"melt\" as a value of C1.phase, expected a whole number from 0 to 65535 or a state: "
                + "soak, cast"
        ),
        (
            header + "2026-01-03,C1.phase,1.5,,\n",
            "readings.csv:2:21: found \"1.5\" as a value of C1.phase, expected a whole number from 0 to 65535 or a state: "
                + "soak, cast"
        ),
        (
            header + "2026-01-03,C1.temp,5,K,\n",
            "readings.csv:2:22: found the unit \"K\", expected degC for C1.temp"
        ),
        (
            header + "2026-01-03,C1.temp,5,,fine\n",
            "readings.csv:2:23: found the quality \"fine\", expected a name such as good or bad:timeout, or nothing"
        ),
        (
            header + "2026-01-03,C1.temp,5,,bad:64\n",
            "readings.csv:2:23: found the quality \"bad:64\", expected a name such as good or bad:timeout, or nothing"
        ),
    ]

    @Test(arguments: mistakes)
    func whatIsWrongHasItsPlace(_ text: String, _ expected: String) throws {
        let rig = try rig()
        let found = try rig.problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
        // And nothing is left behind.
        #expect(try FileManager.default.contentsOfDirectory(atPath: rig.desk.folder).isEmpty)
    }

    @Test func everythingWrongIsToldAtOnceUpToALimit() throws {
        let rig = try rig()
        let bad = (0..<150).map { "2026-01-03,C1.temp,x\($0)\n" }.joined()
        do {
            _ = try rig.stage("time,tag,value\n2026-01-03,nope,1\n2026-01-04,nope,1\n" + bad)
            Issue.record("it was staged")
        } catch let refusal as ImportRefusal {
            #expect(refusal.problems.count == ImportRefusal.problemLimit)
            #expect(refusal.isCut)
            #expect(refusal.description.hasSuffix("and perhaps more: reading ended at 100 problems"))
            // An unknown tag is told once, wherever it comes again.
            #expect(refusal.problems.map(\.line).prefix(3) == [2, 4, 5])
        }
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        let rig = try rig()
        let path = rig.rig.scratch.path + "/latin.csv"
        try Data(Array("time,tag,value\n2026-01-03,C1.lot,".utf8) + [0xE9, 10]).write(to: URL(fileURLWithPath: path))
        #expect(throws: ImportRefusal.self) { try rig.stage(ImportRequest(files: [path])) }
    }

    @Test func aFileThatCannotBeReadIsNamed() throws {
        let rig = try rig()
        do {
            _ = try rig.stage(ImportRequest(files: ["/nowhere.csv"]))
            Issue.record("it was staged")
        } catch let refusal as ImportRefusal {
            #expect(refusal.description == "/nowhere.csv: found no such file, expected a file to read")
            #expect(refusal.exitCode == 66)
        }
    }

    /// All of them at once, before hours are spent on reading the others.
    @Test func filesThatCannotBeOpenedAreNamed() throws {
        let rig = try rig()
        let good = try rig.file("time,tag,value\n2026-01-03,C1.temp,1\n")
        do {
            _ = try rig.stage(ImportRequest(files: [good, rig.rig.scratch.path, "/nowhere.csv", good + "/x"]))
            Issue.record("it was staged")
        } catch let refusal as ImportRefusal {
            #expect(refusal.cause == .missing)
            #expect(refusal.problems.map(\.found) == ["a directory", "no such file", "Not a directory"])
            #expect(refusal.problems.map(\.file) == [rig.rig.scratch.path, "/nowhere.csv", good + "/x"])
        }
    }

    @Test func aStagingFileThatCannotBeMadeIsNoProblemOfTheFiles() throws {
        let rig = try rig()
        let file = try rig.file("time,tag,value\n2026-01-03,C1.temp,1\n")
        let folder = rig.rig.scratch.path + "/no/imports"
        do {
            _ = try ImportRequest(files: [file]).stage(in: folder, knowing: rig.rig.reader(), now: rig.now)
            Issue.record("it was staged")
        } catch let error as HistoryError {
            #expect(error == .cannotCreate(path: folder, reason: "No such file or directory"))
            #expect(error.exitCode == 73)
        }
        // A file where the folder should be.
        #expect(throws: HistoryError.self) {
            _ = try ImportRequest(files: [file]).stage(in: file, knowing: rig.rig.reader(), now: rig.now)
        }
    }

    @Test func whoMayImportIsTold() {
        let reason = StagingFolder.reason(EACCES, "/proc/1/nowhere/imports")
        #expect(
            reason
                == "Permission denied: an import lays its readings there; root, root and members of the group root may")
    }

    static let twice =
        "time,tag,value\n2026-01-03T10:00,C1.temp,1\n2026-01-03T10:01,C1.temp,2\n2026-01-03T10:00,C1.temp,3\n"

    @Test(arguments: [(ImportMode.ignore, "1"), (.replace, "3")])
    func aTimeThatComesTwiceCountsOnce(_ mode: ImportMode, _ value: String) throws {
        let rig = try rig()
        let staged = try rig.stage(Self.twice) { $0.mode = mode }
        #expect(staged.rows == 2)
        #expect(staged.repeated == 1)
        #expect(
            staged.repeats.map { $0.description.replacing(rig.rig.scratch.path + "/", with: "") } == [
                "readings.csv:4:26: found a second reading of C1.temp at 2026-01-03T10:00:00.000Z, expected one; "
                    + (mode == .ignore ? "the first is in readings.csv:2" : "it counts, and not that of readings.csv:2")
            ])
        #expect(try Self.rows(staged).first?.hasPrefix("C1.temp 0 integer \(value) ") == true)
    }

    @Test func theFirstRepeatsAreTold() throws {
        let rig = try rig()
        let rows = (0..<20).map { "2026-01-03T10:\(10 + $0 % 10),C1.temp,\($0)\n" }.joined()
        let staged = try rig.stage("time,tag,value\n" + rows)
        #expect(staged.repeated == 10)
        #expect(staged.repeats.map(\.line) == [12, 13, 14, 15, 16])
        #expect(staged.tags.map(\.readings) == [10])
    }

    @Test func aTimeThatComesTwiceIsAnErrorUnderFail() throws {
        let rig = try rig()
        let problems = try rig.problems(Self.twice) { $0.mode = .fail }
        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix(
                "readings.csv:4:26: found a second reading of C1.temp at 2026-01-03T10:00:00.000Z, expected one; the "
                    + "first is in ")
                == true, "\(problems)")
        #expect(problems.first?.hasSuffix("readings.csv:2") == true)
    }

    static let newTags: [([String], String, String, String)] = [
        (["1", "2.5"], "analog", "float64", "float64"), (["1", "2"], "analog", "int64", "int64"),
        (["true", "0"], "bool", "bool", "int64"), (["A-1", "2"], "text", "string(125)", "string(125)"),
        (["18446744073709551615", "1"], "analog", "uint64", "uint64"),
    ]

    @Test(arguments: newTags)
    func newTagsAreWhatTheirValuesNeed(_ values: [String], _ kind: String, _ type: String, _ slot: String) throws {
        let rig = try rig()
        let lines = values.enumerated().map { "2026-01-03T10:0\($0),new,\($1),m3/h\n" }.joined()
        let staged = try rig.stage("time,tag,value,unit\n" + lines) { $0.createsTags = true }
        #expect(staged.tags.map(\.name) == ["new"])
        #expect(staged.tags.first?.isCreated == true)
        let found = try StagingFile.open(staged.path).read { database in
            try Row.fetchOne(database, sql: "SELECT kind, type, slot_type, unit, created, period_ms FROM subject")
        }
        let row = try #require(found)
        #expect([row[0], row[1], row[2], row[3]] as [String] == [kind, type, slot, "m3/h"])
        #expect(row[4] as Bool)
        #expect(row[5] as Int64 == 60_000)
    }

    @Test func aNewTagStaysWhatItsFirstValueIs() throws {
        let rig = try rig()
        let text = "time,tag,value\n2026-01-03,new,1\n2026-01-04,new,A-1\n"
        #expect(
            try rig.problems(text) { $0.createsTags = true }
                == ["readings.csv:3:16: found \"A-1\" as a value of new, expected a finite number, as its first one"])
    }

    /// A scaled register is kept as the register, other numbers as they are.
    @Test func theTagsOwnFormIsPreferred() throws {
        let rig = try rig()
        func form(_ values: [String]) throws -> String {
            let lines = values.enumerated().map { "2026-01-03T10:0\($0),C1.flow,\($1)\n" }.joined()
            let staged = try rig.stage("time,tag,value\n" + lines)
            return try StagingFile.open(staged.path).read {
                try String.fetchOne($0, sql: "SELECT slot_type || ' ' || ifnull(scale, 1) FROM subject") ?? ""
            }
        }
        #expect(try form(["73.4", "-5", "0.1"]) == "int16 0.1")
        #expect(try form(["73.4", "73.45"]) == "float64 1.0" || form(["73.4", "73.45"]) == "float64 1")
        #expect(try form(["3276.7", "3000"]) == "int16 0.1")
    }

    @Test func anInfiniteValueOfAStrangersFileIsRefused() throws {
        let rig = try rig()
        let staged = try rig.stage(Self.twice)
        try DatabaseQueue(path: staged.path).write { try $0.execute(sql: "UPDATE reading SET value = 9e999") }
        let reader = try StagingReader(staged.path)
        #expect(throws: StagingReader.Damage.self) { try reader.next(10, after: (0, .min)) }
    }

    /// A file of somebody else is only believed when it is what an import makes.
    @Test func aStagingFileWithMoreInItIsRefused() throws {
        let rig = try rig()
        let staged = try rig.stage(Self.twice)
        #expect(try StagingReader(staged.path).rows == 2)
        try DatabaseQueue(path: staged.path).write { database in
            try database.execute(sql: "CREATE VIEW trap AS SELECT 1")
        }
        #expect(throws: StagingReader.Damage.self) { try StagingReader(staged.path) }
        try Data("no database".utf8).write(to: URL(fileURLWithPath: staged.path))
        #expect(throws: StagingReader.Damage.self) { try StagingReader(staged.path) }
    }
}
