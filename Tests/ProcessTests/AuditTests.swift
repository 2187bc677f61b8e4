import Foundation
import TestSupport
import Testing

/// The audit trail as engineers see it, and as a tool that is not ours does.
@Suite struct AuditTests {
    /// Makes every link anew from what the documentation says of them.
    private static let python = """
        import hashlib, sqlite3, struct, sys
        link = bytes(32)
        for row in sqlite3.connect(sys.argv[1]).execute(
                "SELECT id, time, boot, who, what, subject, before, after, answer, why, hash FROM audit ORDER BY id"):
            link = hashlib.sha256(link + struct.pack(">qq", *row[:2]) + b"".join(
                struct.pack(">q", -1) if text is None
                else struct.pack(">q", len(text.encode())) + text.encode() for text in row[2:10])).digest()
            assert link == row[10], row
            number = row[0]
        print(f"{number}:{link.hex()}")
        """

    @Test func whatWasDoneIsListedAndCannotBeChangedUnseen() throws {
        let server = try OperatorTests.server(1490)
        let yard = try OperatorTests.yard(port: server.port)
        var daemon = try yard.daemon()
        let hot = OperatorTests.hot
        _ = try eventually("UNACK") { try OperatorTests.state(hot, in: yard) == "UNACK" ? true : nil }
        func order(_ words: String...) throws -> (status: Int32, output: String, errors: String) {
            try Program(Cupel.binary, words + ["--config", yard.config, "--state", yard.state]).exit()
        }
        let empty = try order("audit", "verify")
        #expect(empty.status == 0 && empty.output.hasSuffix("journal.db: 0 records, the chain holds"), "\(empty)")
        #expect(try order("alarms", "ack", hot).status == 0)
        #expect(try order("alarms", "shelve", hot, "--for", "10m", "--why", "probe").status == 0)
        let list = try order("audit", "list")
        #expect(list.output.contains(" ack ") && list.output.contains("probe") && list.output.contains(NSUserName()))
        #expect(try order("audit", "--who", "nobody-at-all").status == 1)
        let held = try order("audit", "verify")
        #expect(held.status == 0 && held.output.contains("2 records, the chain holds; it ends with 2:"))
        daemon.signal(SIGTERM)
        try daemon.exit()

        // The next run notes the newest link where only the system writes; another tool makes the same one.
        daemon = try Cupel.start("run", "--config", yard.config, "--state", yard.state)
        let noted = try daemon.errorLine { $0.contains("audit trail: its newest record is 2:") }
        let link = try #require(noted.split(separator: " ").last.map(String.init))
        let python = try Program("/usr/bin/python3", ["-c", AuditTests.python, yard.journal]).exit()
        #expect(python.output == link, "\(python.errors)")
        #expect(try order("audit", "verify", "--head", link).status == 0)
        daemon.signal(SIGTERM)
        try daemon.exit()

        let change = "DROP TRIGGER audit_is_final; UPDATE audit SET who = 'lee' WHERE id = 1"
        #expect(try Program("/usr/bin/sqlite3", [yard.journal, change]).exit().status == 0)
        let broken = try order("audit", "verify", "--head", link, "--json")
        #expect(broken.status == 65)
        #expect(broken.output.contains("\"sound\":false") && broken.output.contains("record 1 of "))
        #expect(try order("audit", "verify", "--head", "2").status == 64)
    }
}
