import Plant

/// The value is another than in the last good sample: a version, a recipe, a counter of restarts.
///
/// In for one sample. No window: a change behind bad samples or a gap is still a change, so only a reset forgets.
struct ChangeMemory: Sendable {
    private var last: Double?

    mutating func find(_ sample: Sample) -> Finding {
        guard sample.isGood else { return Finding(.unknown) }
        defer { last = sample.value }
        guard let last else { return Finding(.unknown) }
        guard last != sample.value else { return Finding(.out) }
        let detail = "\(Wording.number(last)) to \(Wording.number(sample.value))"
        return Finding(.alarm(.fault), detail: detail)
    }
}
