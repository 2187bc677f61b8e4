import Archive
import Foundation
import GRDB
import Plant
import Testing

@testable import Historian

extension ImportStatus {
    /// `imported ignored replaced created`
    var numbers: [Int] { [imported, ignored, replaced, created] }
}

/// A history with a writer, into which files are imported.
final class ImportRig {
    let rig: Rig
    let desk: ImportDesk

    init(_ plant: Plant? = nil) throws {
        rig = try Rig(try plant ?? Plant.small())
        desk = ImportDesk(history: rig.path)
    }

    /// UTC milliseconds of the first scan.
    static let start: Int64 = 1_767_434_400_000

    /// Scans of the first group, a second apart: temperatures 0, 1, 2 …, then one commit and its chores.
    func record(_ scans: Int) {
        for number in 0..<scans {
            rig.scan(0, [.float(Float(number)), .int(Int64(number % 100))])
            rig.clock.advance(milliseconds: 1000)
            if number % 5000 == 4999 { rig.loop.pass() }
        }
        rig.loop.pass()
    }

    func file(_ text: String, _ name: String = "readings.csv") throws -> String {
        let path = rig.scratch.path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    var now: Int64 { rig.clock.now + 86_400_000 }

    func stage(_ request: ImportRequest) throws -> StagedImport {
        try request.stage(in: desk.folder, knowing: rig.reader(), now: now)
    }

    func stage(_ text: String, _ change: (inout ImportRequest) -> Void = { _ in }) throws -> StagedImport {
        var request = ImportRequest(files: [try file(text)])
        change(&request)
        return try stage(request)
    }

    /// What the refusal says, without the folder's name.
    func problems(_ text: String, _ change: (inout ImportRequest) -> Void = { _ in }) throws -> [String] {
        do {
            _ = try stage(text, change)
            return []
        } catch let refusal as ImportRefusal {
            return refusal.problems.map { $0.description.replacing(rig.scratch.path + "/", with: "") }
        }
    }

    /// Imports the whole of it.
    @discardableResult
    func run(_ staged: StagedImport, piece: Int = ImportRun.piece, faults: FaultPoints? = nil) throws -> ImportStatus {
        desk.enter(staged.id, author: "alice")
        var imports = Imports(desk, piece: piece, faults)
        while try imports.step(rig.store, now: now) {}
        return try #require(desk.status(of: staged.id))
    }

    @discardableResult
    func run(_ text: String, _ mode: ImportMode = .ignore, creates: Bool = false) throws -> ImportStatus {
        try run(
            stage(text) {
                $0.mode = mode
                $0.createsTags = creates
            })
    }

    /// `time value quality` of all readings of a tag.
    func readings(_ tag: String) throws -> [String] {
        try rig.readings(tag).map { "\($0.time - Self.start) \($0.text ?? "-") \($0.quality)" }
    }

    /// Everything the database holds, but for what the recorder writes by itself.
    func content() throws -> [[String]] {
        try ["hot", "waiting", "span", "tag", "scan_group", "layout", "slot", "event", "rollup_due", "mark"].flatMap {
            try shell(rig.path, "SELECT * FROM \($0)")
        }
    }
}
