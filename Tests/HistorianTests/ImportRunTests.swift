import Foundation
import GRDB
import Plant
import TestSupport
import Testing

@testable import Historian

/// Where the reading is that an imported one meets.
enum Meeting: String, CaseIterable, Sendable {
    case hot, waiting, sealed, imported, importedAndSealed
}

/// Staged readings on their way into the history.
@Suite struct ImportRunTests {
    /// A history in which `C1.temp` has the reading 5 five seconds after the start, at the place in question.
    static func rig(_ place: Meeting) throws -> ImportRig {
        let rig = try ImportRig()
        switch place {
        case .hot: rig.record(10)
        case .waiting:
            rig.record(10)
            try rig.rig.store.transaction { database in
                try database.execute(
                    sql: """
                        INSERT INTO waiting(scan_group, time, sequence, ordinal, layout, took_ms, bad, v)
                        SELECT scan_group, time, sequence, ordinal, layout, took_ms, bad, v FROM hot;
                        UPDATE scan_group SET cut = (SELECT max(ordinal) FROM hot);
                        """)
            }
        case .sealed:
            rig.record(1000)
            #expect(try shell(rig.rig.path, "SELECT count(*) > 0 FROM span WHERE t0 <= \(ImportRig.start)") == [["1"]])
        case .imported, .importedAndSealed:
            let rows = (0..<10 as Range<Int64>).map { "\(ImportRig.start + $0 * 1000),C1.temp,\($0).0\n" }
            try rig.run("time,tag,value\n" + rows.joined())
            if place == .importedAndSealed {
                var sealer = ImportSealer()
                for minute in 0..<3 where try sealer.step(rig.rig.store, now: rig.now + Int64(minute) * 61_000) {}
                #expect(try shell(rig.rig.path, "SELECT count(*) FROM waiting") == [["0"]])
            }
        }
        let readings = try rig.readings("C1.temp")
        #expect(readings.contains("5000 5.0 good"), "\(readings.prefix(10))")
        return rig
    }

    static let file = "time,tag,value\n1767434405000,C1.temp,99.5\n1767434405500,C1.temp,7\n"

    @Test(arguments: Meeting.allCases)
    func ignoreLeavesOutWhatIsThere(_ place: Meeting) throws {
        let rig = try Self.rig(place)
        let before = try rig.readings("C1.temp")
        let status = try rig.run(Self.file, .ignore)
        #expect(status.state == .done)
        #expect(status.numbers == [1, 1, 0, 0])
        let after = try rig.readings("C1.temp")
        #expect(after.filter { !before.contains($0) } == ["5500 7.0 good"])
        #expect(after.count == before.count + 1)
    }

    @Test(arguments: Meeting.allCases)
    func replaceHidesWhatIsThere(_ place: Meeting) throws {
        let rig = try Self.rig(place)
        let before = try rig.readings("C1.temp")
        let status = try rig.run(Self.file, .replace)
        #expect(status.state == .done)
        #expect(status.numbers == [2, 0, 1, 0])
        let after = try rig.readings("C1.temp")
        #expect(after.filter { !before.contains($0) } == ["5000 99.5 good", "5500 7.0 good"])
        #expect(before.filter { !after.contains($0) } == ["5000 5.0 good"])
        // The other tag of the scan is as it was.
        if place == .hot { #expect(try rig.readings("C1.flow")[5] == "5000 5.5 good") }
    }

    @Test(arguments: Meeting.allCases)
    func failWritesNothingAndNamesTheConflict(_ place: Meeting) throws {
        let rig = try Self.rig(place)
        let before = try rig.content()
        let status = try rig.run(Self.file, .fail)
        #expect(status.state == .refused)
        #expect(status.numbers == [0, 0, 0, 0])
        #expect(
            status.problems.map { $0.replacing(rig.rig.scratch.path + "/", with: "") }
                == ["readings.csv:2: C1.temp has a reading at 2026-01-03T10:00:05.000Z"])
        #expect(try rig.content() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: rig.desk.folder).isEmpty)
    }

