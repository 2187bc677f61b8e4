import Plant
import Store

// MARK: - The store, and what it must be told

extension RecorderLoop {
    /// The open history, or a new connection to it when the old one cannot be trusted.
    func openStore() throws(HistoryError) -> HistoryStore {
        let tally = store?.tally ?? SealTally()
        if mustReopen, let old = store {
            try? old.close()
            store = nil
        }
        if let store { return store }
        let opened = try HistoryStore(path: path, plant: plant, time: now, beginsRun: false)
        opened.tally = tally
        assembler.nextEvent = max(assembler.nextEvent, opened.catalogue.nextEvent)
        tellLoss(in: opened)
        store = opened
        mustReopen = false
        return opened
    }

    /// Compares what is stored with what was acknowledged. The numbers of lost scans are not given again.
    ///
    /// - Returns: UTC milliseconds of the newest scan that is gone; `nil` when none is.
    @discardableResult
    func tellLoss(in opened: HistoryStore) -> Int64? {
        let newest = opened.ledger.newestOrdinal
        assembler.nextOrdinal = max(assembler.nextOrdinal, newest + 1)
        guard beacon.ordinal > newest else { return nil }
        assembler.nextOrdinal = max(assembler.nextOrdinal, beacon.ordinal + 1)
        let lost = beacon.ordinal - newest
        let start = opened.catalogue.newestTime ?? beacon.time
        assembler.insert(
            HistoryEvent(
                .lost, start: start, end: max(start, beacon.time),
                text: "acknowledged scans are gone: the database, or its log, is older than its beacon",
                attributes: ["scans": String(lost)]), into: &batch)
        board.update { $0.lostScans += UInt64(lost) }
        return max(start, beacon.time)
    }

    /// Says beside the database how far it has come.
    func lightBeacon(_ store: HistoryStore) {
        beacon.ordinal = max(beacon.ordinal, store.ledger.newestOrdinal)
        beacon.scans += UInt64(batch.rows.count)
        beacon.commits += 1
        beacon.time = now
        if !beaconFile.write(beacon) { board.update { $0.beaconFailures += 1 } }
    }
}

// MARK: - Chores

extension RecorderLoop {
    /// Sealing first: the sweep deletes what was sealed, roll-ups read it best, and nothing is deleted before those.
    static func chores(
        of plant: Plant, on clock: any PlantClock, _ imports: ImportDesk, _ faults: FaultPoints?
    ) -> [any Chore] {
        [
            Sealer(faults), OldScans(faults), ImportSealer(faults), Sweep(faults), Imports(imports, faults),
            AfterUpgrade(RollUps(of: plant)), AfterUpgrade(Retention(plant.history, on: clock)),
        ]
    }

    /// Nothing depends on the chores, so a refusal is counted and told, and the commits go on.
    func keepHouse() {
        guard let store else { return }
        let refusal = housekeeper.pass(store, clock)
        if let refusal, RecorderLoop.spoilsConnection(refusal) { mustReopen = true }
        let (tally, hotRows, keeper) = (store.tally, store.ledger.hotRows, housekeeper)
        let oldScans = store.ledger.oldScans?.count ?? 0
        board.update { status in
            status.sealedSpans = tally.spans
            status.sealedReadings = tally.readings
            status.sealedBytes = tally.bytes
            status.lastSealMilliseconds = keeper.lastSealMilliseconds
            status.hotRows = hotRows
            status.oldScans = oldScans
            status.housekeepingFailures = keeper.failures
            status.housekeepingError = keeper.lastError
        }
    }

    /// After a failed write the kernel may have dropped the pages, and a damaged or replaced log stays with its
    /// connection: only a new one can be trusted. A lock or a full disk leaves the connection as it was.
    static func spoilsConnection(_ error: HistoryError) -> Bool {
        switch error {
        case .io, .corrupt, .cannotCreate, .readOnly, .denied, .notADatabase: true
        case .missing, .held, .locked, .full, .newer, .notOurs, .unknownTag: false
        // Of those who care for files, never of a recorder.
        case .refused, .noSuchDirectory, .notABackup: false
        }
    }
}
