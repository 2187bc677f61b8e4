import Plant

/// One tag as a file describes it, before it belongs to a controller.
struct TagDraft {
    let name: String
    let namePlace: Place
    let source: Source
    /// Where its register or its formula is written.
    let sourcePlace: Place
    let type: ValueType
    let traits: TagTraits
    /// The scan class and where it is named.
    let scan: Located<String>

    enum Source {
        case registers(RegisterRange, bits: ClosedRange<Int>?)
        case formula(FormulaText)
    }

    /// `nil` for a tag that is not read.
    var registers: RegisterRange? { if case .registers(let range, _) = source { range } else { nil } }
    var bits: ClosedRange<Int>? { if case .registers(_, let bits) = source { bits } else { nil } }
    var formula: FormulaText? { if case .formula(let formula) = source { formula } else { nil } }
}

/// The tags of one list. A tag that could not be understood is still known by its name, so that what refers to it is
/// not called unknown as well.
struct TagList {
    var tags: [TagDraft] = []
    var brokenNames: Set<String> = []
    /// Some tag has not even a name.
    var isIncomplete = false

    init() {}

    init(_ value: Value, notation: AddressNotation) {
        guard let items = value.list("a list of tags such as {name: pv, register: \"holding:1\", type: int16}") else {
            self.init()
            isIncomplete = true
            return
        }
        let expected = "a tag such as {name: pv, register: \"holding:1\", type: int16}"
        let sections = items.compactMap { $0.section(TagDraft.Key.self, expected) }
        self.init(sections, notation: notation)
        isIncomplete = isIncomplete || sections.count < items.count
    }

    init(_ sections: [Section<TagDraft.Key>], notation: AddressNotation) {
        var seen: [String: Place] = [:]
        for section in sections {
            let name = section.required(.name, "the tag's name")?.uniqueName(among: &seen, what: "tag")
            let draft = TagDraft(section, name: name, notation: notation)
            switch (draft, name) {
            case (let draft?, _): tags.append(draft)
            case (nil, let name?): brokenNames.insert(name)
            case (nil, nil): isIncomplete = true
            }
        }
    }

    /// These tags with those of a controller: one of the same name takes the place of the other, the rest follow.
    func overridden(by own: TagList) -> TagList {
        var merged = self
        let indices = Dictionary(tags.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        for tag in own.tags {
            if let index = indices[tag.name] { merged.tags[index] = tag } else { merged.tags.append(tag) }
        }
        merged.tags.removeAll { own.brokenNames.contains($0.name) }
        merged.brokenNames.formUnion(own.brokenNames)
        merged.isIncomplete = isIncomplete || own.isIncomplete
        return merged
    }
}