    @Test func failImportsWhereThereIsNoConflict() throws {
        let rig = try Self.rig(.hot)
        let status = try rig.run("time,tag,value\n1767434405500,C1.temp,7\n", .fail)
        #expect(status.state == .done)
        #expect(status.numbers == [1, 0, 0, 0])
    }

    @Test func theFirstConflictsAreTold() throws {
        let rig = try Self.rig(.sealed)
        let rows = (0..<100 as Range<Int64>).map { "\(ImportRig.start + $0 * 1000),C1.temp,1\n" }
        let status = try rig.run("time,tag,value\n" + rows.joined(), .fail)
        #expect(status.problems.count == ConflictSearch.told + 1)
        #expect(status.problems.last == "and perhaps more")
    }

    /// The same file again changes nothing, in every mode that writes.
    @Test(arguments: [ImportMode.ignore, .replace])
    func theSameAgainIsLeftOut(_ mode: ImportMode) throws {
        let rig = try Self.rig(.hot)
        try rig.run(Self.file, .replace)
        let before = try (rig.readings("C1.temp"), shell(rig.rig.path, "SELECT count(*) FROM waiting"))
        let status = try rig.run(Self.file, mode)
        #expect(status.numbers == [0, 2, 0, 0])
        #expect(try rig.readings("C1.temp") == before.0)
        #expect(try shell(rig.rig.path, "SELECT count(*) FROM waiting") == before.1)
    }

    @Test func theNewestOfSeveralImportsCounts() throws {
        let rig = try Self.rig(.hot)
        for value in ["1", "2", "3"] {
            try rig.run("time,tag,value\n1767434405000,C1.temp,\(value)\n", .replace)
        }
        #expect(try rig.readings("C1.temp")[5] == "5000 3.0 good")
    }

