import Archive
import Detection
import Foundation
import Historian
import Plant
import struct Plant.Tag
import Testing

@testable import Replay

@Suite struct FileTests {
    static let plant: Plant = {
        func tag(_ id: Int, _ name: String, _ type: ValueType, states: [Int: String] = [:], group: Int = 0) -> Tag {
            Tag(
                id: id, name: "F.\(name)", localName: name, controller: 0,
                registers: RegisterRange(table: .holding, start: id * 8, count: type.registers), type: type,
                scale: id == 1 ? 0.1 : 1, states: states, group: group, slot: group == 0 ? id : 0)
        }
        let high = AlarmLimit(level: .high, limit: 5, priority: .high)
        return Plant(
            name: "files", site: "test", timeZone: "UTC",
            controllers: [Controller(id: 0, name: "F", endpoint: Endpoint(host: "h", port: 502), unit: 1)],
            groups: [
                ScanGroup(id: 0, controller: 0, scan: "fast", name: "F/fast", period: .seconds(1), tags: [0, 1, 2]),
                ScanGroup(id: 1, controller: 0, scan: "slow", name: "F/slow", period: .seconds(10), tags: [3]),
            ],
            tags: [
                tag(0, "temp", .float32), tag(1, "flow", .int16), tag(2, "phase", .uint16, states: [70: "soak, long"]),
                tag(3, "heat", .string(registers: 8), group: 1),
            ],
            alarms: [
                AlarmDefinition(
                    id: 0, name: "high:F.temp", rule: "high", tag: 0, detector: .levels(Levels([high], isAbove: true)),
                    qualification: Qualification(maxGap: .seconds(3))),
                AlarmDefinition(
                    id: 1, name: "comms:F", rule: "comms", tag: nil, detector: .comms(0, priority: .high),
                    qualification: Qualification(maxGap: .zero)),
            ])
    }()

    /// A file that goes away with its owner.
    final class File {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("replay-\(UUID()).csv").path
        init(_ text: String) throws { try text.write(toFile: path, atomically: false, encoding: .utf8) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    static func scans(_ text: String, ignoresUnknown: Bool = false) throws -> [RecordedScan] {
        let file = try File(text)
        var scans: [RecordedScan] = []
        let source = ReadingsFile(
            path: file.path, plant: plant, tags: plant.tags, ignoresUnknown: ignoresUnknown)
        try source.scans { scans.append(copy $0) }
        return scans
    }

    @Test func readingsOfOneTimeAndGroupAreAScan() throws {
        let scans = try FileTests.scans(
            """
            time,tag,value,quality\r
            2026-01-03T10:00:00Z,F.temp,4.5,good\r
            2026-01-03T19:00:00+09:00,F.heat,"H-1 ""a"", b",\r
            1767434400000,F.flow,12.5,uncertain:clamped\r
            \r
            2026-01-03T10:00:01.250Z,F.phase,"soak, long",good\r
            2026-01-03T10:00:02Z,F.temp,,bad:timeout
            """)
        #expect(scans.map(\.time) == [1_767_434_400_000, 1_767_434_400_000, 1_767_434_401_250, 1_767_434_402_000])
        #expect(scans.map(\.group) == ["F/fast", "F/slow", "F/fast", "F/fast"])
        #expect(scans[0].readings.map(\.value) == [4.5, 12.5])
        #expect(scans[0].readings.map(\.bits) == [UInt64(Float(4.5).bitPattern), 125])
        #expect(scans[0].readings.map(\.quality) == [.good, .clamped])
        #expect(scans[1].texts == [3: "H-1 \"a\", b"])
        #expect(scans[2].readings.map(\.value) == [70])
        #expect(scans[3].loss == .timeout && scans[3].readings.isEmpty)
    }

    @Test(arguments: [
        ("time,tag,value\n", "1: found the header time,tag,value, expected time,tag,value,quality"),
        ("", "1: found nothing, expected the header time,tag,value,quality"),
        ("time,tag,value,quality\n1,F.temp,1\n", "2: found 3 fields, expected 4"),
        ("time,tag,value,quality\nnoon,F.temp,1,\n", "2: found the time \"noon\", expected ISO 8601"),
        ("time,tag,value,quality\n5,F.temp,1,\n4,F.temp,1,\n", "3: found 1970-01-01T00:00:00.004Z after"),
        ("time,tag,value,quality\n\n1,F.none,1,\n", "3: found the tag \"F.none\", expected one of the configuration"),
        ("time,tag,value,quality\n1,F.temp,hot,\n", "2: found the value \"hot\" of F.temp, expected a number"),
        ("time,tag,value,quality\n1,F.temp,1,fine\n", "2: found the quality \"fine\", expected a name such as good"),
        ("time,tag,value,quality\n1,F.temp,\"1,\n2,F.temp,1,\n", "2: found no closing quotation mark"),
    ])
    func mistakesAreNamedWithTheirLine(text: String, message: String) throws {
        let problem = try #require(throws: FileProblem.self) { try FileTests.scans(text) }
        #expect(problem.description.contains(message), "\(problem)")
    }

    @Test func unknownTagsMayBePassedOver() throws {
        let text = "time,tag,value,quality\n1,F.none,1,\n2,F.temp,6,\n"
        #expect(try FileTests.scans(text, ignoresUnknown: true).map(\.time) == [2])
    }

    @Test(arguments: [
        ("ack", "", CommandAsked.acknowledgeWhatStands),
        ("ack", "3.1", .exactly(.acknowledge(occurrence: 3, revision: 1))),
        ("unack", "", .unacknowledgeWhatStands),
        ("shelve", "30m one-shot why=pump out", .exactly(.shelve(for: .seconds(1800), oneShot: true))),
        ("shelve", "", .exactly(.shelve(for: .seconds(8 * 3600), oneShot: false))),
        ("out-of-service", "permit=W-7 review=1000", .exactly(.takeOutOfService(permit: "W-7", review: 1000))),
        ("return", "", .exactly(.returnToService)),
    ])
    func commandsAreUnderstood(word: String, arguments: String, asked: CommandAsked) throws {
        let file = try File("time,alarm,command,who,args\n7,comms:F,\(word),kim,\(arguments)\n")
        let moments = try CommandsFile.moments(path: file.path, plant: FileTests.plant)
        guard case .command("comms:F", let found, let note)? = moments.first?.what else {
            Issue.record("no command")
            return
        }
        #expect(found == asked)
        #expect(note == Note(who: "kim", why: arguments.contains("why=") ? "pump out" : "replay"))
    }

    @Test(arguments: [
        ("hush", "", "found the command \"hush\", expected one of ack, out-of-service"),
        ("ack", "three", "found \"three\", expected OCCURRENCE.REVISION"),
        ("shelve", "30", "found \"30\", expected a time such as 30m"),
        ("reset", "now", "found \"now\", expected why="),
        ("reset", "permit=3", "expected them of out-of-service only"),
    ])
    func wrongCommandsAreExplained(word: String, arguments: String, message: String) throws {
        let file = try File("time,alarm,command,who,args\n7,comms:F,\(word),kim,\(arguments)\n")
        let problem = try #require(throws: FileProblem.self) {
            try CommandsFile.moments(path: file.path, plant: FileTests.plant)
        }
        #expect(problem.description.contains(message) && problem.line == 2, "\(problem)")
    }
}
