import ArgumentParser
import Historian
import Plant
import Store

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Looks for damage in both databases, while the daemon runs or not.",
        discussion: """
            Ends with 0 when nothing is damaged, 65 with damage, 74 when a file is missing or cannot be read; the other \
            one is looked at all the same. Warnings, such as readings of a time that has not come, end with 0. So does \
            a history without a journal, if no daemon ever wrote it: a copy, or what imports alone have made. \
            --salvage copies what can still be read of a damaged history into a new file, with the daemon stopped; \
            what is gone is written into it as events.
            """)

    @OptionGroup var files: FileOptions
    @Flag(help: "One JSON object instead of lines for people.") var json = false
    @Flag(help: "SQLite's quick check, all checksums, and a sample of the rest.") var quick = false
    @Flag(help: "Computes every roll-up again, too.") var deep = false
    @Flag(help: "Copies what can be read into a new file.") var salvage = false
    @Option(help: "With --salvage: the new file; beside the damaged one otherwise.") var out: String?
    @Flag(help: "With --salvage: the new file takes the place of the damaged one, which is moved aside.")
    var inPlace = false

    func validate() throws {
        if quick, deep { throw ValidationError("--quick and --deep exclude each other") }
        if !salvage, out != nil || inPlace { throw ValidationError("--out and --in-place belong to --salvage") }
    }

    func run() throws {
        if salvage { try runSalvage() } else { try runVerify() }
    }

    private func runVerify() throws {
        let depth: Verify.Depth = quick ? .quick : deep ? .deep : .whole
        let bar = ProgressBar.onTerminal
        let check = StateCheck(history: files.history, journal: files.journal, depth: depth)
        let found = try files.explaining {
            defer { bar.end() }
            return try check.run(progress: bar.reached)
        }
        if json {
            Output.line(try jsonLine(found))
        } else {
            for report in found.reports { Output.write(text(report)) }
        }
        if found.exitCode != 0 { throw ExitCode(found.exitCode) }
    }

    private func text(_ report: VerifyReport) -> String {
        var lines = report.findings.map(\.line)
        // There is nothing to count.
        if report.findings.contains(where: { $0.kind == .absent }) { return lines.map { $0 + "\n" }.joined() }
        if report.more > 0 { lines.append("and \(report.more) more") }
        lines += report.notes.map { "note: \($0)" }
        let counts = report.counts
        var sums: [String] = []
        if counts.spans > 0 || counts.rows > 0 {
            sums = [
                "\(counts.spans) spans", "\(counts.chunks) chunks",
                "\(counts.readings) readings (\(counts.decoded) decoded)",
                "\(counts.rows) rows", "\(counts.rollUps) roll-ups",
            ]
        }
        sums.append("\(counts.events) events")
        let warnings = report.findings.count { $0.severity == .warning }
        let found = report.isUnreadable ? "unreadable" : report.isSound ? "sound" : "\(report.damages) findings"
        let verdict = warnings > 0 ? "\(found), \(warnings) warnings" : found
        let rate = report.rate > 0 ? ", \(Int(report.rate / 1e6)) million readings/s" : ""
        lines.append(
            "\(report.path): \(verdict); \(sums.joined(separator: ", ")) in \(Double(Int(report.seconds * 100)) / 100) s"
                + rate)
        return lines.map { $0 + "\n" }.joined()
    }

    private func runSalvage() throws {
        var salvage = Salvage(path: files.history)
        salvage.out = out
        salvage.isInPlace = inPlace
        let bar = ProgressBar.onTerminal
        let result = try files.explaining {
            defer { bar.end() }
            return try salvage.run(clock: SystemClock(), progress: bar.reached)
        }
        if json {
            Output.line(try jsonLine(result))
            return
        }
        for loss in result.losses {
            let range = "\(UTCTime.text(loss.start)) to \(UTCTime.text(loss.end))"
            let subject = loss.subject ?? (loss.table == nil ? "whole plant" : "history")
            Output.line("\(subject) \(range): \(loss.text)")
        }
        if result.more > 0 { Output.line("and \(result.more) more") }
        let kept = result.kept.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
        Output.line("\(result.path): \(kept.joined(separator: ", "))")
        if result.left > 0 { Output.line("\(result.left) findings are left in it; cupel verify lists them") }
        if let aside = result.aside { Output.line("the damaged file is in \(aside)") }
    }
}