    /// A bad reading may replace a good one, and the other way round.
    @Test func qualitiesAreImported() throws {
        let rig = try Self.rig(.hot)
        try rig.run(
            "time,tag,value,quality\n1767434405000,C1.temp,,bad:sensor-fault\n1767434406000,C1.temp,4,uncertain:stale\n",
            .replace)
        #expect(
            try rig.readings("C1.temp")[5...6]
                == ["5000 - bad:sensor-fault", "6000 4.0 uncertain:stale"])
    }

    @Test func anImportIsOneEvent() throws {
        let rig = try Self.rig(.hot)
        var request = ImportRequest(files: [
            try rig.file(Self.file), try rig.file("time,new\n1767434300000,5\n", "w.csv"),
        ])
        (request.mode, request.createsTags, request.note) = (.replace, true, "lab")
        let staged = try rig.stage(request)
        try rig.run(staged, piece: 1)
        let events = try rig.rig.events().filter { $0.kind == .import }
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event.start == 1_767_434_300_000)
        #expect(event.end == 1_767_434_405_500)
        #expect(event.author == "alice")
        #expect(event.subject == nil)
        #expect(event.text == request.files.joined(separator: ", ") + ": lab")
        #expect(
            event.attributes == [
                "import": staged.id, "mode": "replace", "state": "done", "rows": "3", "imported": "3", "ignored": "0",
                "replaced": "1", "created": "1",
            ])
        #expect(try shell(rig.rig.path, "SELECT count(*) FROM mark WHERE name GLOB 'import/*'") == [["0"]])
        // The recorder's next event has a number of its own.
        rig.rig.board.post(HistoryEvent(.annotation, at: rig.rig.clock.now, text: "after"))
        rig.rig.loop.pass()
        #expect(try rig.rig.events().contains { $0.text == "after" })
        #expect(try rig.rig.events().contains { $0.kind == .import })
    }

    @Test func newTagsAreMade() throws {
        let rig = try ImportRig()
        let status = try rig.run(
            "time,tag,value,unit\n1767434400000,lab.carbon,0.25,%\n1767434400000,lab.note,\"a,b\",\n", creates: true)
        #expect(status.numbers == [2, 0, 0, 2])
        #expect(try rig.readings("lab.carbon") == ["0 0.25 good"])
        #expect(try rig.readings("lab.note") == ["0 a,b good"])
        #expect(
            try shell(rig.rig.path, "SELECT name, unit, kind, type, stepped FROM tag WHERE name LIKE 'lab%' ORDER BY 1")
                == [["lab.carbon", "%", "analog", "float64", "0"], ["lab.note", "", "text", "string(125)", "1"]])
    }

    /// The hours whose figures change: those of the readings, and those before and behind where something stands.
    @Test func hoursAreDueAgain() throws {
        let rig = try Self.rig(.hot)
        let hour = ImportTarget.hour
        let ten = ImportRig.start
        // Ten minutes apart, so one stands for half an hour at most.
        let text = "time,tag,value\n\(ten + 40 * 60_000 - hour),C1.temp,1\n\(ten + 50 * 60_000 - hour),C1.temp,2\n"
        try rig.run(try rig.stage(text) { $0.period = .seconds(600) })
        let due = try shell(
            rig.rig.path, "SELECT (hour - \(ten)) / \(hour) FROM rollup_due JOIN tag ON tag.id = tag ORDER BY hour")
        #expect(due == [["-1"], ["0"]])
    }

    @Test func theHourBeforeIsDueToo() throws {
        let rig = try Self.rig(.hot)
        let (hour, nine) = (ImportTarget.hour, ImportRig.start - ImportTarget.hour)
        let rows = ([5, 15, 25] as [Int64]).map { "\(nine + $0 * 60_000),C1.temp,1\n" }
        try rig.run(try rig.stage("time,tag,value\n" + rows.joined()) { $0.period = .seconds(600) })
        let due = try shell(rig.rig.path, "SELECT (hour - \(nine)) / \(hour) FROM rollup_due ORDER BY hour")
        #expect(due == [["-1"], ["0"]])
    }

    @Test func aCountersNextHourIsDueHoweverFar() throws {
        let plant = try Plant.test([[SlotSpec(name: "total", type: .uint32)]])
        let rig = try ImportRig(plant)
        try rig.rig.store.transaction { try $0.execute(sql: "UPDATE tag SET counter = 1; UPDATE slot SET counter = 1") }
        rig.rig.scan(0, [.int(50)])
        rig.rig.loop.pass()
        let (hour, ten) = (ImportTarget.hour, ImportRig.start)
        try rig.run(
            "time,tag,value\n\(ten - 5 * hour + 60_000),C1.total,1\n\(ten - 5 * hour + 61_000),C1.total,2\n")
        let due = try shell(rig.rig.path, "SELECT (hour - \(ten)) / \(hour) FROM rollup_due ORDER BY hour")
        #expect(due == [["-5"], ["0"]])
    }

    @Test func aDryRunChangesNothing() throws {
        let rig = try Self.rig(.sealed)
        let before = try rig.content()
        let staged = try rig.stage(Self.file) { $0.mode = .replace }
        let preview = try staged.preview(rig.rig.reader())
        #expect(preview.numbers == [2, 0, 1, 0])
        staged.discard()
        #expect(try rig.content() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: rig.desk.folder).isEmpty)
    }

    @Test func aDamagedStagingFileEndsTheImport() throws {
        let rig = try Self.rig(.hot)
        let staged = try rig.stage(Self.file)
        try Data("nothing".utf8).write(to: URL(fileURLWithPath: staged.path))
        let status = try rig.run(staged)
        #expect(status.state == .failed)
        #expect(!FileManager.default.fileExists(atPath: staged.path))
    }

    @Test func aLockedDatabasePostponesAnImport() throws {
        let rig = try Self.rig(.hot)
        let staged = try rig.stage(Self.file)
        rig.desk.enter(staged.id, author: "alice")
        var imports = Imports(rig.desk, piece: 1)
        #expect(try imports.step(rig.rig.store, now: rig.now))
        let other = try lockedConnection(rig.rig.path)
        #expect(throws: HistoryError.self) { _ = try imports.step(rig.rig.store, now: rig.now) }
        #expect(rig.desk.status(of: staged.id)?.state == .importing)
        try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        while try imports.step(rig.rig.store, now: rig.now) {}
        #expect(rig.desk.status(of: staged.id)?.numbers == [1, 1, 0, 0])
    }
}
