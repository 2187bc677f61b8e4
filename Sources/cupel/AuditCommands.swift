import ArgumentParser
import Historian
import Journal
import Plant
import PlantConfiguration

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Who did what and why, and whether that was changed afterwards; also with the daemon stopped.",
        subcommands: [AuditList.self, AuditVerify.self], defaultSubcommand: AuditList.self)
}

struct AuditList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the commands of people, obeyed or not, oldest first.",
        discussion: "The newest --limit of those that are asked for; 1 when there are none.")

    @OptionGroup var files: FileOptions
    @OptionGroup var count: EventCount
    @Option(parsing: .unconditional, help: "From this time on.", transform: TimeText.typed) var from =
        TimeText.standard("-30d")
    @Option(parsing: .unconditional, help: "Until before this time.", transform: TimeText.typed) var to =
        TimeText.standard("now")
    @Option(help: "Only what this user did.") var who: String?
    @Option(help: "Only about the alarms, files or sinks of this name or pattern.") var subject = "*"
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        let plant = (try? loadConfiguration(files.place.config))?.plant
        let clock = plant?.clock ?? .utc
        let range = try TimeText.range(from, to, on: clock)
        let records = try files.explaining {
            try JournalReader(path: files.journal).audit(
                matching: NamePattern(subject), by: who, from: range.lowerBound, to: range.upperBound,
                limit: count.limit)
        }
        if records.isEmpty { throw ExitCode(1) }
        if json { return try records.forEach { Output.line(try jsonLine(AuditLine($0))) } }
        var times = TimeColumn(clock)
        var table = Table(headers: ["TIME", "WHO", "WHAT", "SUBJECT", "BEFORE", "AFTER", "ANSWER", "WHY"])
        for record in records {
            table.rows.append([
                times.text(record.time), record.who, record.what, record.subject, record.before ?? "",
                record.after ?? "", record.answer ?? "", record.why ?? "",
            ])
        }
        Output.write(table.text())
    }
}

/// A record as JSON, its time as text.
private struct AuditLine: Encodable {
    let time, who, what, subject: String
    let before, after, answer, why: String?

    init(_ record: AuditRecord) {
        (time, who, what, subject) = (UTCTime.text(record.time), record.who, record.what, record.subject)
        (before, after, answer, why) = (record.before, record.after, record.answer, record.why)
    }
}

struct AuditVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Makes the chain of the audit trail again, and says where it breaks.",
        discussion: """
            Each record is linked to all before it by SHA-256. A change in between breaks the chain; whoever can write \
            the file can also make the whole chain anew, so the newest link is noted in the system's journal each hour \
            (journalctl -u cupel --grep 'audit trail'), and --head shows that the trail still holds a link that was \
            noted. Ends with 0 when the chain holds, 65 when it does not.
            """)

    @OptionGroup var files: FileOptions
    @Option(help: ArgumentHelp("A link that was noted before.", valueName: "number:link"), transform: AuditVerify.head)
    var head: AuditHead?
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
        let verdict = try files.explaining { try JournalReader(path: files.journal).verifyAudit(head: head) }
        if json {
            Output.line(try jsonLine(verdict))
        } else {
            for finding in verdict.findings { Output.line(finding) }
            if verdict.more > 0 { Output.line("and \(verdict.more) more") }
            let state = verdict.isSound ? "the chain holds" : "\(verdict.findings.count + verdict.more) findings"
            let end = verdict.head.map { verdict.records > 0 ? "; it ends with \($0)" : "" } ?? ""
            Output.line("\(verdict.path): \(verdict.records) records, \(state)\(end)")
        }
        if !verdict.isSound { throw ExitCode.data }
    }

    private static func head(_ text: String) throws -> AuditHead {
        guard let head = AuditHead(text) else {
            throw ValidationError("--head: found \(text), expected NUMBER:LINK with a link of 64 hexadecimal digits")
        }
        return head
    }
}
