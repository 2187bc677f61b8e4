public import Plant
public import Ring
public import Store
import Synchronization

/// Keeps every reading: takes scans from a ring and commits them to `history.db`, as its only writer.
///
/// One thread of its own does all the writing. A database that is locked, full or failing delays nobody: readings wait
/// in the ring, what does not fit there is counted and told as an event, and writing resumes by itself.
public final class Recorder: Sendable {
    /// The number of the first scan of each group of the plant it was opened with: it continues after what is stored,
    /// and after what the run before left in the ring.
    public let nextSequence: [ScanGroup.ID: UInt64]
    /// Where readings out of people's files are handed in.
    public let imports: ImportDesk

    private let loop: RecorderLoop
    private let board: RecorderBoard
    private let doorbell: Doorbell
    private let worker = Mutex<Worker?>(nil)

    /// Opens or creates the history, brings its schema up to date, and writes the plant's tags and layouts into it.
    ///
    /// - Parameters:
    ///   - path: the database. The locks and logs of SQLite and of the recorder lie beside it.
    ///   - consumer: blocks as `ScanHeader` describes them; blocks of several groups may interleave. What is in the ring
    ///     before the mark of this run (`KeptRing`) is of the runs before, and is written first.
    ///   - doorbell: need only be rung when the ring holds `HistorySettings.commitReadings` cells.
    /// - Throws: `HistoryError`; a file that is not a history of this version is left as it is.
    public init(
        path: String, plant: Plant, consumer: consuming RingConsumer<Cell>, doorbell: Doorbell,
        clock: any PlantClock
    ) throws(HistoryError) {
        let lock: FileLock
        do {
            lock = try FileLock(guarding: path)
        } catch {
            throw HistoryError(path: path, error)
        }
        let store = try HistoryStore(path: path, plant: plant, time: clock.wall() / 1_000_000, beginsRun: true)
        var consumer = consumer
        let next = KeptRing.sequences(after: store.catalogue.groups.map(\.nextSequence), in: &consumer)
        nextSequence = Dictionary(uniqueKeysWithValues: zip(plant.groups.map(\.id), next))
        self.doorbell = doorbell
        board = RecorderBoard(plant: plant, nextSequence: next, storage: consumer.storage)
        imports = ImportDesk(history: path)
        loop = RecorderLoop(
            path: path, plant: plant, consumer: consumer, doorbell: doorbell, clock: clock, lock: lock, store: store,
            board: board, imports: imports)
    }

    /// Starts the thread. Once.
    ///
    /// - Parameter onPass: called on the recorder's thread with the readings that are durable so far, each time it has
    ///   looked at its ring: after a commit, when nothing waited, and when the database refused. A recorder that falls
    ///   silent for many commit intervals is stuck; a refusing database is no reason to restart.
    public func start(onPass: (@Sendable (_ readings: UInt64) -> Void)? = nil) throws(WorkerError) {
        loop.onPass = onPass
        let loop = loop
        let started = try Worker(name: "recorder") { loop.run() }
        worker.withLock { $0 = started }
    }

    /// Drains the ring, commits, writes the stop event, copies the log into the database and closes it. Blocks until
    /// then, a good 3 s at most when the database refuses.
    ///
    /// Whoever publishes into the ring must have ended before.
    public func stop() {
        board.stop()
        doorbell.ring()
        let running = worker.withLock { worker in
            defer { worker = nil }
            return worker
        }
        running?.join()
    }

    /// Hands in an event for the next commit. Any thread, never blocks; too many at once are counted and dropped.
    public func record(_ event: HistoryEvent) { board.post(event) }

    /// Announces a plant that will take the place of the present one: its tags and layouts are written, and its group
    /// numbers hold, from the returned mark in the ring on. Any thread.
    ///
    /// - Parameter kept: its groups whose lines go on as they are.
    /// - Returns: what to publish into the ring between the last block with old numbers and the first with new ones;
    ///   `nil` while an earlier change waits, because the database refuses.
    public func announce(_ plant: Plant, kept: Set<ScanGroup.ID>) -> ScanHeader? {
        board.announce(plant, kept: kept).map {
            RingMark.change(number: $0, layout: KeptRing.layout(of: plant)).header
        }
    }

    /// Takes back what was announced: its mark will not come.
    public func withdraw(_ mark: ScanHeader) { board.forget(change: mark.sequence) }

    /// A change of the plant has been announced, and is not on disk yet.
    public var isChanging: Bool { board.change != nil }

    /// Commits now instead of at the end of the interval. Any thread, never blocks.
    public func hurry() {
        board.hurry()
        doorbell.ring()
    }

    /// Any thread.
    public var status: RecorderStatus { board.status }
}
