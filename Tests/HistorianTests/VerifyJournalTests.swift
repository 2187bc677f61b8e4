import Testing

@testable import Historian

@Suite("What verify finds in a journal")
struct VerifyJournalTests {
    @Test func aSoundJournalHasNoFindings() throws {
        let scratch = try Scratch()
        let report = try WrittenJournal(scratch.path + "/journal.db").verify()
        #expect(report.findings == [])
        #expect(report.counts.events == 20)
    }

    @Test(arguments: [
        ("DELETE FROM alarm_event WHERE seq = 7", Finding.Kind.sequence, "1 rows before number 8 are missing"),
        ("DELETE FROM alarm_event WHERE seq > 17", .sequence, "up to 20 were given, and the newest row is 17"),
        ("DELETE FROM alarm_event WHERE seq < 3", .sequence, "2 rows before number 3 are missing"),
        ("DELETE FROM audit WHERE id = 1", .sequence, "1 rows before number 2 are missing"),
        ("DELETE FROM boot", .wrong, "of alarm_event refers to a missing boot"),
        ("PRAGMA application_id = 1131769964", .schema, "expected 1131769930"),
    ])
    func harmIsFound(sql: String, kind: Finding.Kind, text: String) throws {
        let scratch = try Scratch()
        let journal = try WrittenJournal(scratch.path + "/journal.db")
        try journal.change("PRAGMA foreign_keys = OFF; \(sql)")
        let findings = try journal.verify().findings
        #expect(findings.contains { $0.kind == kind && $0.text.contains(text) }, "\(findings.map(\.line))")
    }
}
