import Detection
import Plant
import Watch

extension AlarmSnapshot {
    /// The alarms that are not normal and were looked at in this run: a reading has confirmed them, or has ended them. One
    /// whose condition is gone but whose delay still runs is not among them.
    ///
    /// - Parameter start: UTC milliseconds, the watch's own start: older evidence is what the journal kept.
    static func seen(_ watch: Watch, since start: Int64) -> Set<String> {
        let table = watch.alarms()
        var names: Set<String> = []
        for (definition, state) in zip(table.plant.alarms, table.states) where state.core != .norm {
            guard let lastGood = state.evidence.lastGood, lastGood >= start, !state.evidence.unconfirmed else {
                continue
            }
            names.insert(definition.name)
        }
        return names
    }
}
