import Acquisition
import ArgumentParser
import PlantConfiguration

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validates the configuration: prints every error of it, else the scan plan.",
        discussion: """
            Warnings, on standard error, are what is allowed but may not be meant, what is bad practice of alarm \
            systems, and deadbands within the noise that the newest hour of the history shows.
            """)

    @OptionGroup var place: PlaceOptions
    @Flag(help: "Fails with 78 when there is a warning.") var strict = false

    func run() throws {
        let loaded = try place.load()
        Output.write(ScanPlan(plant: loaded.plant).description)
        for profile in loaded.profiles { Output.line(profile.line) }
        let doubts = loaded.advice + NoiseCheck(loaded, state: place.state).warnings()
        for doubt in doubts { Output.complain("\(doubt)") }
        let fenced = place.fenced(loaded)
        for host in fenced { Output.complain("cupel: \(host)") }
        let count = loaded.warnings.count + doubts.count + fenced.count
        Output.line(count == 0 ? "no warnings" : count == 1 ? "1 warning" : "\(count) warnings")
        if strict, count > 0 { throw ExitCode.configuration }
    }
}

extension ProfileSummary {
    /// Where the facts of a register map come from, and how far that can be trusted.
    fileprivate var line: String {
        let trust: String =
            switch grade {
            case .manual: "from the vendor's manual"
            case .driver: "from a public driver"
            case .list: "from a third party's list"
            case .own: "designed for this plant"
            case nil: "of no stated origin"
            }
        let sources = sources.isEmpty ? "" : " (\(sources.joined(separator: "; ")))"
        return "profile \(name): \(model ?? "no model"), \(trust)\(sources)"
    }
}
