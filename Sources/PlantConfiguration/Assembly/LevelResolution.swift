import Plant

/// Figures and limits, looked up in the plant.
extension AlarmExpansion {
    mutating func levels(_ rule: LevelsDetector, for draft: AlarmDraft) -> Detector? {
        guard let tag = draft.tag else { return nil }
        guard tag.measures, let figure = figure(rule.figure, of: tag, draft) else {
            if !tag.measures { rejectMeasuring(tag, "levels", draft) }
            return nil
        }
        if rule.figure.isOfTag { for levels in rule.levels { reportUnreachable(levels, of: tag) } }
        switch rule.limits {
        case .levels(let levels):
            let set = LimitSet(limits: levels.limits(deadband: rule.deadband))
            return .levels(
                Levels(figure: figure, isAbove: rule.isAbove, isInclusive: rule.isInclusive, sets: [set]))
        case .table(let table, let value):
            guard let sets = sets(of: table, value, rule, tag, draft) else { return nil }
            return .levels(
                Levels(
                    figure: figure, isAbove: rule.isAbove, isInclusive: rule.isInclusive, sets: sets,
                    product: sets.contains { $0.product != nil } ? assembly.products[tag.controller] : nil,
                    phase: sets.contains { $0.phases != nil } ? draft.phase : nil))
        }
    }

    mutating func rejectMeasuring(_ tag: Tag, _ what: String, _ draft: AlarmDraft) {
        guard case .tag(let reference) = draft.rule.subject else { return }
        reject(reference.value, found: "\(what) on \(tag.name), a \(tag.type.word)", expected: "a tag that measures")
    }

    private mutating func reportUnreachable(_ rule: LevelsRule, of tag: Tag) {
        for level in rule.levels {
            guard let range = tag.range, !range.contains(level.limit) else { continue }
            reject(
                level.value, found: "\(level.value.found), which \(tag.name) never reports",
                expected: "a limit within its range, \(range.lowerBound.short) to \(range.upperBound.short)")
        }
    }

    // MARK: Figures

    private mutating func figure(_ rule: FigureRule, of tag: Tag, _ draft: AlarmDraft) -> Figure? {
        switch rule {
        case .value: return .value
        case .deviation(let reference, let form, let maxSkew, let soakBand):
            guard let setpoint = twin(reference, of: tag, draft) else { return nil }
            // Two polls of the slower one.
            let skew = maxSkew ?? max(period(of: tag), period(of: setpoint)) * 2
            return .deviation(Deviation(setpoint: setpoint.id, form: form, maxSkew: skew, soakBand: soakBand))
        case .rate(let rate, let value):
            let least = rate.method == .endpoint ? 1 : Limits.slopeSamples - 1
            return fits(rate.over, value, of: tag, periods: least) ? .rate(rate) : nil
        case .difference(let reference): return twin(reference, of: tag, draft).map { .difference(from: $0.id) }
        case .disagreement(let references): return twins(references, of: tag, draft).map { .disagreement(with: $0) }
        case .median(let references): return twins(references, of: tag, draft).map { .median(with: $0) }
        case .vote(let references, let need, let bad):
            return twins(references, of: tag, draft).map { .vote(with: $0, need: need, bad: bad) }
        }
    }

    /// Another tag that measures.
    mutating func twin(_ reference: TagReference, of tag: Tag, _ draft: AlarmDraft) -> Tag? {
        guard let other = self.tag(reference, for: draft) else { return nil }
        guard other.measures else {
            reject(reference.value, found: "\(other.name), a \(other.type.word)", expected: "a tag that measures")
            return nil
        }
        guard other.id != tag.id else {
            reject(reference.value, found: "\(other.name), the alarm's own tag", expected: "another one")
            return nil
        }
        return other
    }

    mutating func twins(_ references: [TagReference], of tag: Tag, _ draft: AlarmDraft) -> [Tag.ID]? {
        var ids: [Tag.ID] = []
        for reference in references {
            guard let other = twin(reference, of: tag, draft) else { continue }
            if ids.contains(other.id) {
                reject(reference.value, found: "\(other.name) again", expected: "each tag once")
            }
            ids.append(other.id)
        }
        return ids.count == references.count ? ids : nil
    }

    /// Whether a window holds enough samples of the tag, and not more than memory should.
    mutating func fits(_ window: Duration, _ value: Value, of tag: Tag, periods: Int) -> Bool {
        let period = period(of: tag)
        guard window >= period * periods else {
            reject(
                value, found: "\(window.configured) for \(tag.name), read every \(period.configured)",
                expected: "at least \((period * periods).configured)")
            return false
        }
        guard window <= period * Limits.windowSamples else {
            reject(
                value, found: "\(window.configured) for \(tag.name), read every \(period.configured)",
                expected: "at most \((period * Limits.windowSamples).configured), \(Limits.windowSamples) samples")
            return false
        }
        return true
    }

