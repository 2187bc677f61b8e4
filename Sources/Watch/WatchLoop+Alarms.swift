import Detection
import Plant
import Ring

/// The alarms, on the watch's thread: by samples, by operators, and by the passing of time.
extension WatchLoop {
    /// Stamps what a block brought about.
    func gather(from header: ScanHeader, _ shared: inout Watch.Shared) {
        gather(&shared, source: header.time, received: (header.replied + header.wallOffset) / 1_000_000) {
            // An alarm whose delay ended is not about this block's values.
            guard let tag = $0.tag else { return true }
            return self.tables.plant.tags[tag].group == Int(header.group)
        }
    }

    /// Stamps what came without a block.
    private func gather(at now: Int64, _ shared: inout Watch.Shared) {
        let stamp = (now + time.offset) / 1_000_000
        gather(&shared, source: stamp, received: stamp) { _ in true }
    }

    private func gather(
        _ shared: inout Watch.Shared, source: Int64, received: Int64, isDirect: (AlarmDefinition) -> Bool
    ) {
        for alarm in shared.alarms.takeCharted() { news.charted[alarm] = shared.alarms.states[alarm] }
        let happened = shared.alarms.takeHappened()
        guard !happened.isEmpty else { return }
        let plant = tables.plant
        let afterScan = lastScan.map { "\(plant.groups[Int($0.group)].name)#\($0.sequence)" }
        let (tellings, notices) = shared.announcer.tell(happened.map { Announcer.Occasion($0, in: plant) })
        for (happening, told) in zip(happened, tellings) {
            let effective = time.utc(happening.event.effective)
            news.transitions.append(
                AlarmTransition(
                    alarm: happening.alarm, event: happening.event, state: happening.state,
                    sourceTime: isDirect(plant.alarms[happening.alarm]) ? source : effective, receivedTime: received,
                    effectiveTime: effective, told: told,
                    afterScan: happening.event.note == nil ? nil : afterScan))
        }
        tell(notices)
    }

    private func tell(_ notices: [SupervisorNotice]) { news.supervision += notices }

    /// Hands what is in hand to the journal.
    func flush() {
        guard !news.isEmpty else { return }
        outputs.news(news)
        news = AlarmNews(plant: tables.plant, clockSteps: time.steps)
    }

    /// - Returns: `nil` when the alarm has gone with a reload since the operator saw it.
    func obey(_ request: OperatorRequest, _ shared: inout Watch.Shared) -> AlarmAnswer? {
        let now = clock.monotonic()
        guard let alarm = shared.alarms.number(of: request.alarm) else { return nil }
        let before = shared.alarms.states[alarm]
        let answer = shared.alarms.obey(request.command, alarm, at: time.of(now), by: request.note)
        news.actions.append(
            OperatorAction(
                alarm: alarm, command: request.command, note: request.note, answer: answer, before: before,
                after: shared.alarms.states[alarm], time: (now + time.offset) / 1_000_000))
        gather(at: now, &shared)
        return answer
    }

    /// Takes alarms over from before a restart, or with another definition, before their next reading.
    ///
    /// - Parameter start: on the alarms' scale; `nil` for now.
    func restart(_ alarms: [AlarmDefinition.ID], at start: Int64? = nil, _ shared: inout Watch.Shared) {
        let now = clock.monotonic()
        shared.alarms.restart(alarms, at: start ?? time.of(now))
        gather(at: now, &shared)
    }

    // MARK: The slow turn

    /// Runs timers that no sample will run, and looks at the clock, the overflow counters and Cupel itself.
    ///
    /// - Parameter reports: what was said of parts of Cupel since the last turn.
    func turn(at now: Int64, hearing reports: [Subsystem: String?] = [:], _ shared: inout Watch.Shared) {
        lookAtClock(now, &shared)
        let past = shared.alarms.rest(at: time.of(now))
        hear(reports, at: now, &shared)
        gather(at: now, &shared)
        tell(shared.announcer.tick(past))
        countOverflows()
    }

    /// Each turn looks at all that is known: a delay then ends without a scan, and an alarm that a change of the plant
    /// made begin anew hears of its fault again.
    private func hear(_ reports: [Subsystem: String?], at now: Int64, _ shared: inout Watch.Shared) {
        for subsystem in shared.alarms.subsystems {
            if let fault = reports[subsystem] { health.updateValue(fault, forKey: subsystem) }
            if let fault = health[subsystem] {
                shared.alarms.health(subsystem, fault: fault, at: time.of(now))
            }
        }
    }

    private func lookAtClock(_ now: Int64, _ shared: inout Watch.Shared) {
        guard let step = time.look(clock.wall() - now) else { return }
        shared.clockSteps = time.steps
        outputs.notice(.clockStep(milliseconds: step))
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

extension Announcer.Occasion {
    init(_ happening: AlarmBoard.Happening, in plant: Plant) {
        let definition = plant.alarms[happening.alarm]
        let event = happening.event
        self.init(
            alarm: happening.alarm, effective: event.effective, what: event.what, priority: event.priority,
            level: event.level, annunciated: event.annunciated, area: definition.controller(in: plant)?.name ?? "",
            isFirstOut: event.firstOut != nil, name: definition.name)
    }
}
