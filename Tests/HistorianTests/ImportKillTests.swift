import Archive
import Foundation
import Glibc
import Plant
import TestSupport
import Testing

@testable import Historian

/// A process that dies at any point of an import: what the next one makes of the files it left.
@Suite struct ImportKillTests {
    /// 25 readings of three tags, one of which is new, over a recorded history; pieces of nine.
    static let file: String = {
        var lines = ["time,tag,value"]
        for second in 0..<10 as Range<Int64> {
            lines.append("\(ImportRig.start + second * 500),C1.temp,\(second).25")
            lines.append("\(ImportRig.start + second * 1000),C1.flow,\(second)")
            if second < 5 { lines.append("\(ImportRig.start + second),lab.note,\"n\(second)\"") }
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    /// All files of the history as they are now, as a kill would leave them.
    static func copy(_ folder: String, to other: Scratch) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasSuffix("-shm") {
            try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: other.path + "/" + name)
        }
    }

    static let state = """
        SELECT t0, t1, kind, author, json_remove(attrs, '$.import') FROM event WHERE kind = 'import' UNION ALL
        SELECT tag, hour, '', '', '' FROM rollup_due UNION ALL
        SELECT count(*), 0, name, '', '' FROM mark GROUP BY name
        """

    static func readings(_ path: String) throws -> [String] {
        let reader = try HistoryReader(path: path)
        var found: [String] = []
        for tag in try reader.tags() {
            try reader.readings(tag: tag.name, from: .min, to: .max) {
                found.append("\(tag.name) \($0.time) \($0.value) \($0.quality)")
            }
        }
        return found
    }

