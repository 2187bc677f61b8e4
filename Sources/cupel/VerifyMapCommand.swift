import Acquisition
import ArgumentParser
import Commissioning
import Modbus
import Plant

struct VerifyMapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-map",
        abstract: "Reads every tag of a controller alone and in its block, and compares.",
        discussion: "Exits with 0 when every tag is the same and good or uncertain, with 65 otherwise.")

    @OptionGroup var ask: AskOptions
    @Argument(help: "Names of controllers; all when left out.") var controllers: [String] = []
    @Flag(help: "One JSON object a line, for each tag.") var json = false

    func run() async throws {
        let plant = try ask.load()
        let plan = ScanPlan(plant: plant)
        var isOk = true
        for (number, parties) in try lines(of: plant).enumerated() {
            let checks = try await parties[0].asked { inquiry in
                Self.checks(parties, plan, through: &inquiry)
            }
            ProgressLine.end()
            for (party, check) in zip(parties, checks) {
                isOk = isOk && check.isOk
                let report = MapReport(check, of: plant)
                if json {
                    for tag in report.tags { Output.line(try jsonLine(tag)) }
                } else {
                    Output.write((number == 0 && party.name == parties[0].name ? "" : "\n") + report.text(party.name))
                }
                // The other controllers are still worth a look; only a person who wants to stop is obeyed.
                do { try check.ending.explain(party.name) } catch  where check.ending != .stopped {}
            }
        }
        if !isOk { throw ExitCode.data }
    }

    /// The controllers by endpoint: one connection serves all behind it.
    private func lines(of plant: Plant) throws -> [[Party]] {
        for name in controllers where !plant.controllers.contains(where: { $0.name == name }) {
            throw ValidationError(
                "found \"\(name)\", expected \(plant.controllers.map(\.name).joined(separator: ", "))")
        }
        let chosen = plant.controllers.filter { controllers.isEmpty || controllers.contains($0.name) }
        var lines: [[Party]] = []
        for controller in chosen {
            let party = ask.party(controller, of: plant)
            if let line = lines.firstIndex(where: { $0[0].endpoints == party.endpoints }) {
                lines[line].append(party)
            } else {
                lines.append([party])
            }
        }
        return lines
    }

    private static func checks(_ parties: [Party], _ plan: ScanPlan, through inquiry: inout Inquiry) -> [MapCheck] {
        parties.compactMap { party in
            guard let (controller, plant) = party.known else { return nil }
            inquiry.timeout = party.timeout
            inquiry.pacing = party.pacing
            return MapCheck(
                controller.id, of: plant, plan: plan, through: &inquiry, progress: ProgressLine.report)
        }
    }
}

/// What `cupel verify-map` found for one controller: the JSON of each tag, and the same for a person.
struct MapReport {
    struct TagReport: Encodable {
        var controller: String
        var tag: String
        var register: String
        var block: String
        /// `ok`, `differs`, `bad`, `refused`, `failed`.
        var verdict: String
        /// Why it is not ok, or a quality that is less than good.
        var cause: String?
        var alone: String?
        var in_block: String?
        var looks: Int
    }

    let tags: [TagReport]
    private let notRead: Int

    init(_ check: MapCheck, of plant: Plant) {
        notRead = check.notRead
        tags = check.findings.map { found in
            let tag = plant.tags[found.tag]
            let (verdict, cause) = Self.words(found)
            return TagReport(
                controller: plant.controllers[check.controller].name, tag: tag.name, register: tag.placeText,
                block: "\(found.block), \(found.block.count)", verdict: verdict, cause: cause,
                alone: found.alone.map { Self.text($0, tag) }, in_block: found.inBlock.map { Self.text($0, tag) },
                looks: found.looks)
        }
    }

    private static func words(_ found: MapCheck.Finding) -> (verdict: String, cause: String?) {
        switch found.verdict {
        case .ok: ("ok", found.inBlock.flatMap(reason))
        case .differs: ("differs", "its block gives another value than the tag by itself, \(found.looks) times")
        case .bad(let quality): ("bad", found.inBlock.flatMap(reason) ?? quality.name)
        case .failsAlone(let error): (word(error), "\(error)")
        case .failsInBlock(let error): (word(error), "its block: \(error); alone it is answered")
        }
    }

    /// The last step of decoding a value that is less than good says why it is.
    private static func reason(_ value: DecodedValue) -> String? {
        value.quality.isGood ? nil : value.steps.last ?? value.quality.name
    }

    private static func word(_ error: ModbusError) -> String {
        if case .exception = error { "refused" } else { "failed" }
    }

    private static func text(_ value: DecodedValue, _ tag: Tag) -> String {
        if value.quality.isBad { return value.quality.name }
        if let text = value.text { return text }
        return tag.isUnscaled ? tag.type.rawText(value.bits) : Tag.shown(tag.engineering(value.bits))
    }

    func text(_ controller: String) -> String {
        let bad = tags.count { $0.verdict != "ok" }
        var text = "\(controller): \(tags.count) tags read, \(bad == 0 ? "all ok" : "\(bad) not ok")"
        text += notRead > 0 ? ", \(notRead) that are not read from it\n" : "\n"
        var table = Table(headers: ["TAG", "REGISTER", "VERDICT", "ALONE", "IN BLOCK", "CAUSE"])
        table.rows = tags.map {
            [$0.tag, $0.register, $0.verdict, $0.alone ?? "-", $0.in_block ?? "-", $0.cause ?? ""]
        }
        return text + (table.rows.isEmpty ? "" : table.text())
    }
}
