import Plant

/// A tag with its number in the plant and its place in a scan.
struct PlacedTag {
    let id: Tag.ID
    let draft: TagDraft
    let controller: Controller.ID
    let controllerName: String
    let group: ScanGroup.ID
    let slot: Int
    let period: Duration
    var together: Int?

    var name: String { "\(controllerName).\(draft.name)" }
}

/// All tags of a plant by name, and what is known of those that could not be understood.
struct TagDirectory {
    private(set) var tags: [PlacedTag] = []
    /// Full names of tags that exist but were not understood.
    private(set) var brokenNames: Set<String> = []
    /// Some tag has not even a name.
    var isIncomplete = false
    private var ids: [String: Tag.ID] = [:]

    mutating func add(_ tag: PlacedTag) {
        ids[tag.name] = tag.id
        tags.append(tag)
    }

    mutating func add(broken names: Set<String>, of controller: String) {
        brokenNames.formUnion(names.map { "\(controller).\($0)" })
    }

    mutating func join(_ ids: [Tag.ID], as number: Int) {
        for id in ids { tags[id].together = number }
    }

    /// A tag by its full name, or by the name within a controller.
    func tag(_ name: String, of controller: String? = nil) -> PlacedTag? {
        (controller.flatMap { ids["\($0).\(name)"] } ?? ids[name]).map { tags[$0] }
    }

    /// A tag that is not found may be one that could not be understood; then only that is reported.
    func mayExist(_ name: String, of controller: String? = nil) -> Bool {
        isIncomplete || brokenNames.contains(name) || controller.map { brokenNames.contains("\($0).\(name)") } ?? false
    }

    /// What a person probably meant, for the end of a message: a tag of the controller, or a full name.
    func hint(_ name: String, of controller: String, orFull: Bool = false, _ findings: Findings) -> String {
        findings.nearest(to: name, of: names(of: controller, orFull: orFull)).map { " such as \($0.quoted)" } ?? ""
    }

    private func names(of controller: String, orFull: Bool) -> [String] {
        let own = tags.filter { $0.controllerName == controller }.map(\.draft.name)
        return orFull ? own + tags.map(\.name) : own
    }
}
