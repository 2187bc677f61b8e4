import Detection
import Plant

extension WatchLoop {
    /// Goes on with another plant. The rings of lines that have ended must have been emptied before.
    ///
    /// - Returns: false, and nothing changed, when there was no room for the mark.
    func changeOver(_ change: Changeover, _ shared: inout Watch.Shared) -> Bool {
        if let mark = change.mark, !publish(mark: mark) { return false }
        take(change, &shared)
        progress = change.groups.indices.map { number in
            let fresh = ScanProgress(computed: change.computed[number])
            // A scan that is half here goes on.
            guard let before = change.groups[number], progress[before].memory.count == fresh.memory.count else {
                return fresh
            }
            return progress[before]
        }
        for line in change.lines { line.input.groups = line.groups }
        lines = change.lines.map(\.input)
        batchCells = change.batchCells
        tables = WatchTables(change.plant, shared.alarms)
        lastScan = nil
        health = health.filter { shared.alarms.subsystems.contains($0.key) }
        // The numbers of what is in hand are those of the plant it happened in.
        flush()
        news = AlarmNews(plant: change.plant, clockSteps: time.steps)
        let next = Dictionary(
            change.alarms.enumerated().compactMap { new, old in old.map { ($0, new) } },
            uniquingKeysWith: { first, _ in first })
        shared.announcer.renumber({ next[$0] }, under: change.plant.supervision)
        restart(change.plant.alarms.map(\.id).filter { !change.undisturbed[$0] }, &shared)
        return true
    }

    /// What everybody may look at, under the new numbers.
    private func take(_ change: Changeover, _ shared: inout Watch.Shared) {
        var texts: [Tag.ID: String] = [:]
        for (number, before) in change.tags.enumerated() {
            if let before, let text = shared.texts[before] { texts[number] = text }
        }
        shared = Watch.Shared(
            plant: change.plant, latest: change.tags.map { $0.map { shared.latest[$0] } ?? .neverRead }, texts: texts,
            alarms: AlarmBoard(
                change.plant, succeeding: shared.alarms, tags: change.tags, controllers: change.controllers,
                alarms: change.alarms, undisturbed: change.undisturbed),
            announcer: shared.announcer, clockSteps: shared.clockSteps)
    }
}
