import Plant

extension Tag {
    /// Names of a kind that a step lists: a layout may be shown by many tags, and a few say which are meant.
    private static let namesListed = 3

    /// Steps for the rules that need more than one reading of the tag, those of its controller as a whole among them.
    func unjudged(in plant: Plant) -> [String] {
        var names: [String] = []
        if rules.status != nil { names.append("its status tag") }
        if rules.isCounter { names.append("whether the counter wrapped or was reset") }
        if rules.stuckAfter != nil { names.append("whether it stands still") }
        if registers != nil { names += controllersRules(plant) }
        guard !names.isEmpty else { return [] }
        return names.map { "not judged here: \($0)" } + ["so the stored quality may be lower than the one shown"]
    }

    private func controllersRules(_ plant: Plant) -> [String] {
        let controller = plant.controllers[controller]
        var names: [String] = []
        let witnesses = plant.tags.filter { $0.controller == controller.id && $0.expect != nil && $0.id != id }
        if !witnesses.isEmpty {
            let listed = witnesses.prefix(Tag.namesListed).map(\.name).joined(separator: ", ")
            let more = witnesses.count - Tag.namesListed
            names.append("the layout of \(controller.name), by \(listed)\(more > 0 ? " and \(more) more" : "")")
        }
        if let heartbeat = controller.heartbeat {
            names.append(
                "whether the heartbeat of \(controller.name), \(plant.tags[heartbeat].name), moved within "
                    + controller.heartbeatTimeout.inSeconds)
        }
        if let unchanged = controller.unchangedAfter {
            names.append("whether its block has changed within \(unchanged.inSeconds)")
        }
        return names
    }
}

extension Duration {
    /// `2.5 s`.
    fileprivate var inSeconds: String { "\(Tag.shown(Double(nanoseconds) / 1e9)) s" }
}
