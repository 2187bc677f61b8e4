public import Plant

extension AlarmBoard {
    /// The board of a plant that takes the place of another while both go on.
    ///
    /// An alarm that is undisturbed goes on in the middle of its delays and windows; the others keep what operators know,
    /// and must be restarted.
    ///
    /// - Parameters: by their new numbers, the old ones of what is taken over.
    public init(
        _ plant: Plant, succeeding old: AlarmBoard, tags: [Tag.ID?], controllers: [Controller.ID?],
        alarms: [AlarmDefinition.ID?], undisturbed: [Bool]
    ) {
        self.init(plant, states: alarms.map { $0.map { old.states[$0] } ?? AlarmState() })
        for (number, before) in alarms.enumerated() {
            guard let before, undisturbed[number] else { continue }
            memories[number] = old.memories[before]
            activities[number] = old.activities[before]
        }
        for (number, before) in tags.enumerated() {
            guard let before else { continue }
            incoming[number] = old.incoming[before]
            settled.samples[number] = old.settled.samples[before]
            settled.texts[number] = old.settled.texts[before]
            if screens[number] != nil, let screen = old.screens[before] { screens[number] = screen }
        }
        for (number, before) in controllers.enumerated() {
            guard let before else { continue }
            isLost[number] = old.isLost[before]
            if let back = old.returning[before] { returning[number] = back }
            if let product = old.settled.products[before] { settled.products[number] = product }
        }
    }
}

extension AlarmDefinition {
    /// Every tag it looks at, its own first.
    public var lookedAt: [Tag.ID] { allTags }

    /// The controller it is about: its tag's, or the one that cannot be read.
    public func controller(in plant: Plant) -> Controller? {
        if case .comms(let controller, _) = detector { return plant.controllers[controller] }
        return (tag ?? usedTags.first).map { plant.controllers[plant.tags[$0].controller] }
    }
}
