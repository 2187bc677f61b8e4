import Detection
import Plant

extension WatchLoop {
    /// Goes on with another plant. The rings of lines that have ended must have been emptied before.
    ///
    /// - Returns: false, and nothing changed, when there was no room for the mark.
    func changeOver(_ change: Changeover, _ shared: inout Watch.Shared) -> Bool {
        if let mark = change.mark, !publish(mark: mark) { return false }
        take(change, &shared)
        controllerDown = change.controllers.map { $0.flatMap { controllerDown[$0] } }
        progress = change.groups.indices.map { number in
            let fresh = ScanProgress(change.tables.groups[number])
            // A scan that is half here goes on.
            guard let before = change.groups[number], progress[before].memory.count == fresh.memory.count else {
                return fresh
            }
            return progress[before]
        }
        for line in change.lines { line.input.groups = line.groups }
        lines = change.lines.map(\.input)
        batchCells = change.batchCells
        tables = change.tables
        restart(tables.plant.alarms.filter { !change.undisturbed[$0.id] }, &shared)
        return true
    }

    /// What everybody may look at, under the new numbers.
    private func take(_ change: Changeover, _ shared: inout Watch.Shared) {
        var texts: [Tag.ID: String] = [:]
        for (number, before) in change.tags.enumerated() {
            if let before, let text = shared.texts[before] { texts[number] = text }
        }
        shared = Watch.Shared(
            plant: change.tables.plant, latest: change.tags.map { $0.map { shared.latest[$0] } ?? .neverRead },
            texts: texts, alarms: change.alarms.map { $0.map { shared.alarms[$0] } ?? AlarmState() })
    }
}
