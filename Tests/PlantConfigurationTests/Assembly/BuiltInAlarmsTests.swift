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

    @Test func everyPlantHasAlarmsOnItsDatabases() throws {
        let plant = try plant()
        let storage = plant.alarms.filter { $0.rule == "storage" }
        #expect(storage.map(\.name) == ["storage:history", "storage:log", "storage:journal"])
        #expect(
            storage.map(\.detector) == [
                .health(.history, priority: .medium), .health(.historyLog, priority: .low),
                .health(.journal, priority: .high),
            ])
        for alarm in storage {
            #expect(
                alarm.qualification == Qualification(onDelay: .seconds(10), offDelay: .seconds(60), maxGap: .zero))
            #expect(alarm.handling == Handling() && alarm.tag == nil)
            #expect(alarm.rationale.guidance != nil && alarm.rationale.consequence != nil)
        }
        #expect(plant.alarms.map(\.id) == Array(plant.alarms.indices))
    }

    @Test func everySinkHasAnAlarmThatWaitsAsLongAsItSays() throws {
        let assembled = try plant("sinks: [{name: floor, fifo: /run/a}, {name: log, journald: true}]")
        let alarms = assembled.alarms.filter { $0.rule == "sink" }
        #expect(alarms.map(\.name) == ["sink:floor", "sink:log"])
        #expect(alarms.map(\.detector) == ["floor", "log"].map { .health(.sink($0), priority: .high) })
        #expect(alarms.map(\.qualification.onDelay) == assembled.sinks.map(\.alarmAfter))
        #expect(alarms.allSatisfy { $0.qualification.offDelay == .seconds(60) })
        #expect(alarms.allSatisfy { $0.rationale.guidance?.contains("cupel sinks") == true })
        #expect(assembled.alarms.map(\.id) == Array(assembled.alarms.indices))
        let patient = AlarmDefinition.health(.sink("floor"), onDelay: .seconds(300), id: 7)
        #expect(patient.qualification.onDelay == .seconds(300) && patient.id == 7)
    }

    /// A statement may ask for them as for any other alarm.
    @Test func aStatementMayNameThem() throws {
        let plant = try plant(
            """
            sinks: [{name: floor, fifo: /run/a}]
            alarms:
              - {id: deaf, logic: "alarm sink:floor and alarm storage:journal", priority: critical}
            """)
        let deaf = try #require(plant.alarms.first)
        guard case .test(.logic(let logic), _) = deaf.detector else {
            Issue.record("\(deaf.detector)")
            return
        }
        #expect(logic.alarms.map { plant.alarms[$0].name } == ["sink:floor", "storage:journal"])
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
