import GRDB
import Store
import Testing

@testable import Journal

/// Calls about alarms that nobody acts upon: what is kept of them, and what is told.
@Suite struct EscalationTests {
    private func record(
        _ alarm: String, _ policy: String = "urgent", occ: Int = 1, step: Int = 1, called: Int = 0, due: Int64 = 5000
    ) -> EscalationRecord {
        EscalationRecord(
            alarm: alarm, policy: policy, progress: .init(occurrence: occ, step: step, called: called, due: due))
    }

    // MARK: Rows

    @Test func `what was saved is there after a restart, the newest of each alarm and policy`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        try journal.start()
        journal.write(JournalEntry(escalations: [record("hot"), record("cold"), record("hot", "night")]))
        let last = record("hot", occ: 3, step: 2, called: 1, due: 1_767_434_400_123)
        journal.write(
            JournalEntry(escalations: [
                record("hot", step: 2), last, EscalationRecord(alarm: "cold", policy: "urgent"),
                EscalationRecord(alarm: "never", policy: "was"),
            ]))
        journal.stop()
        let again = try scratch.open(boot: "b2")
        #expect(try again.loadEscalations() == [record("hot", "night"), last])
    }

    @Test func `a call and how far it has come are one transaction`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        try journal.start()
        journal.write(JournalEntry(escalations: [record("hot")]))
        // The second notice cannot be stored, so nothing of the entry is.
        let broken = try scratch.shell()
        try broken.inDatabase {
            try $0.execute(
                sql: """
                    CREATE TRIGGER full BEFORE INSERT ON escalation WHEN NEW.step = 2
                    BEGIN SELECT RAISE(ABORT, 'full'); END
                    """)
        }
        journal.append(JournalEntry(notices: [.sample()], escalations: [record("hot", step: 2)]))
        journal.stop()
        let reader = try JournalReader(path: scratch.journal)
        #expect(try reader.notices(after: 0, limit: 10).isEmpty)
        try broken.inDatabase { try $0.execute(sql: "DROP TRIGGER full") }
        try broken.close()
        #expect(try scratch.open(boot: "b2").loadEscalations() == [record("hot")])
    }

    @Test func `when entries are given up, of each alarm and policy the newest record stays`() {
        var backlog = EntryBacklog(limit: 8)
        for number in 1...9 {
            backlog.append(
                JournalEntry(
                    notices: [.sample(number)],
                    escalations: [record("hot", step: number), record("hot-\(number)"), record("gone", "p\(number)")]))
            if number == 2 {
                backlog.append(JournalEntry(escalations: [EscalationRecord(alarm: "hot-1", policy: "urgent")]))
            }
        }
        #expect(backlog.lost == 2)
        let folded = backlog.entries[0].escalations
        #expect(
            folded == [
                record("gone", "p1"), record("gone", "p2"), record("hot", step: 2),
                EscalationRecord(alarm: "hot-1", policy: "urgent"), record("hot-2"),
            ])
        #expect(backlog.entries.last?.escalations.first == record("hot", step: 9))
    }

    // MARK: The notice

    private func call(_ seconds: Int64 = 300, about notice: AlarmNotice) -> AlarmNotice {
        .call(
            AlarmNotice.Call(
                policy: "furnace-urgent", step: 2, number: 1, times: 3, sinks: ["pager", "manager"],
                waited: .seconds(seconds)), about: notice, at: 1_767_434_700_000)
    }

    @Test func `a call is about the alarm as operators know it`() {
        var raise = AlarmNotice.sample(12, text: "F-01.melt_temp 1502 degC >= 1500")
        (raise.rev, raise.seq, raise.firstOut, raise.until, raise.who) = (2, 99, "first", 5, "kim")
        let call = call(about: raise)
        #expect(
            call.text
                == "F-01.melt_temp 1502 degC >= 1500, nobody acknowledged for 5 min: call 1 of 3, step 2 of policy "
                + "furnace-urgent")
        #expect(call.what == "escalate" && call.isCall && !raise.isCall)
        #expect(call.annunciated && call.told == "single" && call.onlyTo == ["pager", "manager"])
        #expect((call.id, call.occ, call.rev, call.seq) == (raise.id, 12, 2, 0))
        #expect((call.state, call.priority, call.tag) == ("UNACK", "critical", "F-01.melt_temp"))
        #expect((call.value, call.unit, call.limit, call.level) == (1502.3, "degC", 1500, "high_high"))
        #expect(call.guidance == "Cut power to hold" && call.responseSeconds == 120)
        #expect(Set([call.sourceTime, call.receivedTime, call.effectiveTime]) == [1_767_434_700_000])
        #expect(call.firstOut == nil && call.until == nil && call.who == nil)
    }

    @Test(arguments: ["RTNUN", "LATUN"])
    func `it says when the condition is gone`(_ state: String) {
        var gone = AlarmNotice.sample(text: "hot")
        gone.state = state
        #expect(call(about: gone).text.hasPrefix("hot, gone meanwhile, nobody acknowledged for 5 min: "))
    }

    @Test(arguments: [
        (0, "0 s"), (179, "179 s"), (180, "3 min"), (10_799, "179 min"), (10_800, "3 h"), (200_000, "55 h"),
        (-5, "0 s"),
    ])
    func `how long nobody acted`(_ seconds: Int64, _ words: String) {
        #expect(call(seconds, about: .sample()).text.contains(" for \(words): "))
    }

    @Test func `its line for people says what it is`() {
        let line = call(about: .sample(12, text: "F-01.melt_temp 1502 degC >= 1500")).textLine()
        #expect(
            line.hasPrefix("2026-01-03T10:05:00.000Z ESCALATE critical UNACK F-01.melt_temp 1502 degC >= 1500, nobody"))
        #expect(line.hasSuffix(" melt-temperature-high:F-01.melt_temp@12.0\n"))
    }

    @Test func `however many sinks it is for, it is one line`() throws {
        var call = call(about: .sample())
        call.onlyTo = (1...200).map { "a-sink-with-a-name-as-long-as-it-can-be-\($0)" }
        let line = call.jsonLine()
        #expect(line.utf8.count <= AlarmNotice.lineLimit)
        let read = try AlarmNotice(jsonLine: line)
        #expect(read.text == call.text && read.onlyTo == nil && read.id == call.id)
        #expect(try AlarmNotice(jsonLine: self.call(about: .sample()).jsonLine()).onlyTo == ["pager", "manager"])
    }

    // MARK: What stood

    @Test func `a call is stored with its sinks, and is not how an alarm stands`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        let listener = try journal.listening()
        let raise = AlarmNotice.sample()
        journal.append(JournalEntry(notices: [raise, call(about: raise)], escalations: [record(raise.id)]))
        #expect(listener.wait(for: 2).map(\.what) == ["raise", "escalate"])
        let stored = try journal.notices(after: 0, limit: 10)
        #expect(stored.map(\.onlyTo) == [nil, ["pager", "manager"]])
        journal.stop()
        #expect(try JournalReader(path: scratch.journal).lastEvents(before: .max).map(\.what) == ["raise"])
    }
}
