import Plant

extension ConfigurationReference {
    /// `cupel.yaml(5)`, in mdoc(7).
    ///
    /// - Parameter date: of the page, as mdoc has it: `November 22, 2026`.
    public static func manualPage(date: String) -> String {
        var page = ManualPage()
        page.macro("Dd \(date)", "Dt CUPEL.YAML 5", "Os", "Sh NAME", "Nm cupel.yaml", "Nd \(ManualTexts.purpose)")
        page.macro("Sh DESCRIPTION")
        page.paragraphs(ManualTexts.introduction)
        page.macro("Sh CUPEL.YAML")
        let sections = root.tree
        for section in sections { page.section(section) }
        page.macro("Sh PROFILES")
        page.paragraphs([profile.text + " It has the keys of a controller's device, and these tags."])
        for section in profile.tree where !sections.contains(where: { $0.section.name == section.section.name }) {
            page.section(section)
        }
        page.macro("Sh TAGS.CSV")
        page.paragraphs(ManualTexts.table)
        page.macro("Bl -tag -width Ds")
        page.key("controller", controllerColumn)
        page.macro("El", "Sh FILES", "Bl -tag -width Ds")
        for (path, text) in [
            ("/etc/cupel/cupel.yaml", "The configuration of the service."),
            ("/etc/cupel/profiles/", "Register maps of the plant, one for each model of instrument."),
            ("/usr/share/cupel/profiles/", "Those that come with the package, for names that the plant has no map of."),
            ("/etc/cupel/tags.csv", "More tags, as a table."),
            ("/usr/share/cupel/cupel.schema.json", "A JSON Schema of the file, for editors."),
        ] {
            page.macro("It Pa \(path)")
            page.text(text)
        }
        page.macro("El", "Sh SEE ALSO", "Xr cupel 1")
        return page.source
    }
}

/// Lines of mdoc(7).
private struct ManualPage {
    private(set) var source = ""

    mutating func macro(_ lines: String...) { for line in lines { source += ".\(line)\n" } }

    mutating func paragraphs(_ texts: [String]) {
        for (index, text) in texts.enumerated() {
            if index > 0 { macro("Pp") }
            self.text(text)
        }
    }

    mutating func section(_ placed: PlacedSection) {
        let section = placed.section
        macro("Ss \(section.name)")
        if !placed.places.isEmpty {
            text("At " + placed.places.map { "`\($0)`" }.joined(separator: ", ") + ".")
            macro("Pp")
        }
        text(([section.text] + section.rules.map(\.words)).joined(separator: " "))
        macro("Bl -tag -width Ds")
        for key in section.keys { self.key(key.name, key.reference) }
        macro("El")
    }

    mutating func key(_ name: String, _ reference: KeyReference) {
        macro("It Ic \(name)")
        var facts = reference.form.words.capitalizedFirst
        if let unit = reference.unit { facts += " (\(unit))" }
        text("\(facts); \(reference.presence.words).")
        text(reference.text)
    }

    /// Words, as many on a line as fit; a sentence begins on a new one, as mdoc(7) wants it.
    mutating func text(_ text: String) {
        var line = ""
        var marks = Marks()
        for word in text.split(separator: " ") {
            let escaped = marks.escaped(word)
            if !line.isEmpty, line.count + escaped.count >= 78 { end(&line) }
            line += (line.isEmpty ? "" : " ") + escaped
            if [".", ".)"].contains(where: word.hasSuffix), !marks.isOpen { end(&line) }
        }
        end(&line)
    }

    /// A control character at the beginning of a line would be a macro.
    private mutating func end(_ line: inout String) {
        guard !line.isEmpty else { return }
        source += (line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" : "") + line + "\n"
        line = ""
    }
}

/// The marks of a text so far: backticks around words of a file, stars around names of sections.
private struct Marks {
    private var isLiteral = false
    private var isName = false

    var isOpen: Bool { isLiteral || isName }

    mutating func escaped(_ word: Substring) -> String {
        var text = ""
        for character in word {
            switch character {
            case "\\": text += "\\e"
            case "-" where isLiteral: text += "\\-"
            case "`":
                text += isLiteral ? "\\fR" : "\\fB"
                isLiteral.toggle()
            case "*" where !isLiteral:
                text += isName ? "\\fR" : "\\fI"
                isName.toggle()
            default: text.append(character)
            }
        }
        return text
    }
}
