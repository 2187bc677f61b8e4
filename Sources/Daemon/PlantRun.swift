import Acquisition
import Annunciation
import CPosix
import Console
import Detection
import Glibc
import Historian
import Journal
import Logging
import Plant
import PlantConfiguration
import Ring
import Synchronization
import Watch

/// The plant at work: journal, recorder, watch, lines and sinks, made in the order in which they depend on each other,
/// started so that nothing is produced before its consumer listens, and stopped the other way round.
final class PlantRun: Sendable {
    let startedAt: Int64
    let journal: Journal
    let recorder: Recorder
    let watch: Watch
    let sinks: SinkRack
    let escalator: Escalator
    let heats: HeatBook
    let paths: StatePaths
    let books: LineBooks
    let clock: SystemClock
    let logger: Logger
    private let present: Mutex<Present>
    /// Alarms the journal knows and the configuration no longer has.
    private let retired: [String]
    private let recorderPass: Atomic<Int64>
    /// Of the recorder's ring.
    private let memory: RingMemory?
    private let notifier: ServiceNotifier

    /// What a reload changes.
    private struct Present: Sendable {
        var plant: Plant
        var lines: [RunningLine]
    }

    /// Opens the databases and makes every part; nothing runs yet.
    ///
    /// - Parameter kept: what the process before left; its readings are taken.
    init(plant: Plant, paths: StatePaths, logger: Logger, kept: inout KeptDescriptors, notifier: ServiceNotifier) throws
    {
        self.paths = paths
        self.logger = logger
        self.notifier = notifier
        let clock = SystemClock()
        self.clock = clock
        startedAt = clock.wall() / 1_000_000
        recorderPass = Atomic(clock.monotonic())
        let boot = String(UInt64.random(in: 0...UInt64.max), radix: 16)

        let scanPlan = ScanPlan(plant: plant)
        let journal = try Journal(path: paths.path(plant.journal.path), plantName: plant.name, boot: boot)
        let byName = try journal.loadStates()
        var states: [AlarmDefinition.ID: AlarmState] = [:]
        for alarm in plant.alarms { states[alarm.id] = byName[alarm.name] }
        heats = try HeatBook(journal)
        retired = byName.keys.filter { name in !plant.alarms.contains { $0.name == name } }.sorted()

        let keptRing = KeptRing(
            after: kept.take(KeptDescriptors.readings), capacity: ScanVolume.recorderCells(scanPlan, plant), of: plant,
            at: startedAt)
        let found = keptRing.found
        let recorderRing = keptRing.ring
        memory = recorderRing.producer.storage.memory
        let recorderDoorbell = Doorbell()
        let recorder = try Recorder(
            path: paths.path(plant.history.path), plant: plant, consumer: recorderRing.consumer,
            doorbell: recorderDoorbell, clock: clock)
        PlantRun.tell(found, recorder, logger, at: startedAt)

        let books = LineBooks(paths, logger)
        self.books = books
        let watchDoorbell = Doorbell()
        let next = Dictionary(
            plant.groups.map { ($0.name, recorder.nextSequence[$0.id] ?? 1) }, uniquingKeysWith: { first, _ in first })
        let lines = scanPlan.lines.map {
            RunningLine($0, of: plant, next: next, doorbell: watchDoorbell, clock: clock, books: books, logger: logger)
        }
        let notices = WatchNotices(recorder: recorder, journal: journal, logger: logger)
        let watch = Watch(
            plant: plant, startedAt: startedAt, states: states, products: heats.products(of: plant),
            lines: lines.map(\.input),
            recorder: recorderRing.producer,
            recorderDoorbell: recorderDoorbell, batchCells: plant.history.commitReadings, doorbell: watchDoorbell,
            clock: clock,
            outputs: .init(
                news: {
                    journal.append(JournalEntry($0))
                    books.keepEvidence(of: $0.transitions, in: $0.plant)
                }, notice: { notices.take($0) }))
        self.watch = watch
        self.journal = journal
        self.recorder = recorder
        present = Mutex(Present(plant: plant, lines: lines))
        escalator = Escalator(
            plant.escalations, saved: try journal.loadEscalations(), clock: clock,
            standing: { AlarmSnapshot.waiting(watch) },
            seen: { [startedAt] in AlarmSnapshot.seen(watch, since: startedAt) }, append: { journal.append($0) })
        let shop = OutletShop(paths: paths, plant: plant.name, watch: watch)
        let wall = WallClock(named: plant.timeZone) ?? .utc
        sinks = SinkRack(
            journal: journal, offset: { wall.offset(at: $0) }, log: { logger.warning("\($0)") }, outlet: shop.outlet)
    }

