import Plant

extension RunWindow {
    mutating func judge(
        _ number: Double, lot: Double, _ rules: RunRules, _ centre: Centre, _ priority: Priority
    ) -> LotJudgement {
        let z = centre.z(number)
        let fired = take(z, lot: lot, rules)
        guard let first = fired.first else {
            return LotJudgement(lot: lot, Finding(.out, figure: z, priority: priority))
        }
        let finding = Finding(
            .alarm(.fault), figure: z, limit: first.limit, priority: priority,
            detail: fired.map { describe($0, rules) }.joined(separator: "; ") + ", z \(plain(z, decimals: 2))")
        return LotJudgement(lot: lot, finding, signals: fired.map { "rule \($0.rule)" })
    }

    /// `rule 2: 9 points above the centre, lots 101-109`.
    private func describe(_ violation: RunViolation, _ rules: RunRules) -> String {
        let lots = points.suffix(violation.length).map(\.lot)
        let name = lots.last.map(lotName) ?? ""
        let span = lots.count > 1 ? "lots \(lots.first.map(lotName) ?? "")-\(name)" : "lot \(name)"
        return "rule \(violation.rule): \(violation.pattern(rules)), \(span)"
    }
}

extension RunViolation {
    /// In sigma from the centre; `nil` for a rule that only looks at steps.
    fileprivate var limit: Double? {
        let limits: [Int: Double] = [1: 3, 2: 0, 5: 2, 6: 1, 7: 1, 8: 1]
        return limits[rule].map { side < 0 && $0 > 0 ? -$0 : $0 }
    }

    fileprivate func pattern(_ rules: RunRules) -> String {
        let side = side < 0 ? "below" : "above"
        switch rule {
        case 1: return "1 point more than 3 sigma \(side)"
        case 2:
            let count = rules.needed == length ? "\(length)" : "\(rules.needed) of \(length)"
            return "\(count) points \(side) the centre"
        case 3: return "\(length) points \(self.side < 0 ? "falling" : "rising")"
        case 4: return "\(length) points alternating"
        case 5: return "2 of 3 points more than 2 sigma \(side)"
        case 6: return "4 of 5 points more than 1 sigma \(side)"
        case 7: return "\(length) points within 1 sigma"
        default: return "\(length) points on both sides, none within 1 sigma"
        }
    }
}
