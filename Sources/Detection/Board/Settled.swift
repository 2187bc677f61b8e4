import Plant

/// What is known of the plant as a whole: the samples of complete scans, and the conditions that stood after them.
///
/// Alarms that look at several things look here, and never at a scan that is half here. What they decide then depends
/// on the order of the scans alone, which the history keeps, and so it can be decided again.
struct Settled: Surroundings, Sendable {
    var samples: [Sample]
    /// The newest text of string tags.
    var texts: [Tag.ID: String] = [:]
    /// By alarm.
    var conditions: [Bool]
    /// What each controller's unit is making, by its heat.
    var products: [Controller.ID: String] = [:]
    /// The names of the values of tags with states.
    let states: [Tag.ID: [Int: String]]

    init(_ plant: Plant) {
        samples = Array(repeating: .none, count: plant.tags.count)
        conditions = Array(repeating: false, count: plant.alarms.count)
        states = Dictionary(
            plant.tags.lazy.filter { !$0.states.isEmpty }.map { ($0.id, $0.states) },
            uniquingKeysWith: { first, _ in first })
    }

    func sample(_ tag: Tag.ID) -> Sample { samples[tag] }
    func isIn(_ alarm: AlarmDefinition.ID) -> Bool { conditions[alarm] }

    func product(_ source: ProductSource) -> String? {
        switch source {
        case .fixed(let name): return name
        case .heat(let controller): return products[controller]
        case .tag(let tag):
            let sample = samples[tag]
            guard sample.quality.isGood else { return nil }
            if let text = texts[tag] { return text }
            return Int(exactly: sample.value).flatMap { states[tag]?[$0] }
        }
    }
}
