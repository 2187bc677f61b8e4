import Plant

extension Conformity {
    /// Judges one lot on its own.
    ///
    /// A reject is at `lowLow` or `highHigh`, indeterminate at `low` or `high`: the operator sees which side and how
    /// sure, and a retest that turns indeterminate into a reject is a step up, which is annunciated again. Without a
    /// guard band only rejects exist.
    func judge(_ value: Double, lot: Double, priority: Priority) -> LotJudgement {
        let assay = DecimalNumber(value)
        let number = (decimals.map { assay.rounded(to: $0) } ?? assay).value
        let name = "lot \(lotName(lot))"

        func found(_ level: AlarmLevel, _ limit: Double, _ signal: String, _ text: String) -> LotJudgement {
            let raw = number == assay.value ? "" : " (assay \(plain(value)))"
            let detail = "\(signal): \(name), \(plain(number))\(raw) \(text)"
            let finding = Finding(.alarm(level), figure: number, limit: limit, priority: priority, detail: detail)
            return LotJudgement(lot: lot, finding, signals: [signal])
        }
        if let lower, number < lower { return found(.lowLow, lower, "reject", "below \(plain(lower))") }
        if let upper, number > upper { return found(.highHigh, upper, "reject", "above \(plain(upper))") }
        if guardBand > 0 {
            let band = DecimalNumber(guardBand)
            let text = "is within \(plain(guardBand)) of"
            if let lower, number < (DecimalNumber(lower) + band).value {
                return found(.low, lower, "indeterminate", "\(text) \(plain(lower))")
            }
            if let upper, number > (DecimalNumber(upper) + -band).value {
                return found(.high, upper, "indeterminate", "\(text) \(plain(upper))")
            }
        }
        return LotJudgement(lot: lot, Finding(.out, figure: number, limit: lower ?? upper, priority: priority))
    }
}
