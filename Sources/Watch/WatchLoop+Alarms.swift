import Detection
import Plant
import Ring

/// The alarms, on the watch's thread: by samples, by operators, and by the passing of time.
extension WatchLoop {
    /// A timer may only run out once no older sample can still arrive: a timeout of its controller, and this much more.
    static let graceNanoseconds: Int64 = 1_000_000_000

    func watch(
        _ alarms: Range<Int>, _ value: Double, _ quality: Quality, _ header: ScanHeader, _ shared: inout Watch.Shared
    ) {
        let time = (header.sent + timelineOffset) / 1_000_000
        for index in alarms {
            let definition = tables.plant.alarms[tables.tagAlarms[index]]
            let enabled = definition.when.map { self.holds($0, shared) } ?? true
            step(
                definition, .sample(time: time, value: value, quality: quality, enabled: enabled), &shared,
                sourceTime: header.time, receivedTime: (header.replied + header.wallOffset) / 1_000_000)
        }
    }

    /// Whether a `when` is satisfied; `nil` when its tag is not known well enough to say.
    private func holds(_ when: AlarmDefinition.When, _ shared: Watch.Shared) -> Bool? {
        let reading = shared.latest[when.tag]
        guard reading.quality.isGood else { return nil }
        return when.values.contains(tables.scalings[when.tag].engineering(reading.bits))
    }

    func setController(
        _ controller: Controller.ID, down: Bool, _ header: ScanHeader, _ shared: inout Watch.Shared
    ) {
        guard controllerDown[controller] != down else { return }
        controllerDown[controller] = down
        guard let alarm = tables.commsAlarms[controller] else { return }
        let received = (header.replied + header.wallOffset) / 1_000_000
        step(
            tables.plant.alarms[alarm],
            .comms(time: (header.replied + timelineOffset) / 1_000_000, down: down, cause: header.loss), &shared,
            sourceTime: header.time, receivedTime: received)
    }

    @discardableResult
    private func step(
        _ definition: AlarmDefinition, _ input: AlarmInput, _ shared: inout Watch.Shared, sourceTime: Int64,
        receivedTime: Int64
    ) -> AlarmAnswer? {
        let (events, answer) = Detection.step(definition, &shared.alarms[definition.id], input)
        for event in events {
            transitions.append(
                AlarmTransition(
                    alarm: definition.id, event: event, state: shared.alarms[definition.id], sourceTime: sourceTime,
                    receivedTime: receivedTime,
                    effectiveTime: event.effective + (wallOffset - timelineOffset) / 1_000_000))
        }
        return answer
    }

    /// Hands the transitions in hand to the journal.
    func flush() {
        guard !transitions.isEmpty else { return }
        outputs.transitions(transitions, tables.plant)
        transitions.removeAll(keepingCapacity: true)
    }

    func obey(_ request: OperatorRequest, _ shared: inout Watch.Shared) -> AlarmAnswer {
        let now = clock.monotonic()
        let time = (now + timelineOffset) / 1_000_000
        let stamp = (now + wallOffset) / 1_000_000
        // The alarm may have gone with a reload since the operator saw it.
        guard let alarm = tables.alarmsByName[request.alarm] else { return .refused }
        let input: AlarmInput
        switch request {
        case .acknowledge(_, let occurrence, let revision, let who):
            input = .acknowledge(time: time, occurrence: occurrence, revision: revision, by: who)
        case .reset(_, let who):
            input = .reset(time: time, by: who)
        }
        return step(tables.plant.alarms[alarm], input, &shared, sourceTime: stamp, receivedTime: stamp) ?? .refused
    }

    /// Takes alarms over from before a restart, or with another definition, before their next reading.
    func restart(_ alarms: [AlarmDefinition], _ shared: inout Watch.Shared) {
        let now = clock.monotonic()
        let stamp = (now + wallOffset) / 1_000_000
        for definition in alarms {
            step(
                definition, .restart(time: (now + timelineOffset) / 1_000_000), &shared, sourceTime: stamp,
                receivedTime: stamp)
        }
    }

    // MARK: The slow turn

    /// Runs timers that no sample will run, and looks at the clock and the overflow counters.
    func turn(at now: Int64, _ shared: inout Watch.Shared) {
        lookAtClock(now)
        let plant = tables.plant
        let stamp = (now + wallOffset) / 1_000_000
        for definition in plant.alarms {
            guard let due = Detection.nextDue(definition, shared.alarms[definition.id]) else { continue }
            let controller: Controller.ID
            if let tag = definition.tag {
                controller = plant.tags[tag].controller
            } else if case .comms(let id, _) = definition.condition {
                controller = id
            } else {
                continue
            }
            let grace = plant.controllers[controller].timeout.nanoseconds + WatchLoop.graceNanoseconds
            let time = (now - grace + timelineOffset) / 1_000_000
            guard due <= time else { continue }
            step(definition, .tick(time: time), &shared, sourceTime: stamp, receivedTime: stamp)
        }
        countOverflows()
    }

    private func lookAtClock(_ now: Int64) {
        let offset = clock.wall() - now
        let step = offset - wallOffset
        wallOffset = offset
        if abs(step) > Watch.clockStepLimit.nanoseconds {
            outputs.notice(.clockStep(milliseconds: step / 1_000_000))
        }
    }

    private func countOverflows() {
        for line in lines {
            let blocks = line.storage.refusedPublications
            guard blocks > line.reportedBlocks else { continue }
            let cells = line.storage.refusedElements
            outputs.notice(
                .lineOverflow(
                    line: line.name, blocks: blocks - line.reportedBlocks, cells: cells - line.reportedCells))
            (line.reportedBlocks, line.reportedCells) = (blocks, cells)
        }
        let blocks = recorder.storage.refusedPublications
        guard blocks > reportedBlocks else { return }
        let cells = recorder.storage.refusedElements
        outputs.notice(.recorderOverflow(blocks: blocks - reportedBlocks, cells: cells - reportedCells))
        (reportedBlocks, reportedCells) = (blocks, cells)
    }
}
