import ArgumentParser
import Glibc
import PlantConfiguration

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints what a configuration may say: a JSON Schema, a man page, or a page of the manual.",
        discussion: """
            An editor with the YAML language server completes and checks keys by a schema that the first line of the file \
            names:

              # yaml-language-server: $schema=/usr/share/cupel/cupel.schema.json
            """)

    enum Form: String, CaseIterable, ExpressibleByArgument { case json, man, markdown }

    @Option(help: "json, man for cupel.yaml(5), or markdown.")
    var form = Form.json

    @Flag(help: "The JSON Schema of a register map, profiles/NAME.yaml, instead.")
    var profile = false

    func validate() throws {
        if profile, form != .json {
            throw ValidationError("--profile is for --form json: the other forms have both files")
        }
    }

    func run() {
        switch form {
        case .json: Output.write(ConfigurationReference.jsonSchema(of: profile ? .profile : .cupel))
        case .man: Output.write(ConfigurationReference.manualPage(date: Self.date))
        case .markdown: Output.write(ConfigurationReference.markdown)
        }
    }

    /// `November 22, 2026`, in UTC. Packages are built with SOURCE_DATE_EPOCH, so that they come out the same again.
    private static var date: String {
        var seconds = getenv("SOURCE_DATE_EPOCH").flatMap { time_t(String(cString: $0)) } ?? time(nil)
        var day = tm()
        gmtime_r(&seconds, &day)
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November",
            "December",
        ]
        return "\(months[Int(day.tm_mon)]) \(day.tm_mday), \(day.tm_year + 1900)"
    }
}
