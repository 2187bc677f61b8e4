import Acquisition
import ArgumentParser
import Commissioning
import FoundationEssentials
import Glibc
import Modbus
import Plant

struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Finds the registers that can be read, and drafts a profile of them.",
        discussion: """
            Blocks grow while they are answered and are halved when they are refused. Far from anything readable only \
            every so many registers (--step) are asked. One connection, one read at a time, function codes 1 to 4 only.
            """)

    @OptionGroup var ask: AskOptions
    @Argument(help: "HOST, HOST:PORT, or a controller of the configuration.") var party: String
    @Option(help: "The unit identifier, 0 to 255; otherwise the controller's, or 1.") var unit: UInt8?
    @Option(help: "The register table.") var table = Choice(RegisterTable.holding)
    @Option(help: "The first address, zero-based.") var from = 0
    @Option(help: "The last address, zero-based.") var to = 999
    @Option(help: "In a void ask only every so many registers, 1 to 16; 1 misses nothing.")
    var step = Survey.Plan.defaultStep
    @Option(help: "A new file for the drafted profile.") var out: String?

    func run() async throws {
        let party = try ask.party(party)
        guard from <= to,
            let plan = Survey.Plan(unit: unit ?? party.unit, table: table.value, addresses: from...to, step: step)
        else {
            throw ValidationError(
                "found \(from) to \(to) in steps of \(step), expected addresses within 0 to 65535, steps from 1 to 16")
        }
        if let out, access(out, F_OK) == 0 {
            Output.complain("cupel: \(out) is there already, expected a new file")
            throw ExitCode.cannotCreate
        }
        let budget = budget(plan, party)
        let survey = try await party.asked { inquiry in
            Output.complain(budget)
            return Survey(plan, through: &inquiry, progress: ProgressLine.report)
        }
        ProgressLine.end()
        Output.write(Self.text(survey))
        if let out, let draft = survey.profileDraft(of: party.name) { try write(draft, to: out) }
        try survey.ending.explain(party.name)
        if survey.areas.isEmpty { throw ExitCode.data }
    }

    private func budget(_ plan: Survey.Plan, _ party: Party) -> String {
        let requests = plan.budget
        let each = ScanPlan.assumedRoundTrip + max(party.pacing.pause, Inquiry.pause)
        let most = each * requests.upperBound
        return "from \(requests.lowerBound) to \(requests.upperBound) requests, at most "
            + "\(most.components.seconds) s at \(each.milliseconds) ms each; what gets no answer costs "
            + "\(party.timeout.milliseconds) ms more"
    }

    private func write(_ draft: String, to path: String) throws {
        do {
            try Data(draft.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
        } catch {
            Output.complain("cupel: cannot write \(path): \(error)")
            throw ExitCode.cannotCreate
        }
        Output.complain("drafted \(path)")
    }

    static func text(_ survey: Survey) -> String {
        let items = survey.plan.table.isBits ? "bits" : "registers"
        let count = survey.areas.map(\.range.count).reduce(0, +)
        var text = "unit \(survey.plan.unit): \(count) of \(survey.plan.addresses.count) \(items) can be read, "
        text += "requests: \(survey.requests)\n"
        for area in survey.areas {
            text += "  \(area.range) to \(area.range.last), \(area.range.count) \(items)\n"
        }
        if survey.largestBlock > 0 { text += "largest block that was answered: \(survey.largestBlock) \(items)\n" }
        if let refused = survey.refusedBlock {
            text += "blocks of \(refused.count) are refused although all of it can be read: \(refused.by)\n"
        }
        for (error, count) in survey.refusals.sorted(by: { $0.key.counter < $1.key.counter }) {
            text += "\(count) \(items) refused by themselves: \(error)\n"
        }
        if survey.unasked > 0 {
            text += "\(survey.unasked) \(items) far from any readable one were not asked; --step 1 asks each\n"
        }
        return text
    }
}

extension RegisterRange {
    /// The last item in all its forms.
    fileprivate var last: String {
        RegisterRange(table: table, start: end - 1, count: 1)?.description ?? "\(end - 1)"
    }
}
