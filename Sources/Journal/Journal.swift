public import Detection
import GRDB
import Glibc
public import Plant
public import Ring
public import Store
import Synchronization

/// The plant's alarm journal: what happened is on disk before anybody is told, and survives whatever comes.
///
/// One thread writes. `append` only queues, so the watch never waits for a disk. Each turn of the thread takes all that
/// waits into one transaction; after the commit the events, now with their numbers, go to `onCommit`.
public final class Journal: Sendable {
    /// Entries that may wait. A plant in full flood makes ten a second (EEMUA 191 calls ten in ten minutes a flood), so
    /// this is a quarter of an hour of the worst with the disk gone; beyond it the oldest events are given up, counted,
    /// and told to have been. The states of alarms are never given up.
    public static let queueLimit = 10_000

    /// Deliveries that may wait for the next commit: five sinks of a plant in full flood for a minute. They are figures
    /// about alarms, not alarms; beyond it the newest are left out and counted.
    public static let deliveryLimit = 20_000

    public let path: String
    let plantName: String
    public let boot: String
    let store: JournalStore
    let clock: any PlantClock
    let doorbell = Doorbell()
    let inbox = Mutex(Inbox())
    let report = Mutex(JournalStatus())
    let stopping = Atomic<Bool>(false)
    let commits = Mutex(CommitTimes())
    private let reader = Mutex<JournalReader?>(nil)
    private let worker = Mutex<Worker?>(nil)

    struct Inbox {
        var backlog = EntryBacklog(limit: Journal.queueLimit)
        /// Only the newest of each sink matters, so this cannot grow beyond the sinks.
        var cursors: [String: Int64] = [:]
        var deliveries: [DeliveryRecord] = []
        /// Those there was no room for.
        var deliveriesLost = 0
        var isClosed = false
    }

    /// Opens the journal, or makes it. Nothing is written to a file that is not a journal of this version or older.
    ///
    /// - Parameters:
    ///   - plantName: goes into every notice.
    ///   - boot: names this run of the daemon; unique for ever.
    public convenience init(path: String, plantName: String, boot: String) throws(JournalError) {
        try self.init(path: path, plantName: plantName, boot: boot, clock: SystemClock()) { _ in }
    }

    init(
        path: String, plantName: String, boot: String, clock: any PlantClock, prepare: (Database) throws -> Void
    ) throws(JournalError) {
        self.path = path
        self.plantName = plantName
        self.boot = boot
        self.clock = clock
        store = try JournalStore(
            path: path, plant: plantName, boot: boot, time: clock.wall() / 1_000_000, prepare: prepare)
        let last = try store.lastSequence()
        report.withLock { $0.lastSequence = last }
    }

    /// The alarms' states as they were last saved, by alarm name. Hand each to the detectors with `.restart` first.
    public func loadStates() throws(JournalError) -> [String: AlarmState] {
        try store.read { try NoticeRow.states($0, path: path) }
    }

    /// What each alarm was when the daemon stopped, by alarm name. One whose definition is another now is disturbed.
    public func definitions() throws(JournalError) -> [String: DefinitionRevision] {
        try store.read { try DefinitionRow.all(at: .max, in: $0) }
    }

    /// What each controller makes, by its name.
    public func loadHeats() throws(JournalError) -> [String: HeatRecord] { try store.read(HeatRow.current) }

    /// How far the calls about each alarm had come when the daemon stopped, in order of the names.
    public func loadEscalations() throws(JournalError) -> [EscalationRecord] { try store.read(EscalationRow.all) }

    /// The newest link of the audit trail. Blocks for the disk.
    public func auditHead() throws(JournalError) -> AuditHead { try store.read(AuditRow.head) }

    /// How far each sink has acknowledged, by sink name.
    public func cursors() throws(JournalError) -> [String: SinkCursor] { try store.read(SinkCursor.all) }

    /// The same, before `names` become the sinks that there are; of the others it is noted since when they are not.
    public func cursors(takenBy names: Set<String>) throws(JournalError) -> [String: SinkCursor] {
        let cursors = try cursors()
        let now = clock.wall() / 1_000_000
        let changed = cursors.filter { names.contains($0.key) == ($0.value.absentSince != nil) }
        // A disk that is full prevents no change; that one counts from the next time on.
        for name in changed.keys { try? store.note(sink: name, absentSince: names.contains(name) ? nil : now) }
        return cursors
    }

    /// Starts the thread.
    ///
    /// - Parameter onCommit: called on the journal's thread, in order of the numbers, after each commit. When the database
    ///   cannot be written the notices come at once with `unjournalled` set and no number: operators must not wait for a
    ///   disk. They come again with number and `dup` when they are stored.
    public func start(onCommit: @escaping @Sendable ([AlarmNotice]) -> Void = { _ in }) throws(WorkerError) {
        let started = try Worker(name: "journal") { [self] in
            var loop = JournalLoop(self, onCommit: onCommit)
            loop.run()
        }
        worker.withLock { $0 = started }
    }

