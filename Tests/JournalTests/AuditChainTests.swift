import Foundation
import GRDB
import Plant
import Testing

@testable import Journal

/// What was changed in the audit trail is found, and nothing else is.
@Suite struct AuditChainTests {
    /// Made with Python's hashlib and struct from the description in `AuditChain`.
    private static let known = [
        "f70b1611362871b73f3fa99acff8a7e5f670a0a85ec0f98a503d1f5f86a52267",
        "f7ad44929117623c59b9a939117f5dd1eb22a564272b73c2876530f8d80db955",
    ]

    @Test func `the links are those that other tools make`() {
        let first = AuditChain.link(
            after: AuditChain.beginning, id: 1, boot: "b0",
            AuditRecord(time: 3000, who: "kim", what: "ack", subject: "hot@3.1", after: "ACKED"))
        let second = AuditChain.link(
            after: first, id: 2, boot: "b1",
            AuditRecord(
                time: 1_767_448_800_000, who: "이영희", what: "shelve", subject: "hot:F-01.melt_temp",
                before: "UNACK@12.0", after: "SHLV@12.0 until 2026-01-03T14:00:00.000Z", answer: "ok",
                why: "probe is changed"))
        #expect([first, second].map { AuditHead(number: 1, link: $0).link } == AuditChainTests.known)
    }

    /// A trail of five records by two runs of the daemon.
    private func trail() throws -> Scratch {
        let scratch = try Scratch()
        for (boot, numbers) in [("b1", 1...3), ("b2", 4...5)] {
            let journal = try scratch.open(boot: boot)
            _ = try journal.listening()
            for number in numbers {
                journal.write(
                    JournalEntry(audit: [
                        AuditRecord(
                            time: Int64(number) * 1000, who: "kim", what: "ack", subject: "hot", before: "UNACK@1.0",
                            after: "ACKED@1.0", answer: "ok", why: number == 2 ? "seen" : nil)
                    ]))
            }
            journal.stop()
        }
        return scratch
    }

    private func verdict(_ scratch: Scratch, head: AuditHead? = nil) throws -> AuditVerdict {
        try JournalReader(path: scratch.journal).verifyAudit(head: head)
    }

    /// What somebody with the right to write does to the file.
    private func tamper(_ scratch: Scratch, _ sql: String) throws {
        let shell = try scratch.shell()
        try shell.writeWithoutTransaction {
            try $0.execute(sql: "DROP TRIGGER audit_is_final; DROP TRIGGER audit_is_kept; \(sql)")
        }
        try shell.close()
    }

    @Test func `what nobody touched holds, over restarts`() throws {
        let scratch = try trail()
        let verdict = try verdict(scratch)
        #expect(verdict.isSound && verdict.records == 5 && verdict.head?.number == 5)
        let journal = try scratch.open(boot: "b3")
        #expect(try journal.auditHead() == verdict.head)
        #expect(try self.verdict(scratch, head: verdict.head).isSound)
        let text = try #require(verdict.head).description
        #expect(AuditHead(text) == verdict.head)
        #expect(try self.verdict(Scratch(empty: ())).isSound, "an empty trail has nothing that could be changed")
    }

    @Test(arguments: [
        "time = 2001", "boot = 'b2'", "who = 'lee'", "what = 'unack'", "subject = 'cold'", "before = NULL",
        "after = ''", "answer = 'refused'", "why = NULL", "hash = zeroblob(32)", "hash = NULL",
    ])
    func `every column counts`(_ change: String) throws {
        let scratch = try trail()
        try tamper(scratch, "UPDATE audit SET \(change) WHERE id = 2")
        let verdict = try verdict(scratch)
        #expect(verdict.findings.first?.hasPrefix("record 2 of ") == true)
        #expect(verdict.findings.first?.hasSuffix(" does not fit those before it") == true)
        // A link that was changed no longer fits those after it either.
        #expect(verdict.findings.count == (change == "hash = zeroblob(32)" ? 2 : 1))
    }

    @Test func `what is gone, and where`() throws {
        let middle = try trail()
        try tamper(middle, "DELETE FROM audit WHERE id IN (2, 3)")
        #expect(try verdict(middle).findings.first == "records 2 to 3 are missing")
        let end = try trail()
        try tamper(end, "DELETE FROM audit WHERE id > 3")
        #expect(try verdict(end).findings == ["records 4 to 5 are missing at the end"])
    }

    @Test func `who makes the whole chain anew is found by a link that was noted`() throws {
        let scratch = try trail()
        let noted = try #require(try verdict(scratch).head)
        try tamper(scratch, "UPDATE audit SET who = 'lee' WHERE id = 4")
        try scratch.shell().write { try AuditRow.linkAll(in: $0) }
        #expect(try verdict(scratch).isSound, "the file alone cannot tell")
        #expect(try verdict(scratch, head: noted).findings == ["record 5 is not the one that was noted: \(noted.link)"])
        try scratch.shell().write {
            try $0.execute(
                sql: "DELETE FROM audit WHERE id = 5; UPDATE sqlite_sequence SET seq = 4 WHERE name = 'audit'")
        }
        #expect(try verdict(scratch).isSound)
        #expect(
            try verdict(scratch, head: noted).findings == ["it ends with record 4, and record 5 was noted"])
    }

    @Test func `a number is not given again after its record was taken away`() throws {
        let scratch = try trail()
        try tamper(scratch, "DELETE FROM audit WHERE id = 5")
        let journal = try scratch.open(boot: "b3")
        _ = try journal.listening()
        journal.write(JournalEntry(audit: [AuditRecord(time: 9000, who: "kim", what: "ack", subject: "hot")]))
        journal.stop()
        #expect(try verdict(scratch).findings == ["records 5 to 5 are missing"])
    }

    @Test(arguments: ["UPDATE audit SET who = 'lee'", "DELETE FROM audit WHERE id = 5"])
    func `a mistake at a prompt changes nothing`(_ sql: String) throws {
        let scratch = try trail()
        #expect(throws: DatabaseError.self) { try scratch.shell().write { try $0.execute(sql: sql) } }
        #expect(try verdict(scratch).isSound)
    }

    @Test func `only a link is a link`() {
        let link = AuditChainTests.known[0]
        #expect(AuditHead("12:\(link)")?.number == 12)
        for text in [
            "", "12", ":\(link)", "0:\(link)", "12:\(link.dropLast())", "12:\(link.uppercased())", "12:\(link):",
        ] {
            #expect(AuditHead(text) == nil, "\(text)")
        }
    }

    @Test func `the trail by user, subject and time`() throws {
        let scratch = try trail()
        let reader = try JournalReader(path: scratch.journal)
        func times(_ records: [AuditRecord]) -> [Int64] { records.map(\.time) }
        #expect(
            try times(reader.audit(matching: NamePattern("*"), from: 2000, to: 5000, limit: 9)) == [2000, 3000, 4000])
        #expect(try times(reader.audit(matching: NamePattern("h*"), by: "kim", limit: 2)) == [4000, 5000])
        #expect(try reader.audit(matching: NamePattern("cold"), limit: 9).isEmpty)
        #expect(try reader.audit(matching: NamePattern("*"), by: "lee", limit: 9).isEmpty)
    }
}

extension Scratch {
    /// With a journal in which nothing has happened yet.
    fileprivate convenience init(empty: Void) throws {
        try self.init()
        try open().stop()
        let journal = try open()
        _ = try journal.listening()
        journal.stop()
    }
}
