import Mustache
import Plant

/// The text of lines as a plant wants it for one sink: a Mustache template over `AlarmField`.
struct LineText: Sendable {
    private let template: MustacheTemplate

    /// - Throws: what the parser says of it; the configuration has been through it before.
    init(_ template: String) throws {
        // Mustache escapes for HTML unless it is told otherwise.
        self.template = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + template)
    }

    /// The line with the text that the template gives, on one line; also as the JSON's `text`.
    func applied(to line: AlarmLine) -> AlarmLine {
        guard line.kind == .event || line.kind == .state || line.kind == .test || line.kind == .snapshot else {
            return line
        }
        var fields = Dictionary(uniqueKeysWithValues: line.fields.map { ($0.key.rawValue, $0.value) })
        fields[AlarmField.line.rawValue] = String(line.text.dropLast())
        return line.saying(template.render(fields).map { $0.isNewline ? " " : String($0) }.joined())
    }
}
