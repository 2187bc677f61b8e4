import Acquisition
import Annunciation
import Detection
import Historian
import Journal
import Logging
import Plant
import PlantConfiguration
import Ring
import Synchronization
import Watch

/// One configuration at work: journal, recorder, watch, lines and sinks, made in the order in which they depend on each
/// other, started so that nothing is produced before its consumer listens, and stopped the other way round.
final class PlantRun: Sendable {
    /// Scans a line's ring holds while the watch is busy. The watch needs microseconds a block; four seconds of
    /// everything at once covers a machine that stood still.
    static let lineRingSeconds = 4
    /// What the recorder's ring holds while the database is locked, slow or full: a minute, so that a backup or a
    /// forgotten `BEGIN` in somebody's shell costs nothing.
    static let recorderRingSeconds = 60
    /// 2^22 cells of 16 bytes are 64 MiB: the most memory a stuck database may cost.
    static let recorderRingLimit = 1 << 22

    let plant: Plant
    let startedAt: Int64
    let journal: Journal
    let recorder: Recorder
    let watch: Watch
    let lines: [Line]
    let sinks: [Sink]
    /// Alarms the journal knows and the configuration no longer has.
    private let retired: [String]
    private let recorderPass: Atomic<Int64>
    private let logger: Logger

    /// Opens the databases and makes every part; nothing runs yet.
    init(plant: Plant, paths: StatePaths, hub: AlarmHub, logger: Logger, logWriter: LogWriter) throws {
        self.plant = plant
        self.logger = logger
        let clock = SystemClock()
        startedAt = clock.wall() / 1_000_000
        recorderPass = Atomic(clock.monotonic())
        let boot = String(UInt64.random(in: 0...UInt64.max), radix: 16)

        let scanPlan = ScanPlan(plant: plant)
        let journal = try Journal(path: paths.path(plant.journal.path), plantName: plant.name, boot: boot)
        let byName = try journal.loadStates()
        var states: [AlarmDefinition.ID: AlarmState] = [:]
        for alarm in plant.alarms { states[alarm.id] = byName[alarm.name] }
        retired = byName.keys.filter { name in !plant.alarms.contains { $0.name == name } }.sorted()

        let recorderRing = Ring<Cell>(capacity: PlantRun.recorderCells(scanPlan, plant))
        let recorderDoorbell = Doorbell()
        let recorder = try Recorder(
            path: paths.path(plant.history.path), plant: plant, consumer: recorderRing.consumer,
            doorbell: recorderDoorbell, clock: clock)

        let watchDoorbell = Doorbell()
        var inputs: [LineInput] = []
        var lines: [Line] = []
        for linePlan in scanPlan.lines {
            let ring = Ring<Cell>(capacity: PlantRun.lineCells(linePlan, plant))
            let endpoint = linePlan.endpoint
            inputs.append(LineInput(name: "\(endpoint)", consumer: ring.consumer))
            lines.append(
                Line(
                    plan: linePlan, plant: plant, firstSequence: recorder.nextSequence, producer: ring.producer,
                    doorbell: watchDoorbell, clock: clock, seed: UInt64.random(in: 0...UInt64.max),
                    log: { notice in logger.log(level: notice.ended ? .notice : .warning, "line \(endpoint): \(notice)")
                    }))
        }
        let notices = WatchNotices(recorder: recorder, journal: journal, logger: logger)
        watch = Watch(
            plant: plant, states: states, lines: inputs, recorder: recorderRing.producer,
            recorderDoorbell: recorderDoorbell, batchCells: plant.history.commitReadings, doorbell: watchDoorbell,
            clock: clock,
            outputs: .init(
                transitions: { journal.append(JournalEntry($0, $1)) }, notice: { notices.take($0) }))
        self.journal = journal
        self.recorder = recorder
        self.lines = lines
        sinks = PlantRun.sinks(
            plant, paths: paths, logger: logger, logWriter: logWriter, watch: watch, journal: journal)
    }

    /// Consumers first, the lines last.
    func start(hub: AlarmHub) throws {
        let sinks = self.sinks
        journal.onCommit = { notices in
            let lines = notices.map(AlarmLine.init)
            hub.publish(lines)
            for sink in sinks { sink.offer(lines) }
        }
        try goOn(sinks)
        for sink in sinks { try sink.start() }
        try journal.start()
        journal.append(opening())
        try recorder.start { [self] _ in recorderPass.store(SystemClock().monotonic(), ordering: .relaxed) }
        try watch.start()
        for line in lines { try line.start() }
    }

    /// Lines first; then whatever they handed over is drained, committed and told.
    func stop() {
        for line in lines { line.stop() }
        for line in lines { line.join() }
        watch.stop()
        recorder.stop()
        journal.append(JournalEntry(notices: [.daemon(.stopped, text: "the daemon stops", at: now())]))
        journal.stop()
        for sink in sinks { sink.stop() }
        for sink in sinks { sink.join() }
    }

