import Acquisition
import Detection
import Historian
import Journal
import Plant
import Watch

/// Why a running plant did not become another.
enum ChangeFault: Error {
    /// Nothing was touched.
    case refused(String)
    /// Something was, and only a new run can help.
    case broken(String)
}

/// Another plant takes over while everything runs: only what differs is touched.
extension PlantRun {
    /// Why this plant can only come with a run of its own; `nil` when it can take over from the present one.
    func obstacle(to plant: Plant, _ plan: ScanPlan) -> String? {
        let old = self.plant
        if plant.name != old.name { return "plant.name: the journal's events carry it" }
        if plant.timeZone != old.timeZone { return "plant.time_zone: what goes by the plant's clock" }
        if plant.history.path != old.history.path { return "history.path: another file" }
        // The ring cannot grow. With more than twice its load it would bridge less than half of its minute.
        if ScanVolume.recorderCells(plan, plant) > 2 * recorder.status.backlogCapacity {
            return "more than twice the readings: a larger ring before the recorder"
        }
        return nil
    }

    /// Goes over to another plant.
    ///
    /// Lines that are the same go on, with their connections, in their rhythm; the others end, and who takes their
    /// place goes on with their numbers. Not for two callers at once.
    func change(to plant: Plant, _ plan: ScanPlan) throws(ChangeFault) -> LineDifference {
        let (old, running) = (self.plant, runningLines)
        let difference = LineDifference(
            running: running.map(\.identity), planned: plan.lines.map { LineIdentity($0, of: plant) })
        guard !recorder.isChanging else {
            throw .refused("the history has not taken over the last change yet: see `cupel status`")
        }
        var next = try stored(plant, besides: old)
        let retired = retiring(old, plant)

        let ending = (difference.changed.map(\.running) + difference.removed).map { running[$0] }
        for member in ending { member.line.stop() }
        for member in ending { member.line.join() }
        for member in ending { next.merge(member.next) { $1 } }

        let kept = Dictionary(
            difference.kept.map { ($0.planned, running[$0.running]) }, uniquingKeysWith: { first, _ in first })
        let lines = plan.lines.enumerated().map { index, line in
            kept[index]
                ?? RunningLine(
                    line, of: plant, next: next, doorbell: watch.doorbell, clock: clock, books: books,
                    logger: logger)
        }
        let begun = lines.indices.filter { kept[$0] == nil }.map { lines[$0].line }
        do {
            for line in begun { try line.start() }
            try takeOver(plant, from: old, lines, kept: Set(kept.keys), plan)
        } catch {
            for line in begun { line.stop() }
            for line in begun { line.join() }
            throw .broken("\(error)")
        }
        for member in kept.values { member.line.watch(alarmsOf: plant, born: member.born) }
        journal.append(retired)
        do {
            try sinks.change(to: plant.sinks)
            escalator.change(to: plant)
        } catch {
            throw .broken("\(error)")
        }
        return difference
    }

    /// Watch and recorder, in this order of the blocks.
    private func takeOver(
        _ plant: Plant, from old: Plant, _ lines: [RunningLine], kept: Set<Int>, _ plan: ScanPlan
    ) throws {
        let members = Set(kept.flatMap { plan.lines[$0].controllers })
        let groups = Set(plant.groups.filter { members.contains($0.controller) }.map(\.id))
        guard let mark = recorder.announce(plant, kept: groups) else {
            throw StartError("the recorder has not taken over the last change", exitCode: 70)
        }
        let change = Changeover(
            from: old, to: plant,
            lines: lines.enumerated().map { index, member in
                kept.contains(index)
                    ? Changeover.Line(member.input, born: member.born, in: plant) : Changeover.Line(member.input)
            }, mark: mark, batchCells: plant.history.commitReadings)
        journal.append(JournalEntry(definitions: PlantRun.definitions(of: plant)))
        guard watch.changeOver(change) else {
            recorder.withdraw(mark)
            throw StartError("the watch did not take the plant over", exitCode: 70)
        }
        recorder.hurry()
        become(plant, lines)
        // A controller that is new here may have a heat from before.
        for (controller, product) in heats.products(of: plant) {
            watch.setProduct(product, of: plant.controllers[controller].name)
        }
    }

    /// The next numbers of groups that the present plant does not read, but an earlier one did.
    private func stored(_ plant: Plant, besides old: Plant) throws(ChangeFault) -> [String: UInt64] {
        let known = Set(old.groups.map(\.name))
        guard plant.groups.contains(where: { !known.contains($0.name) }) else { return [:] }
        do {
            return try HistoryReader(path: paths.path(plant.history.path)).newestSequences().mapValues { $0 + 1 }
        } catch {
            throw .refused("\(error)")
        }
    }

    /// What the journal hears of alarms that are no longer configured.
    private func retiring(_ old: Plant, _ plant: Plant) -> JournalEntry {
        let names = Set(plant.alarms.map(\.name))
        let states = watch.alarms().states
        var entry = JournalEntry()
        for (alarm, state) in zip(old.alarms, states) where !names.contains(alarm.name) {
            entry.retired.append(alarm.name)
            if state.occurrence > 0 { entry.notices.append(retirement(of: alarm.name)) }
        }
        return entry
    }
}
