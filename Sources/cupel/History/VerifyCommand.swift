import ArgumentParser
import Historian
import Plant
import Store

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Looks for damage in both databases, while the daemon runs or not.",
        discussion: """
            Ends with 0 when all is well, 65 with findings, 74 when a file cannot be read. --salvage copies what can \
            still be read of a damaged history into a new file, with the daemon stopped; what is gone is written into \
            it as events.
            """)

    @OptionGroup var care: CareOptions
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

    /// What `--json` prints.
    private struct Answer: Encodable {
        var history: VerifyReport
        var journal: VerifyReport
    }

    private func runVerify() throws {
        let depth: Verify.Depth = quick ? .quick : deep ? .deep : .whole
        let bar = ProgressBar.onTerminal
        let answer = try care.explaining {
            defer { bar.end() }
            return Answer(
                history: try Verify(path: care.history, depth: depth).history(progress: bar.reached),
                journal: try Verify(path: care.journal, depth: depth).journal(progress: bar.reached))
        }
        let reports = [answer.history, answer.journal]
        if care.json {
            Output.line(try jsonLine(answer))
        } else {
            for report in reports { Output.write(text(report)) }
        }
        if reports.contains(where: \.isUnreadable) { throw ExitCode.io }
        if !reports.allSatisfy(\.isSound) { throw ExitCode.data }
    }

    private func text(_ report: VerifyReport) -> String {
        var lines = report.findings.map(\.line)
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
        let found = report.findings.count + report.more
        let verdict = report.isUnreadable ? "unreadable" : found == 0 ? "sound" : "\(found) findings"
        let rate = report.rate > 0 ? ", \(Int(report.rate / 1e6)) million readings/s" : ""
        lines.append(
            "\(report.path): \(verdict); \(sums.joined(separator: ", ")) in \(Double(Int(report.seconds * 100)) / 100) s"
                + rate)
        return lines.map { $0 + "\n" }.joined()
    }

    private func runSalvage() throws {
        var salvage = Salvage(path: care.history)
        salvage.out = out
        salvage.isInPlace = inPlace
        let bar = ProgressBar.onTerminal
        let result = try care.explaining {
            defer { bar.end() }
            return try salvage.run(clock: SystemClock(), progress: bar.reached)
        }
        if care.json {
            Output.line(try jsonLine(result))
            return
        }
        for loss in result.losses {
            let range = "\(UTCTime.text(loss.start)) to \(UTCTime.text(loss.end))"
            Output.line("\(loss.subject ?? "whole plant") \(range): \(loss.text)")
        }
        if result.more > 0 { Output.line("and \(result.more) more") }
        let kept = result.kept.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
        Output.line("\(result.path): \(kept.joined(separator: ", "))")
        if let aside = result.aside { Output.line("the damaged file is in \(aside)") }
    }
}
