import ArgumentParser
import Commissioning
import Modbus
import Plant

struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Shows which units answer, to which functions, in blocks of which size, and how fast.",
        discussion: """
            One connection, one read at a time, function codes 1 to 4 only. An exception 10 or 11 is a gateway's word \
            that there is no such unit; any other exception is an answer of the unit.
            """)

    @OptionGroup var ask: AskOptions
    @Argument(help: "HOST, HOST:PORT, or a controller of the configuration.") var party: String
    @Option(help: "The units to ask, 1-247 or 1,5,10-20.") var units = UnitList.all
    @Option(help: "Units that may be silent at the beginning before the endpoint is taken for silent; 0 asks all.")
    var silentUnits = Probe.silentUnits
    @Option(help: "Where readable registers begin, 0 to 65535; otherwise common places are tried.") var from: Int?
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if let from, !(0...65_535).contains(from) { throw ValidationError("--from: expected 0 to 65535") }
        if silentUnits < 0 { throw ValidationError("--silent-units: expected 0 or more") }
    }

    func run() async throws {
        let party = try ask.party(party)
        let plan = Probe.Plan(units: units.units, silentUnits: silentUnits, place: from)
        let probe = try await party.asked { Probe(plan, through: &$0, progress: ProgressLine.report) }
        ProgressLine.end()
        let report = ProbeReport(probe, of: party, asked: plan.units.count)
        if json { Output.line(try jsonLine(report)) } else { Output.write(report.text) }
        try probe.ending.explain(party.name)
        if probe.answering.isEmpty { throw ExitCode.unavailable }
    }
}

extension UnitList {
    /// The addresses of a serial line (Modbus over Serial Line V1.02, section 2.2).
    static var all: UnitList { UnitList(units: Array(1...247), description: "1-247") }
}