    /// A copy of the descriptor of what the recorder could not write, for the run that takes this one's place.
    var left: CInt? { memory.map { cupel_above_select(fcntl($0.descriptor, F_DUPFD_CLOEXEC, 3)) } }

    /// What became of readings that the process before had accepted and not committed.
    private static func tell(_ found: KeptRing.Found, _ recorder: Recorder, _ logger: Logger, at time: Int64) {
        if found.blocks > 0 {
            logger.notice("\(found.blocks) blocks of readings that the run before had not written yet are written now")
        }
        if let lost = found.lost {
            let text = "readings that the run before had not written are lost: \(lost)"
            recorder.record(HistoryEvent(.overflow, at: time, text: text))
            logger.error("recorder: \(text)")
        }
        if let fault = found.fault {
            logger.error("recorder: readings that are not written yet would not outlive this process: \(fault)")
        }
    }

    var plant: Plant { present.withLock { $0.plant } }
    var lines: [Line] { runningLines.map(\.line) }
    var runningLines: [RunningLine] { present.withLock { $0.lines } }

    /// From now on this is what runs.
    func become(_ plant: Plant, _ lines: [RunningLine]) {
        present.withLock { $0 = Present(plant: plant, lines: lines) }
    }

    /// Consumers first, the lines last.
    func start(feed: AlarmFeed) throws {
        // In place of what the run before left: this ring has a copy of it.
        if let memory { notifier.keep(memory.descriptor, as: KeptDescriptors.readings) }
        feed.begin(after: journal.status.lastSequence)
        let (sinks, escalator) = (self.sinks, self.escalator)
        try sinks.change(to: plant.sinks)
        try journal.start { notices in
            let committed = Moment(SystemClock())
            let lines = notices.map { AlarmLine($0, committed: committed) }
            feed.publish(lines)
            sinks.offer(lines)
            escalator.take(notices)
        }
        journal.append(opening())
        try recorder.start { [self] _ in recorderPass.store(SystemClock().monotonic(), ordering: .relaxed) }
        try escalator.start()
        try watch.start()
        for line in lines { try line.start() }
    }

    /// Lines first; then whatever they handed over is drained, committed and told.
    func stop() {
        let lines = self.lines
        for line in lines { line.stop() }
        for line in lines { line.join() }
        watch.stop()
        recorder.stop()
        escalator.stop()
        journal.append(JournalEntry(notices: [.daemon(.stopped, text: "the daemon stops", at: now())]))
        // The sinks hear the last word, and the journal what became of it: else they would tell it again next time.
        journal.settle(within: SinkRack.cursorPatience)
        sinks.stop()
        journal.stop()
    }

    private func now() -> Int64 { SystemClock().wall() / 1_000_000 }

    /// What the journal hears first: that a run begins, what it took over, and which alarms no longer exist.
    private func opening() -> JournalEntry {
        let plant = self.plant
        var entry = JournalEntry(notices: [
            .daemon(.started, text: "the daemon starts with \(plant.controllers.count) controllers", at: startedAt)
        ])
        let standing = AlarmSnapshot.standing(watch.alarms())
        if !standing.isEmpty {
            let names = standing.map { "\($0.0.name) \($0.1.shown)" }.joined(separator: ", ")
            let text = "\(standing.count) alarms stand from before: \(names)"
            var restored = AlarmNotice.daemon(.restored, text: text, at: startedAt, annunciated: true)
            restored.priority = standing.map { $0.0.priority($0.1) }.max()?.rawValue
            entry.notices.append(restored)
        }
        for name in retired { entry.notices.append(retirement(of: name)) }
        entry.retired = retired
        entry.definitions = PlantRun.definitions(of: plant)
        return entry
    }

    /// What every alarm is, for the journal: an event says which limits it was about.
    static func definitions(of plant: Plant) -> [String: String] {
        Dictionary(plant.alarms.map { ($0.name, $0.text(in: plant)) }, uniquingKeysWith: { first, _ in first })
    }

    /// Begins a heat, or ends the present one: for the alarms at once, for the journal in the order of events.
    func begin(_ heat: HeatReport, on controller: Controller, who: String) {
        let entry = heats.begin(heat, who: who, at: now())
        watch.setProduct(heat.heat == nil ? nil : heat.product, of: controller.name)
        journal.append(entry)
    }

    func retirement(of alarm: String) -> AlarmNotice {
        .daemon(.retired, of: alarm, text: "\(alarm) is no longer configured", at: now())
    }

    /// CLOCK_MONOTONIC nanoseconds when the recorder last looked at its ring.
    var recorderTurn: Int64 { recorderPass.load(ordering: .relaxed) }
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
