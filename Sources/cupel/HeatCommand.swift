import ArgumentParser
import Console
import Plant

/// What is being made: limits of a product count from the heat that is on its controller.
struct HeatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heat",
        abstract: "Begins or ends a heat on a controller's unit, or shows what each is making.",
        discussion: """
            cupel heat F-01 2411 --product NdPr
            cupel heat F-01 --end

            Alarms with limits by product and `product_from: heat` take the product from here. Without one they watch \
            the strictest limits.
            """)

    @OptionGroup var socket: SocketOptions
    @Flag(help: "One JSON object a line.") var json = false
    @Flag(help: "Ends the heat.") var end = false
    @Option(help: "What it makes.") var product: String?
    @Argument(help: "The controller.") var controller: String?
    @Argument(help: "The heat's number or name.") var heat: String?

    func validate() throws {
        if controller == nil, end || product != nil { throw ValidationError("which controller?") }
        if controller != nil, end == (heat != nil) { throw ValidationError("the heat that begins, or --end") }
    }

    func run() async throws {
        try await reachingDaemon {
            guard let controller else { return try await list() }
            let asked = HeatReport(controller: controller, heat: heat, product: product)
            let answer = try await socket.client.post("heats", asked, as: CommandReport.self)
            if json {
                Output.line(try jsonLine(answer))
            } else {
                let reason = answer.reason.map { ": \($0)" } ?? ""
                Output.line("\(answer.answer) \(answer.alarm)\(reason)".plainLine)
            }
            if answer.answer != "ok" { throw ExitCode(1) }
        }
    }

    private func list() async throws {
        let heats: [HeatReport] = try await socket.client.get("heats")
        if json { return try heats.forEach { Output.line(try jsonLine($0)) } }
        var table = Table(headers: ["CONTROLLER", "HEAT", "PRODUCT", "SINCE", "BY"])
        for heat in heats {
            table.rows.append([
                heat.controller, heat.heat ?? "", heat.product ?? "", heat.since ?? "", heat.who ?? "",
            ])
        }
        Output.write(table.text())
    }
}
