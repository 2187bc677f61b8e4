import Plant
import Ring
import Store

/// The recorder's thread: ring to batch, batch to transaction, over and over.
///
/// It never wakes for a scan. It sleeps until the commit interval is over or somebody rings because the ring holds a
/// commit's worth, and then takes everything that waits.
final class RecorderLoop: @unchecked Sendable {
    // Unchecked: between `init` and the thread's end only that thread uses it.
    private var consumer: RingConsumer<Cell>
    private let doorbell: Doorbell
    let clock: any PlantClock
    var plant: Plant
    let board: RecorderBoard
    private let lock: FileLock
    var store: HistoryStore?
    var assembler: ScanAssembler
    var batch = Batch()
    var housekeeper: Housekeeper
    let beaconFile: BeaconFile
    var beacon: Beacon
    /// The starts of runs that are still ahead in the ring, this one's last; between them is what others have left.
    private var startsAhead: Int
    /// The first of them are on disk already.
    private var startsOnDisk: Int
    /// Where the ring began when this run did.
    private let firstPlace: Int
    private let lastRunWasCut: Bool
    /// The time of what was written or began last before this run, UTC milliseconds.
    private var newest: Int64?
    /// The change of the plant that is next in the ring.
    private var nextChange: UInt64?
    let path: String

    /// Told after every pass, with the readings durable so far.
    var onPass: (@Sendable (UInt64) -> Void)?

    /// CLOCK_MONOTONIC nanoseconds: the next commit, the next try after a failure, and when patience at a stop ends.
    private var due: Int64
    private var retryAt: Int64 = 0
    private var backOff: Duration = firstBackOff
    private var stopDeadline: Int64?
    /// UTC milliseconds at which the database began to refuse.
    private var refusedSince: Int64?
    var mustReopen = false
    private var logWatch: LogWatch

    /// Ring cells that one transaction may take, 2 MB: after an outage the backlog goes out in pieces, so that memory
    /// does not grow with the outage.
    static let batchCells = 1 << 17
    /// The part of the ring that scans may hold which are not whole: a block of theirs may never come, and the next scan
    /// of their group not for an hour.
    private static let heldPart = 4
    /// A short lock is the usual cause, so the first retry comes soon; a full disk should not cost ten writes a second.
    static let firstBackOff: Duration = .milliseconds(100)
    static let longestBackOff: Duration = .seconds(5)
    /// The daemon promises to end within 5 s; this leaves the rest of it for the other parts.
    static let stopPatience: Duration = .seconds(3)

    init(
        path: String, plant: Plant, consumer: consuming RingConsumer<Cell>, doorbell: Doorbell,
        clock: any PlantClock, lock: FileLock, store: HistoryStore, board: RecorderBoard, imports: ImportDesk,
        faults: FaultPoints? = nil
    ) {
        self.consumer = consumer
        self.doorbell = doorbell
        self.clock = clock
        self.plant = plant
        self.board = board
        self.lock = lock
        self.store = store
        self.path = path
        let starts = KeptRing.starts(in: &self.consumer)
        startsAhead = starts.count
        startsOnDisk = starts.dropLast().lastIndex { $0 == store.catalogue.lastStart }.map { $0 + 1 } ?? 0
        firstPlace = self.consumer.position
        lastRunWasCut = store.catalogue.lastRunWasCut
        logWatch = LogWatch(of: path)
        assembler = ScanAssembler(
            plant: plant, nextSequence: store.catalogue.groups.map(\.nextSequence),
            nextEvent: store.catalogue.nextEvent, nextOrdinal: store.catalogue.nextOrdinal,
            isResuming: !starts.isEmpty)
        housekeeper = Housekeeper(RecorderLoop.chores(of: plant, on: clock, imports, faults))
        beaconFile = BeaconFile(of: path)
        beacon = beaconFile.found ?? Beacon(ordinal: store.ledger.newestOrdinal, time: 0)
        due = clock.monotonic()
        // What was acknowledged until then and is gone has an event of its own.
        let lostUntil = tellLoss(in: store)
        newest = store.catalogue.newestTime.map { max($0, lostUntil ?? $0) }
        if starts.isEmpty { tellStart(at: now, wasCut: lastRunWasCut) }
    }

