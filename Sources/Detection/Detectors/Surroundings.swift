import Plant

/// What a detector may look at beside its own sample.
///
/// A generic parameter everywhere, so that the path of a plain level alarm is specialised and calls nothing.
protocol Surroundings {
    /// The newest settled sample; `Sample.none` when there never was one.
    func sample(_ tag: Tag.ID) -> Sample
    /// Whether the condition of another alarm holds.
    func isIn(_ alarm: AlarmDefinition.ID) -> Bool
    /// What is being made; `nil` when nobody knows.
    func product(_ source: ProductSource) -> String?
}

extension Logic {
    func truth(_ surroundings: some Surroundings) -> Truth {
        root.truth(surroundings.sample, surroundings.isIn)
    }
}
