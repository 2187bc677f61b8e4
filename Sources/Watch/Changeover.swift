import Detection
public import Plant

/// What the watch needs to go on with another plant: made beforehand, taken over between two blocks.
///
/// Names are the identity. A tag keeps its newest reading when its bits still mean the same, an alarm keeps its state,
/// and keeps it without a step when its definition is the same and its tags still mean the same.
public struct Changeover: Sendable {
    /// The ring of one line under the new plant.
    public struct Line: Sendable {
        let input: LineInput
        let groups: [ScanGroup.ID?]?

        /// A line that was made for the new plant.
        public init(_ input: LineInput) { (self.input, groups) = (input, nil) }

        /// A line that goes on, with the numbers of the plant it was made for.
        public init(_ input: LineInput, born: Plant, in plant: Plant) {
            self.input = input
            let numbers = Dictionary(plant.groups.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
            groups = born.groups.map { numbers[$0.name] }
        }
    }

    let plant: Plant
    /// By group: how many of its tags are computed.
    let computed: [Int]
    let lines: [Line]
    let mark: ScanHeader?
    let batchCells: Int
    /// By their new numbers, the old ones of what is taken over.
    let tags: [Tag.ID?]
    let groups: [ScanGroup.ID?]
    let controllers: [Controller.ID?]
    let alarms: [AlarmDefinition.ID?]
    /// By new number: alarms that do not notice.
    let undisturbed: [Bool]

    /// - Parameters:
    ///   - lines: every line of the new plant.
    ///   - mark: goes into the recorder's ring between the last block of the old plant and the first of the new.
    ///   - batchCells: as for `Watch.init`.
    public init(from old: Plant, to new: Plant, lines: [Line], mark: ScanHeader?, batchCells: Int) {
        self.lines = lines
        self.mark = mark
        self.batchCells = batchCells
        plant = new
        computed = new.groups.map { group in group.tags.count { new.tags[$0].formula != nil } }
        let heirs = Heirs(old: old, new: new)
        tags = new.tags.map(heirs.tag)
        groups = Changeover.numbers(of: new.groups.map(\.name), in: old.groups.map(\.name))
        alarms = Changeover.numbers(of: new.alarms.map(\.name), in: old.alarms.map(\.name))
        let undisturbed = zip(new.alarms, alarms).map { alarm, number in
            number.map { heirs.isSame(old.alarms[$0], alarm) } ?? false
        }
        self.undisturbed = undisturbed
        // An alarm that begins anew must hear of its controller anew.
        let told = Set(
            zip(new.alarms, undisturbed).compactMap { alarm, isSame -> Controller.ID? in
                guard isSame, case .comms(let controller, _) = alarm.detector else { return nil }
                return controller
            })
        controllers = new.controllers.map { controller in
            told.contains(controller.id) ? heirs.controller(controller.name) : nil
        }
    }

    private static func numbers(of names: [String], in old: [String]) -> [Int?] {
        let places = Dictionary(old.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return names.map { places[$0] }
    }
}

/// What of one plant is the same in another.
private struct Heirs {
    let old: Plant
    let new: Plant
    private let controllers: [String: Controller.ID]

    init(old: Plant, new: Plant) {
        (self.old, self.new) = (old, new)
        controllers = Dictionary(old.controllers.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    func controller(_ name: String) -> Controller.ID? { controllers[name] }

    /// The number of the same tag in the old plant; `nil` when its bits would mean something else.
    func tag(_ tag: Tag) -> Tag.ID? {
        guard let before = old.tag(named: tag.name) else { return nil }
        let (was, now) = (old.controllers[before.controller], new.controllers[tag.controller])
        let isSame =
            before.type == tag.type && before.scale == tag.scale && before.offset == tag.offset
            && before.registers == tag.registers && before.bits == tag.bits && before.order == tag.order
            && before.packing == tag.packing && before.formula?.text == tag.formula?.text
            && before.diagnostic == tag.diagnostic && was.endpoints == now.endpoints && was.unit == now.unit
        return isSame ? before.id : nil
    }

    /// Whether an alarm need not notice that the plant has changed: it says the same, and what it looks at means the
    /// same.
    func isSame(_ before: AlarmDefinition, _ alarm: AlarmDefinition) -> Bool {
        before.text(in: old) == alarm.text(in: new)
            && alarm.lookedAt.allSatisfy { tag(new.tags[$0]) != nil }
    }
}
