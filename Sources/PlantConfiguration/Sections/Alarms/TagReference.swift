import Plant

/// A tag as an alarm names it; its `*` stand for what those of the alarm's own tag stood for.
struct TagReference {
    let value: Value
    let pattern: NamePattern

    static let form = "a tag such as F-01.melt_temp or a pattern such as \"F-*.melt_temp\""

    init?(_ value: Value) {
        guard let text = value.text(Self.form) else { return nil }
        (self.value, pattern) = (value, NamePattern(text))
    }

    /// Other sensors of the same measurement; `nil` when one of them is not understood.
    static func list(_ value: Value) -> [TagReference]? {
        guard let items = value.list("a list of tags such as [\"F-*.melt_temp_2\"]") else { return nil }
        guard Limits.twins.contains(items.count) else {
            value.reject(
                found: "a list of \(items.count)",
                expected: "\(Limits.twins.lowerBound) to \(Limits.twins.upperBound) tags")
            return nil
        }
        let references = items.compactMap(TagReference.init)
        return references.count == items.count ? references : nil
    }
}

/// A statement with its place.
struct LogicRule {
    let value: Value
    let text: LogicText

    init?(_ value: Value) {
        guard let text = value.text(LogicText.form, as: LogicText.init) else { return nil }
        (self.value, self.text) = (value, text)
    }
}

extension Value {
    func positive() -> Double? { number("a number above 0") { $0 > 0 } }

    /// A window that a detector looks back over.
    func window() -> Duration? { duration(in: Limits.window) }
}