    /// When the event with this number was on disk; `nil` for those of an earlier run and of long ago.
    public func committed(_ sequence: Int64) -> Moment? { commits.withLock { $0.time(of: sequence) } }

    /// Queues an entry. Any thread; never blocks on the disk. Entries are committed in the order they came. After `stop`
    /// they are not, and their completion hears so.
    public func append(_ entry: JournalEntry) {
        var entry = entry
        entry.time = clock.wall() / 1_000_000
        let isClosed = inbox.withLock { [entry] inbox in
            if !inbox.isClosed { inbox.backlog.append(entry) }
            return inbox.isClosed
        }
        if isClosed { entry.completion?(nil) } else { doorbell.ring() }
    }

    /// Waits until everything that was appended and noted so far is on the disk, and told.
    ///
    /// - Returns: false when that takes longer than `patience`, or the disk does not take it.
    @discardableResult public func settle(within patience: Duration) -> Bool {
        let mark = Mark()
        let until = SystemClock().monotonic() + patience.nanoseconds
        append(
            JournalEntry(completion: { sequences in
                mark.isStored.withLock { $0 = sequences != nil }
                mark.doorbell.ring()
            }))
        while true {
            mark.doorbell.listen()
            if let isStored = mark.isStored.withLock({ $0 }) { return isStored }
            let left = until - SystemClock().monotonic()
            guard left > 0 else { return false }
            mark.doorbell.wait(nanoseconds: left)
        }
    }

    /// Entries are committed in the order they came, so an empty one is a mark behind all others.
    private final class Mark: Sendable {
        let doorbell = Doorbell()
        let isStored = Mutex<Bool?>(nil)
    }

    /// Notes that a sink has delivered everything up to `sequence`. Saved with the next commit, or within a second: a
    /// crash between costs a repetition, which receivers drop by boot and number.
    public func acknowledge(sink: String, sequence: Int64) {
        let first = inbox.withLock { inbox in
            defer { inbox.cursors[sink] = max(inbox.cursors[sink] ?? 0, sequence) }
            return inbox.cursors.isEmpty
        }
        if first { doorbell.ring() }
    }

    /// Notes what became of events at a sink. Saved as `acknowledge` is.
    public func record(_ deliveries: [DeliveryRecord]) {
        let first = inbox.withLock { inbox in
            let taken = deliveries.prefix(Journal.deliveryLimit - inbox.deliveries.count)
            defer {
                inbox.deliveries += taken
                inbox.deliveriesLost += deliveries.count - taken.count
            }
            return inbox.deliveries.isEmpty
        }
        if first { doorbell.ring() }
    }

    /// Commits what waits, moves everything into the main file and closes it. Only the first call does anything.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        doorbell.ring()
        let running = worker.withLock { worker in
            defer { worker = nil }
            return worker
        }
        guard let running else { return }
        running.join()
        reader.withLock { $0 = nil }
        do throws(JournalError) {
            try store.close()
        } catch {
            report.withLock { $0.lastError = "\(error)" }
        }
    }

    public var status: JournalStatus { report.withLock { $0 } }

    /// Committed events with a number above `sequence`, oldest first, `JournalReader.answerLimit` at most. Any thread; on
    /// a connection of its own, so that nobody's curiosity delays an alarm.
    public func notices(after sequence: Int64, limit: Int) throws(JournalError) -> [AlarmNotice] {
        try opened().notices(after: sequence, limit: limit)
    }

    /// The newest of what sinks gave up, oldest first, `JournalReader.answerLimit` at most; of all sinks, or of one.
    public func letters(of sink: String?) throws(JournalError) -> [DeliveryRecord] { try opened().letters(of: sink) }

    /// The newest deliveries, oldest first; of one event, or of all.
    public func deliveries(of sequence: Int64?, limit: Int) throws(JournalError) -> [DeliveryRecord] {
        try opened().deliveries(of: sequence, limit: limit)
    }

    /// The events with these numbers, as far as there are any.
    public func notices(numbered sequences: [Int64]) throws(JournalError) -> [AlarmNotice] {
        try opened().notices(numbered: sequences)
    }

    /// The newest committed events, oldest first.
    public func newest(limit: Int) throws(JournalError) -> [AlarmNotice] { try opened().newest(limit: limit) }

    private func opened() throws(JournalError) -> JournalReader {
        if let reader = reader.withLock({ $0 }) { return reader }
        let opened = try JournalReader(path: path)
        reader.withLock { $0 = opened }
        return opened
    }
}