    var now: Int64 { clock.wall() / 1_000_000 }

    private func tellStart(at time: Int64, wasCut: Bool) {
        if wasCut, let newest {
            assembler.insert(
                HistoryEvent(.gap, start: newest, end: max(newest, time), text: "daemon not running"), into: &batch)
        }
        assembler.insert(HistoryEvent(.started, at: time), into: &batch)
    }

    // MARK: The thread

    func run() {
        while true {
            doorbell.listen()
            let time = clock.monotonic()
            let stopping = board.isStopping
            if stopping, stopDeadline == nil {
                stopDeadline = time + RecorderLoop.stopPatience.nanoseconds
                (retryAt, backOff) = (time, RecorderLoop.firstBackOff)
            }
            let isRefused = refusedSince != nil
            let isHurried = board.takeHurry()
            let isDue = time >= due || stopping || isHurried || consumer.storage.waiting >= plant.history.commitReadings
            if isRefused ? time >= retryAt : isDue {
                pass()
                due = clock.monotonic() + plant.history.commitEvery.nanoseconds
            } else {
                doorbell.wait(nanoseconds: (isRefused ? retryAt : due) - time)
            }
            guard let stopDeadline else { continue }
            let isDone = refusedSince == nil && consumer.available() == 0
            if isDone || clock.monotonic() >= stopDeadline { break }
        }
        finish()
    }

    /// Writes everything that waits, in transactions of bounded size. Ends early when the database refuses.
    func pass() {
        defer { onPass?(board.status.readings) }
        guard persist() else { return }
        // A stop must be quick, and nothing that is left undone is lost.
        if !board.isStopping { keepHouse() }
    }

    /// - Returns: false when the database refused.
    private func persist() -> Bool {
        repeat {
            if !batch.wasTried { fill() }
            guard commit() else { return false }
            release()
            if let change = nextChange {
                guard changeOver(change) else { return false }
                continue
            }
        } while consumer.storage.waiting >= max(1, plant.history.commitReadings)
        return true
    }

    private func fill() {
        if startsAhead == 0 { takeEvents() }
        nextChange = nil
        while let mark = assembler.drain(&consumer, into: &batch, limit: RecorderLoop.batchCells) {
            switch mark {
            case .start(let time): beginRun(at: time)
            case .change(let number, _):
                nextChange = number
                return
            }
        }
    }

    private func takeEvents() {
        for event in board.takeEvents() { assembler.insert(event, into: &batch) }
    }

    /// All that the run before it left in the ring is in the batch.
    private func beginRun(at time: Int64) {
        // One that ended before its first commit has left nothing but what is in the ring.
        let wasCut = lastRunWasCut || consumer.position > firstPlace
        startsAhead -= 1
        consumer.pass(ScanHeader.cells)
        let taken = assembler.beginRun(of: plant, isOwn: startsAhead == 0, into: &batch)
        // The last in order, not the latest: the clock may have been set in between.
        newest = taken ?? newest
        if startsOnDisk > 0 {
            startsOnDisk -= 1
        } else {
            tellStart(at: time, wasCut: wasCut)
            newest = time
        }
        if startsAhead == 0 { takeEvents() }
    }

    /// Gives the room in the ring back for what is durable.
    private func release() {
        let longest = consumer.storage.capacity / RecorderLoop.heldPart
        consumer.release(through: assembler.needed(before: consumer.position, atMost: longest))
    }

    // MARK: One transaction

    /// - Returns: false when the database refused; the batch is then kept for the next try.
    private func commit() -> Bool {
        guard !batch.isEmpty else {
            // Everything in it was on disk already, or is part of a scan that is not whole.
            batch.clear()
            release()
            return true
        }
        let isRetry = batch.wasTried
        batch.wasTried = true
        let begin = clock.monotonic()
        do throws(HistoryError) {
            let store = try openStore()
            try store.checkFiles()
            let present = try store.commit(batch)
            succeed(milliseconds: Double(clock.monotonic() - begin) / 1e6, present: isRetry ? 0 : present, in: store)
            return true
        } catch {
            fail(error)
            return false
        }
    }

