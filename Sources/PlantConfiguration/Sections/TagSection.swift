import Plant

/// Where the value of a tag comes from: registers or a formula, and where that is written.
///
/// Not an enumeration: the optimiser of Swift 6.3.1 crashes on an array whose elements have one with a trivial and a
/// counted case ("CopyPropagation", found outside of lifetime use).
struct TagSource {
    /// `nil` for a tag that is not read.
    let registers: RegisterRange?
    /// `nil` for all.
    let bits: ClosedRange<Int>?
    /// `nil` for a tag that is not computed.
    let formula: FormulaText?
    let place: Place

    init(_ registers: RegisterRange, bits: ClosedRange<Int>?, at place: Place) {
        (self.registers, self.bits, formula, self.place) = (registers, bits, nil, place)
    }

    init(_ formula: FormulaText, at place: Place) {
        (registers, bits, self.formula, self.place) = (nil, nil, formula, place)
    }
}

/// One tag as a file describes it, before it belongs to a controller.
struct TagDraft {
    let name: String
    let namePlace: Place
    let source: TagSource
    let type: ValueType
    let traits: TagTraits
    /// The scan class and where it is named.
    let scan: Located<String>

    var registers: RegisterRange? { source.registers }
    var bits: ClosedRange<Int>? { source.bits }
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
