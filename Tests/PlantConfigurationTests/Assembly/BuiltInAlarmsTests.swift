import Foundation
import Plant
import Testing

@testable import PlantConfiguration

@Suite struct BuiltInAlarmsTests {
    private func plant(_ top: String = "") throws -> Plant {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = """
            plant: {name: Test}
            \(top)
            controllers:
              - name: C-1
                address: 127.0.0.1:502
                unit: 1
                tags:
                  - {name: a, register: "holding:0", type: int16}
                  - {name: b, register: "holding:1", type: int16, scan: fast}
              - name: C-2
                address: 127.0.0.1:502
                unit: 2
                tags: [{name: a, register: "holding:0", type: int16}]
            """
        try text.write(toFile: folder + "/cupel.yaml", atomically: false, encoding: .utf8)
        return try loadConfiguration(folder).plant
    }

    @Test func everyScanGroupHasAnAlarmOnItsOverload() throws {
        let plant = try plant()
        let late = plant.alarms.filter { $0.rule == "late-scans" }
        #expect(late.map(\.name) == ["late-scans:C-1/fast", "late-scans:C-1/normal", "late-scans:C-2/normal"])
        #expect(
            late.compactMap(\.tag).map { plant.tags[$0].name } == [
                "@group/C-1/fast.overload_pct", "@group/C-1/normal.overload_pct", "@group/C-2/normal.overload_pct",
            ])
        for alarm in late {
            #expect(
                alarm.detector
                    == .levels(Levels([AlarmLimit(level: .high, limit: 5, priority: .low)], isAbove: true)))
            #expect(
                alarm.qualification
                    == Qualification(onDelay: .seconds(20), offDelay: .seconds(30), maxGap: .seconds(30)))
        }
    }

    /// Once for each phase tag, however many alarms use it, and none for a phase that only `when` uses.
    @Test func aPhaseThatLimitsDependOnHasAnAlarm() throws {
        let rows = "[{phase: 1, levels: {high: {limit: 5, priority: low}}}]"
        let plant = try plant(
            """
            alarms:
              - {id: x, tag: "*.a", limits: \(rows), phase_from: C-1.b}
              - {id: y, tag: C-2.a, limits: \(rows), phase_from: C-1.a}
              - {id: z, tag: C-1.a, levels: {high: {limit: 5, priority: low}}, when: "C-2.a == 1"}
            """)
        let unknown = plant.alarms.filter { $0.rule == "phase-unknown" }
        #expect(unknown.map(\.name) == ["phase-unknown:C-1", "phase-unknown:C-1.b"])
        #expect(unknown.compactMap(\.tag).map { plant.tags[$0].name } == ["C-1.a", "C-1.b"])
        #expect(unknown.allSatisfy { $0.detector == .test(.quality([]), priority: .medium) })
        #expect(unknown.map(\.qualification.onDelay) == [.seconds(3), .milliseconds(1500)])
        #expect(plant.alarms.map(\.id) == Array(plant.alarms.indices))
    }

    /// One line for the shared endpoint, two units, three groups.
    @Test func diagnosticGroupsComeBehindTheOthers() throws {
        let plant = try plant("diagnostics: {every: 5s}")
        let names = plant.groups.map(\.name)
        #expect(names.prefix(3) == ["C-1/fast", "C-1/normal", "C-2/normal"])
        #expect(
            names.dropFirst(3) == [
                "@line/C-1", "@unit/C-1", "@group/C-1/fast", "@group/C-1/normal", "@unit/C-2", "@group/C-2/normal",
            ])
        #expect(plant.groups.dropFirst(3).allSatisfy { $0.period == .seconds(5) && $0.diagnoses != nil })
        #expect(plant.tags.map(\.id) == Array(plant.tags.indices))
    }
}
