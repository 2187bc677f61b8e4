import Plant

extension ConfigurationReference {
    /// The page of the manual, for DocC.
    public static var markdown: String {
        var lines = ["# Configuration", "", ManualTexts.purpose.capitalizedFirst + ": each key of its files.", ""]
        lines += [
            "<!-- Made by `cupel schema --form markdown`; what it says is in Sources/PlantConfiguration/Reference. -->"
        ]
        for text in ["## Overview"] + ManualTexts.introduction { lines += ["", text] }
        let sections = root.tree
        lines += ["", "## cupel.yaml"]
        for section in sections { lines += section.markdown }
        lines += ["", "## profiles/NAME.yaml"]
        for section in profile.tree where !sections.contains(where: { $0.section.name == section.section.name }) {
            lines += section.markdown
        }
        lines += ["", "## tags.csv"]
        for text in ManualTexts.table { lines += ["", text] }
        lines += ["", MarkdownTable.head, MarkdownTable.row("controller", controllerColumn)]
        return lines.joined(separator: "\n") + "\n"
    }
}

private enum MarkdownTable {
    static let head =
        "| Key | What may stand there | Unit | Default | What it does, and what follows |\n|---|---|---|---|---|"

    static func row(_ name: String, _ reference: KeyReference) -> String {
        let cells = [
            "`\(name)`", reference.form.words, reference.unitWords, reference.presence.cell, reference.text,
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}

extension KeyReference.Presence {
    fileprivate var cell: String {
        switch self {
        case .required: "required"
        case .usual(let value): "`\(value.yaml)`"
        case .optional(let words): words
        }
    }
}

extension PlacedSection {
    fileprivate var markdown: [String] {
        var lines = ["", "### \(section.name)", ""]
        if !places.isEmpty { lines += ["At " + places.map { "`\($0)`" }.joined(separator: ", ") + ".", ""] }
        lines += [([section.text] + section.rules.map(\.words)).joined(separator: " "), "", MarkdownTable.head]
        return lines + section.keys.map { MarkdownTable.row($0.name, $0.reference) }
    }
}
