import Plant
import Testing

@Suite struct SubsystemTests {
    private static let names: [(Subsystem, rule: String, name: String)] = [
        (.sink("pager"), "sink", "sink:pager"), (.history, "storage", "storage:history"),
        (.historyLog, "storage", "storage:log"), (.journal, "storage", "storage:journal"),
        (.sink("sink:a:b"), "sink", "sink:sink:a:b"), (.sink("history"), "sink", "sink:history"),
    ]

    @Test(arguments: names)
    func `the name of its alarm leads back to it`(subsystem: Subsystem, rule: String, name: String) {
        #expect(subsystem.rule == rule)
        #expect(subsystem.alarmName == name)
        #expect(Subsystem(alarmName: name) == subsystem)
    }

    @Test(arguments: ["comms:F-01", "sink", "sink:", "sinks:pager", "storage:", "storage:histor", "history", ""])
    func `other alarms are about none`(name: String) {
        #expect(Subsystem(alarmName: name) == nil)
    }

    @Test func `every plant has the storage ones`() {
        #expect(Set(Subsystem.storage) == [.history, .historyLog, .journal])
    }
}