    @Test(arguments: [ImportMode.ignore, .replace])
    func anImportThatWasCutOffIsFinished(_ mode: ImportMode) throws {
        let rig = try ImportRig()
        rig.record(10)
        let staged = try rig.stage(Self.file) {
            $0.mode = mode
            $0.createsTags = true
        }
        let before = try Self.readings(rig.rig.path)
        var left: [(name: String, scratch: Scratch)] = []
        let faults = FaultPoints { _, name in
            let scratch = try Scratch()
            try Self.copy(rig.rig.scratch.path, to: scratch)
            left.append((name, scratch))
        }
        let status = try rig.run(staged, piece: 9, faults: faults)
        let (readings, state) = (try Self.readings(rig.rig.path), try shell(rig.rig.path, Self.state))
        #expect(status.numbers == (mode == .ignore ? [10, 15, 0, 1] : [25, 0, 15, 1]))
        #expect(left.count > 20)
        for (name, scratch) in left {
            // What had been committed is there, and nothing else.
            let found = try Self.readings(scratch.history)
            if mode == .ignore { #expect(Set(found).isSuperset(of: before), "killed at \(name)") }
            let desk = ImportDesk(history: scratch.history)
            let store = try HistoryStore(
                path: scratch.history, plant: rig.rig.plant, time: rig.now, beginsRun: true)
            // A mark says that it was begun; otherwise the person hands it in again.
            let isBegun = try shell(scratch.history, "SELECT 1 FROM mark WHERE name GLOB 'import/*'") != []
            let isThere = FileManager.default.fileExists(atPath: desk.path(of: staged.id))
            let isDone = try shell(scratch.history, "SELECT 1 FROM event WHERE kind = 'import'") != [] && !isBegun
            if !isBegun, !isDone { desk.enter(staged.id, author: "alice") }
            #expect(isThere || isDone, "killed at \(name)")
            var imports = Imports(desk, piece: 9)
            while try imports.step(store, now: rig.now) {}
            #expect(try Self.readings(scratch.history) == readings, "killed at \(name)")
            #expect(try shell(scratch.history, Self.state) == state, "killed at \(name)")
            #expect(isDone || !FileManager.default.fileExists(atPath: desk.path(of: staged.id)), "killed at \(name)")
            try store.close()
        }
    }

    /// The same with spans: pieces of a thousand, which leave something to the next one each.
    @Test func anImportOfSpansThatWasCutOffIsFinished() throws {
        let rig = try ImportRig()
        rig.record(10)
        let text = ImportSpanTests.file(0..<2100) + ImportSpanTests.file(0..<400, "lab.new").dropFirst(15)
        let staged = try rig.stage(text) { $0.createsTags = true }
        var left: [(name: String, scratch: Scratch)] = []
        let faults = FaultPoints { _, name in
            let scratch = try Scratch()
            try Self.copy(rig.rig.scratch.path, to: scratch)
            left.append((name, scratch))
        }
        let status = try rig.run(staged, piece: 1000, faults: faults)
        #expect(status.numbers == [2500, 0, 0, 1])
        let (readings, state) = (try Self.readings(rig.rig.path), try shell(rig.rig.path, Self.state))
        let spans = "SELECT scan_group, t0, t1, n, first_sequence, last_sequence FROM span ORDER BY id"
        let sealed = try shell(rig.rig.path, spans)
        #expect(left.filter { $0.name == "after a chunk" }.count == 4)
        for (name, scratch) in left {
            let store = try HistoryStore(path: scratch.history, plant: rig.rig.plant, time: rig.now, beginsRun: true)
            let desk = ImportDesk(history: scratch.history)
            let isBegun = try shell(scratch.history, "SELECT 1 FROM mark WHERE name GLOB 'import/*'") != []
            let isDone = try shell(scratch.history, "SELECT 1 FROM event WHERE kind = 'import'") != [] && !isBegun
            if !isBegun, !isDone { desk.enter(staged.id, author: "alice") }
            var imports = Imports(desk, piece: 1000)
            while try imports.step(store, now: rig.now) {}
            #expect(try Self.readings(scratch.history) == readings, "killed at \(name)")
            #expect(try shell(scratch.history, Self.state) == state, "killed at \(name)")
            #expect(try shell(scratch.history, spans) == sealed, "killed at \(name)")
            try store.close()
        }
    }

    /// A point that fails, rather than dies, leaves the import to be tried again.
    @Test func aRefusedPieceIsTriedAgain() throws {
        let rig = try ImportRig()
        rig.record(10)
        let staged = try rig.stage(Self.file) {
            $0.mode = .replace
            $0.createsTags = true
        }
        rig.desk.enter(staged.id, author: "alice")
        struct Refusal: Error {}
        var refused = Set<Int>()
        let faults = FaultPoints { number, _ in
            // Less often than a piece has points, so that a second try gets through.
            if number % 17 == 0, refused.insert(number).inserted { throw Refusal() }
        }
        var imports = Imports(rig.desk, piece: 9, faults)
        var refusals = 0
        while rig.desk.status(of: staged.id)?.isOver != true {
            do {
                _ = try imports.step(rig.rig.store, now: rig.now)
            } catch {
                refusals += 1
            }
        }
        #expect(refusals >= 2)
        #expect(rig.desk.status(of: staged.id)?.numbers == [25, 0, 15, 1])
        let other = try ImportRig()
        other.record(10)
        let again = try other.stage(Self.file) {
            $0.mode = .replace
            $0.createsTags = true
        }
        try other.run(again)
        #expect(try Self.readings(rig.rig.path) == Self.readings(other.rig.path))
        #expect(try shell(rig.rig.path, Self.state) == shell(other.rig.path, Self.state))
    }

    @Test func aMarkWithoutItsFileIsGivenUp() throws {
        let rig = try ImportRig()
        rig.record(10)
        let staged = try rig.stage(Self.file) { $0.createsTags = true }
        rig.desk.enter(staged.id, author: "alice")
        var imports = Imports(rig.desk, piece: 9)
        #expect(try imports.step(rig.rig.store, now: rig.now))
        staged.discard()
        var next = Imports(ImportDesk(history: rig.rig.path), piece: 9)
        while try next.step(rig.rig.store, now: rig.now) {}
        #expect(try shell(rig.rig.path, "SELECT count(*) FROM mark WHERE name GLOB 'import/*'") == [["0"]])
        #expect(try rig.rig.events().first { $0.kind == .import }?.attributes["state"] == "failed")
    }
}