    private func succeed(milliseconds: Double, present: Int, in store: HistoryStore) {
        board.note(durable: batch.rows)
        lightBeacon(store)
        let logBytes = store.logBytes
        let longLog = logWatch.look(bytes: logBytes, now: now)
        let logWarning = logWatch.warning
        let cause = board.status.lastError
        board.update { status in
            status.state = .ok
            status.commits += 1
            status.scans += UInt64(batch.rows.count)
            status.readings += UInt64(batch.readings)
            status.duplicateScans += UInt64(present)
            status.incompleteScans = assembler.incompleteScans
            status.missingScans = assembler.missingScans
            status.strayBlocks = assembler.strayBlocks
            status.lastCommit = now
            status.commitMillisecondsLast = milliseconds
            status.commitMillisecondsMax = max(status.commitMillisecondsMax, milliseconds)
            status.logBytes = logBytes
            status.logWarning = logWarning
            status.lastError = nil
        }
        batch.clear()
        if let longLog { assembler.insert(longLog, into: &batch) }
        recover(cause)
    }

    /// The database works. Tells since when it had not.
    private func recover(_ cause: String?) {
        guard let since = refusedSince else { return }
        refusedSince = nil
        backOff = RecorderLoop.firstBackOff
        assembler.insert(HistoryEvent(.storage, start: since, end: max(since, now), text: cause), into: &batch)
    }

    private func fail(_ error: HistoryError) {
        if refusedSince == nil { refusedSince = now }
        if RecorderLoop.spoilsConnection(error) { mustReopen = true }
        retryAt = clock.monotonic() + backOff.nanoseconds
        backOff = stopDeadline == nil ? min(backOff * 2, RecorderLoop.longestBackOff) : RecorderLoop.firstBackOff
        board.update { status in
            status.state = .degraded
            status.failures += 1
            status.lastError = error.description
        }
    }

    // MARK: Another plant

    /// Takes over the plant whose mark is next in the ring; everything before it is on disk.
    ///
    /// - Returns: false when the database refused; the mark then waits for the next try.
    private func changeOver(_ number: UInt64) -> Bool {
        guard let change = board.change, change.number == number else {
            // Nobody announced it: no plant belongs to it.
            skipMark()
            return true
        }
        do throws(HistoryError) {
            let store = try openStore()
            try store.checkFiles()
            try store.learn(change.plant, at: now)
            let nextSequence = store.catalogue.groups.map(\.nextSequence)
            assembler.changeOver(
                to: change.plant, nextSequence: nextSequence, kept: change.kept, at: now, into: &batch)
            board.renumber(change.plant, nextSequence: nextSequence)
            plant = change.plant
            housekeeper.changeOver(to: plant)
            skipMark()
            board.forget(change: number)
            let cause = board.status.lastError
            board.update { ($0.state, $0.lastError) = (.ok, nil) }
            recover(cause)
            return true
        } catch {
            fail(error)
            return false
        }
    }

    private func skipMark() {
        // In this order whoever finds the ring after a kill in between knows what is in it.
        consumer.release(through: consumer.position)
        consumer.storage.memory?.layout = KeptRing.layout(of: plant)
        consumer.skip(ScanHeader.cells)
        nextChange = nil
    }

    // MARK: The end

    /// Ends what is open and writes the stop event. What could not be written by now stays in the ring, and is lost if
    /// nobody keeps that; the next start sees that no stop was recorded, and tells the gap.
    private func finish() {
        // The next run in this process, after a reload, must not wait until everybody has let go of this one.
        defer { lock.release() }
        guard refusedSince == nil else { return }
        fill()
        // With more in the ring than one transaction takes, patience was at its end: the next run goes on there.
        let isAll = consumer.available() == 0
        if isAll {
            assembler.finish(at: now, into: &batch)
            assembler.insert(HistoryEvent(.stopped, at: now), into: &batch)
        }
        if commit() {
            if isAll { consumer.release(through: consumer.position) }
            try? store?.close()
        }
        store = nil
    }
}
