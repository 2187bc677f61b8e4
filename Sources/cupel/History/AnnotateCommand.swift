import ArgumentParser
import Console
import Historian
import Plant
import PlantConfiguration

struct Annotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Notes something in the history, for whoever looks at these readings later.",
        discussion:
            "The daemon writes it, with the name of the user who asked. `cupel events --kind annotation` lists notes.")

    @OptionGroup var socket: SocketOptions
    @Option(help: "The tag it is about; the whole plant otherwise.") var tag: String?
    @Option(parsing: .unconditional, help: "When it was, or began.", transform: TimeText.typed) var at =
        TimeText.standard("now")
    @Option(parsing: .unconditional, help: "When it ended, if it lasted.", transform: TimeText.typed) var to: TimeText?
    @Flag(help: "The answer as JSON.") var json = false
    @Argument(help: "The text.") var text: String

    func run() async throws {
        let clock = socket.place.clock
        let note = AnnotationRequest(
            text: text, tag: tag, start_ms: at.milliseconds(on: clock), end_ms: to?.milliseconds(on: clock))
        if let fault = note.fault { throw Output.misuse(fault) }
        try await reachingDaemon {
            let answer = try await socket.client.post("annotations", note, as: AnnotationReport.self)
            Output.line(json ? try jsonLine(answer) : "\(answer.answer): \(answer.summary)".plainLine)
        }
    }
}