    // MARK: Limits by product and phase

    /// The phase tag, where a row that is for the unit names a phase.
    mutating func phase(of draft: AlarmDraft) -> Tag.ID? {
        guard case .levels(let rule) = draft.rule.detector, case .table(let table, let value) = rule.limits,
            let controller = draft.tag?.controller
        else { return nil }
        let rows = table.rows.filter { !$0.phases.isEmpty }
        if rows.isEmpty, let reference = rule.phase {
            reject(reference.value, expected: "none: no row of the limits is for a phase")
        }
        guard rows.contains(where: { $0.applies(to: assembly.controllers[controller].name) && isMade($0, controller) })
        else { return nil }
        guard let reference = rule.phase else {
            reject(value, found: "rows for phases", expected: "phase_from, the tag with the phase")
            return nil
        }
        guard let tag = tag(reference, for: draft) else { return nil }
        guard !tag.type.isString else {
            reject(reference.value, found: "\(tag.name), a string", expected: "a tag with a number")
            return nil
        }
        return tag.id
    }

    private mutating func sets(
        of table: LimitTable, _ value: Value, _ rule: LevelsDetector, _ tag: Tag, _ draft: AlarmDraft
    ) -> [LimitSet]? {
        let controller = assembly.controllers[tag.controller].name
        let source = assembly.products[tag.controller]
        var sets: [LimitSet] = []
        var isComplete = true
        for row in table.rows where row.applies(to: controller) {
            if !row.products.isEmpty, source == nil {
                if !assembly.directory.isIncomplete {
                    reject(
                        value, found: "rows for products on \(tag.name)",
                        expected: "product or product_from of \(controller)")
                }
                isComplete = false
                continue
            }
            var phases: [Double]?
            if !row.phases.isEmpty, isMade(row, tag.controller) {
                guard let phase = draft.phase, let numbers = numbers(row.phases, for: assembly.tags[phase]) else {
                    isComplete = false
                    continue
                }
                phases = numbers
            }
            let limits = row.levels?.limits(deadband: rule.deadband) ?? []
            let products: [String?] = row.products.isEmpty ? [nil] : row.products.map(\.name)
            for product in products {
                let set = LimitSet(name: row.name, product: product, phases: phases, limits: limits)
                let isMade = product.map { makes($0, source) } ?? true
                rows[row.source.place, default: RowUse(row: row)].add(set, after: sets, isMade: isMade)
                // Nobody asks for the others, and a change of theirs is none of this alarm.
                if isMade { sets.append(set) }
            }
        }
        guard isComplete else { return nil }
        guard !sets.isEmpty else {
            reject(
                value, found: "no row for \(controller)\(source?.product.map { ", which makes \($0)" } ?? "")",
                expected: "one for each unit of the alarm; levels: none where nothing is watched")
            return nil
        }
        return sets
    }

    private func isMade(_ row: LimitTable.Row, _ controller: Controller.ID) -> Bool {
        row.products.isEmpty || row.products.contains { makes($0.name, assembly.products[controller]) }
    }

    /// Whether a unit can say that it makes the product.
    private func makes(_ product: String, _ source: ProductSource?) -> Bool {
        switch source {
        case .fixed(let name): name == product
        case .tag(let id): assembly.tags[id].type.isString || assembly.tags[id].states.values.contains(product)
        case .heat, nil: true
        }
    }
}

extension ProductSource {
    /// What is always made.
    fileprivate var product: String? { if case .fixed(let name) = self { name } else { nil } }
}

/// What a row of limits does for the tags that it is asked for.
struct RowUse {
    private let row: LimitTable.Row
    private var isReached = false
    private var isMade = false
    private var cover: String?

    init(row: LimitTable.Row) { self.row = row }

    mutating func add(_ set: LimitSet, after earlier: [LimitSet], isMade: Bool) {
        self.isMade = self.isMade || isMade
        guard isMade else { return }
        guard let cover = earlier.first(where: { $0.covers(set) }) else {
            isReached = true
            return
        }
        self.cover = self.cover ?? cover.name.map(\.quoted) ?? "one"
    }

    func report() {
        if !isMade {
            row.products.first?.value.warn("no unit that this row is for makes \(row.products.map(\.name).asChoice)")
        } else if !isReached {
            row.source.warn("this row never applies: \(cover ?? "one") above takes all that it is for")
        }
    }
}

extension LimitSet {
    /// Whether the other set is never asked behind this one.
    fileprivate func covers(_ other: LimitSet) -> Bool {
        guard product == nil || product == other.product else { return false }
        guard let phases else { return true }
        return other.phases.map { $0.allSatisfy(phases.contains) } ?? false
    }
}
