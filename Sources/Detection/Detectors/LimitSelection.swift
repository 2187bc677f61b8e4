import Plant

extension Levels {
    /// The limits that count for what is made now, and in which phase; `nil` when no row is for that.
    ///
    /// The first row whose product and phase match. A row that asks for something nobody knows may or may not match:
    /// then, of all the rows that may be the first to match, the strictest limit of each level counts.
    func limits(_ surroundings: some Surroundings) -> LimitSet? {
        // The same limits whatever is made: nothing to find out.
        if sets.count == 1, let only = sets.first, only.product == nil, only.phases == nil { return only }
        let product = product.flatMap { surroundings.product($0) }
        let phase = phase.map { surroundings.sample($0) }.flatMap { $0.isGood ? $0.value : nil }
        var possible: [LimitSet] = []
        for set in sets {
            switch set.suits(product: product, phase: phase) {
            case .no: continue
            case .unknown: possible.append(set)
            case .yes where possible.isEmpty: return set
            case .yes: return strictest(of: possible + [set], product: product, phase: phase)
            }
        }
        return possible.isEmpty ? nil : strictest(of: possible, product: product, phase: phase)
    }

    /// A row in which nothing is watched is not strict.
    private func strictest(of sets: [LimitSet], product: String?, phase: Double?) -> LimitSet {
        var limits: [AlarmLimit] = []
        for limit in sets.flatMap(\.limits) {
            guard let index = limits.firstIndex(where: { $0.level == limit.level }) else {
                limits.append(limit)
                continue
            }
            if isStricter(limit, than: limits[index]) { limits[index] = limit }
        }
        limits.sort { $0.level.severity < $1.level.severity }
        let needed = [
            product == nil && sets.contains { $0.product != nil } ? "product" : nil,
            phase == nil && sets.contains { $0.phases != nil } ? "phase" : nil,
        ]
        let unknown = needed.compactMap { $0 }.joined(separator: " and ")
        return LimitSet(name: "strictest, \(unknown) unknown", limits: limits)
    }

    /// At the same limit the more urgent one counts.
    private func isStricter(_ a: AlarmLimit, than b: AlarmLimit) -> Bool {
        if a.limit == b.limit { return a.priority > b.priority }
        return isAbove ? a.limit < b.limit : a.limit > b.limit
    }
}

extension Finding {
    /// No row of limits is for what is made now: nothing is watched. Said, for it may be a row that was forgotten.
    static let unwatched: Finding = {
        var finding = Finding(.out, detail: "no limits for this product and phase")
        finding.isWatched = false
        return finding
    }()
}

extension LimitSet {
    /// Whether the row is for this product in this phase; `nil` is not known.
    fileprivate func suits(product: String?, phase: Double?) -> Truth {
        let isProduct = self.product.map { wanted in product.map { Truth($0 == wanted) } ?? .unknown } ?? .yes
        let isPhase = phases.map { wanted in phase.map { Truth(wanted.contains($0)) } ?? .unknown } ?? .yes
        return Truth.atLeast(2, of: [isProduct, isPhase])
    }
}
