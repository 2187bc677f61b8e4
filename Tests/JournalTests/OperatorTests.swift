import Detection
import Foundation
import GRDB
import Plant
import Store
import Testing

@testable import Journal

/// What operators did, and what was made meanwhile.
@Suite struct OperatorTests {
    /// What the audit says of a command to an alarm that has seen `inputs`.
    private func record(_ command: AlarmCommand, why: String, after inputs: AlarmInput...) throws -> AuditRecord {
        let definition = try smallPlant().alarms[0]
        var state = AlarmState()
        for input in inputs { _ = step(definition, &state, input) }
        let before = state
        let note = Note(who: "kim", why: why)
        let answer = try #require(step(definition, &state, .command(time: 5000, command, by: note)).answer)
        return AuditRecord(
            time: 7, note, "command", alarm: "hot", before: before, after: state, answer: answer, offset: 1000)
    }

    @Test func `a command that was obeyed`() throws {
        let ack = try record(.acknowledge(occurrence: 1, revision: 0), why: "seen", after: .hot(1))
        #expect(ack.before == "UNACK@1.0" && ack.after == "ACKED@1.0" && ack.answer == "ok" && ack.why == "seen")
        let shelve = try record(.shelve(for: .seconds(60), oneShot: false), why: "probe", after: .hot(1))
        #expect(shelve.before == "UNACK@1.0" && shelve.after == "SHLV@1.0 until 1970-01-01T00:01:06.000Z")
    }

    @Test func `a command that was not`() throws {
        let stale = try record(.acknowledge(occurrence: 2, revision: 0), why: "", after: .hot(1))
        #expect(stale.answer == "stale" && stale.before == "UNACK@1.0" && stale.after == "UNACK@1.0")
        #expect(stale.why == nil && stale.who == "kim")
        let already = try record(
            .acknowledge(occurrence: 1, revision: 0), why: "", after: .hot(1), .acknowledge(2))
        #expect(already.answer == "already" && already.before == "ACKED@1.0")
        let refused = try record(.reset, why: "please", after: .hot(1))
        #expect(refused.answer == "refused: it is not latched" && refused.why == "please")
    }

    @Test func `an entry with nothing but a refusal is committed`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        let refused = try record(.reset, why: "please", after: .hot(1))
        #expect(journal.write(JournalEntry(audit: [refused])) == [])
        #expect(try JournalReader(path: scratch.journal).audit(limit: 10) == [refused])
        journal.stop()
    }

    private func heat(
        _ heat: String, on controller: String = "F-01", began: Int64, ended: Int64? = nil
    ) -> HeatRecord {
        HeatRecord(controller: controller, heat: heat, product: "4N5", began: began, ended: ended, who: "kim")
    }

    @Test func `a heat that begins ends the one before, and outlives the daemon`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        journal.write(JournalEntry(heats: [heat("H1", began: 10), heat("H9", on: "F-02", began: 15)]))
        #expect(try journal.loadHeats()["F-01"] == heat("H1", began: 10))
        journal.write(JournalEntry(heats: [heat("H2", began: 20)]))
        journal.stop()
        let again = try scratch.open(boot: "b2")
        #expect(try again.loadHeats() == ["F-01": heat("H2", began: 20), "F-02": heat("H9", on: "F-02", began: 15)])
        _ = try again.listening()
        again.write(JournalEntry(heats: [heat("H2", began: 20, ended: 30)]))
        #expect(try again.loadHeats().keys.sorted() == ["F-02"])
        let reader = try JournalReader(path: scratch.journal)
        let all = [
            heat("H1", began: 10, ended: 20), heat("H9", on: "F-02", began: 15), heat("H2", began: 20, ended: 30),
        ]
        #expect(try reader.heats() == all)
        #expect(try reader.heats(from: 20, to: 25) == Array(all[1...]))
        #expect(try reader.heats(from: 0, to: 15) == [all[0]])
        #expect(try reader.heats(limit: 1) == [all[2]])
        again.stop()
    }

    @Test func `the end of a heat that nobody began here is kept whole`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        journal.write(JournalEntry(heats: [heat("H2", began: 20)]))
        journal.write(JournalEntry(heats: [heat("H1", began: 5, ended: 15)]))
        #expect(try journal.loadHeats()["F-01"]?.heat == "H2")
        #expect(
            try JournalReader(path: scratch.journal).heats() == [
                heat("H1", began: 5, ended: 15), heat("H2", began: 20),
            ])
        journal.stop()
    }

    @Test func `a clock that went back makes no heat end before it began`() throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        _ = try journal.listening()
        journal.write(JournalEntry(heats: [heat("H1", began: 20)]))
        journal.write(JournalEntry(heats: [heat("H2", began: 10)]))
        #expect(try JournalReader(path: scratch.journal).heats().first { $0.heat == "H1" }?.ended == 20)
        journal.stop()
    }
}