    /// Gives each sink that can acknowledge what the last run journalled and did not deliver. A new sink begins now.
    private func goOn(_ sinks: [Sink]) throws {
        let cursors = try journal.cursors()
        for sink in sinks where sink.acknowledges {
            guard let cursor = cursors[sink.name] else {
                journal.acknowledge(sink: sink.name, sequence: journal.status.lastSequence)
                continue
            }
            // A sink keeps as many as it can hold, and tells the rest as a gap.
            var last = cursor
            while true {
                let missed = try journal.notices(after: last, limit: Sink.backlogLimit)
                guard let newest = missed.last else { break }
                sink.offer(
                    missed.map { notice in
                        var again = notice
                        again.dup = true
                        return AlarmLine(again)
                    })
                last = newest.seq
            }
        }
    }

    private func now() -> Int64 { SystemClock().wall() / 1_000_000 }

    /// What the journal hears first: that a run begins, what it took over, and which alarms no longer exist.
    private func opening() -> JournalEntry {
        var entry = JournalEntry(notices: [
            .daemon(.started, text: "the daemon starts with \(plant.controllers.count) controllers", at: startedAt)
        ])
        let standing = AlarmSnapshot.standing(plant, watch.alarms().states).map { "\($0.0.name) \($0.1.core.rawValue)" }
        if !standing.isEmpty {
            let text = "\(standing.count) alarms stand from before: \(standing.joined(separator: ", "))"
            entry.notices.append(.daemon(.restored, text: text, at: startedAt, annunciated: true))
        }
        for name in retired {
            entry.notices.append(.daemon(.retired, text: "\(name) is no longer configured", at: startedAt))
        }
        entry.retired = retired
        return entry
    }

    /// CLOCK_MONOTONIC nanoseconds when the recorder last looked at its ring.
    var recorderTurn: Int64 { recorderPass.load(ordering: .relaxed) }

    private static func lineCells(_ line: LinePlan, _ plant: Plant) -> Int {
        line.groups.map { group in
            let seconds = max(1, lineRingSeconds * 1000 / max(1, Int(plant.groups[group.group].period.milliseconds)))
            return seconds * cells(plant.groups[group.group], requests: group.requests.count, plant)
        }.reduce(1024, +)
    }

    private static func recorderCells(_ plan: ScanPlan, _ plant: Plant) -> Int {
        let perMinute = plan.lines.flatMap(\.groups).map { group in
            let scans = max(2, recorderRingSeconds * 1000 / max(1, Int(group.period.milliseconds)))
            return scans * cells(plant.groups[group.group], requests: group.requests.count, plant)
        }.reduce(1 << 14, +)
        return min(perMinute, recorderRingLimit)
    }

    /// Cells of one scan: a header for each request and for what is computed or counted besides, a cell for each value,
    /// and the cells of texts.
    private static func cells(_ group: ScanGroup, requests: Int, _ plant: Plant) -> Int {
        let values = group.tags.map { id in
            plant.tags[id].type.isString ? 1 + (plant.tags[id].type.registers + 7) / 8 : 1
        }
        return (requests + 1) * ScanHeader.cells + values.reduce(0, +)
    }

    private static func sinks(
        _ plant: Plant, paths: StatePaths, logger: Logger, logWriter: LogWriter, watch: Watch, journal: Journal
    ) -> [Sink] {
        plant.sinks.map { definition in
            let outlet: any Outlet
            var eventsToo = true
            switch definition.kind {
            case .fifo(let path):
                outlet = FifoOutlet(path: paths.path(path)) { AlarmSnapshot.lines(watch) }
            case .exec(let argv, let timeout):
                outlet = ExecOutlet(argv: argv, timeout: timeout)
                eventsToo = false
            case .journald:
                outlet = LogOutlet { severity, text in
                    logWriter.write(severity: severity, text.hasSuffix("\n") ? String(text.dropLast()) : text)
                }
            }
            var delivered: (@Sendable (Int64) -> Void)?
            if !eventsToo { delivered = { journal.acknowledge(sink: definition.name, sequence: $0) } }
            return Sink(
                name: definition.name, outlet: outlet, minPriority: definition.minPriority, eventsToo: eventsToo,
                growing: !eventsToo, delivered: delivered,
                log: { logger.warning("\($0)") })
        }
    }
}

/// Turns the watch's notices into events of the history and lines of the log.
struct WatchNotices: Sendable {
    let recorder: Recorder
    let journal: Journal
    let logger: Logger

    func take(_ notice: WatchNotice) {
        let now = SystemClock().wall() / 1_000_000
        switch notice {
        case .lineOverflow(let line, let blocks, let cells):
            let text = "\(blocks) blocks (\(cells) cells) lost between line and watch: the ring was full"
            recorder.record(HistoryEvent(.overflow, at: now, subject: line, text: text))
            logger.error("line \(line): \(text)")
        case .recorderOverflow(let blocks, let cells):
            let text = "\(blocks) blocks (\(cells) cells) lost before the recorder: the database does not keep up"
            // The recorder itself writes the event, with the exact number of scans.
            logger.error("recorder: \(text)")
        case .clockStep(let milliseconds):
            let text = "UTC stepped by \(milliseconds) ms"
            recorder.record(HistoryEvent(.clockStep, at: now, text: text))
            journal.append(JournalEntry(notices: [.daemon(.clockStep, text: text, at: now)]))
            logger.warning("clock: \(text); delays and scans are not affected")
        }
    }
}
