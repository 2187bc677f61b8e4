import Plant
import Ring
import Synchronization

/// What the recorder's thread and all others share: the status, the events handed in, and the wish to stop.
final class RecorderBoard: Sendable {
    private struct Content {
        var status = RecorderStatus()
        /// By `ScanGroup.ID`; 0 where nothing is durable yet.
        var sequences: [UInt64]
        var names: [String]
        var events: [HistoryEvent] = []
        var change: PlantChange?
        var changes: UInt64 = 0
        var isHurried = false
        var isStopping = false
    }

    private let content: Mutex<Content>
    private let storage: RingStorage<Cell>

    /// Events that may wait for a commit. A plant of 60 controllers that all flap once a second leaves 60 in one
    /// commit interval; a thousand bridges a database that is locked for a while.
    static let eventLimit = 1000

    init(plant: Plant, nextSequence: [UInt64], storage: RingStorage<Cell>) {
        self.storage = storage
        content = Mutex(Content(sequences: nextSequence.map { $0 - 1 }, names: plant.groups.map(\.name)))
    }

    var status: RecorderStatus {
        var (status, sequences, names) = content.withLock { ($0.status, $0.sequences, $0.names) }
        for (name, sequence) in zip(names, sequences) where sequence > 0 { status.newestSequences[name] = sequence }
        status.backlogCells = storage.waiting
        status.backlogCellsMax = storage.highWater
        status.backlogCapacity = storage.capacity
        status.refusedBlocks = storage.refusedPublications
        status.refusedCells = storage.refusedElements
        return status
    }

    func update(_ change: (inout RecorderStatus) -> Void) { content.withLock { change(&$0.status) } }

    func note(durable rows: [Batch.Row]) {
        content.withLock { content in
            for row in rows { content.sequences[row.group] = row.sequence }
        }
    }

    /// The next plant.
    ///
    /// - Returns: its number; `nil` while another waits to be taken over.
    func announce(_ plant: Plant, kept: Set<ScanGroup.ID>) -> UInt64? {
        content.withLock { content in
            guard content.change == nil else { return nil }
            content.changes += 1
            content.change = PlantChange(number: content.changes, plant: plant, kept: kept)
            return content.changes
        }
    }

    var change: PlantChange? { content.withLock { $0.change } }

    /// The change has been taken over, or will never come.
    func forget(change number: UInt64) {
        content.withLock { if $0.change?.number == number { $0.change = nil } }
    }

    /// From now on rows carry another plant's numbers.
    func renumber(_ plant: Plant, nextSequence: [UInt64]) {
        content.withLock { content in
            let known = Dictionary(zip(content.names, content.sequences), uniquingKeysWith: { first, _ in first })
            content.names = plant.groups.map(\.name)
            content.sequences = zip(content.names, nextSequence).map { known[$0] ?? $1 - 1 }
        }
    }

    func post(_ event: HistoryEvent) {
        content.withLock { content in
            if content.events.count < RecorderBoard.eventLimit {
                content.events.append(event)
            } else {
                content.status.refusedEvents += 1
            }
        }
    }

    func takeEvents() -> [HistoryEvent] {
        content.withLock { content in
            defer { content.events = [] }
            return content.events
        }
    }

    /// The next commit shall not wait for its interval.
    func hurry() { content.withLock { $0.isHurried = true } }

    func takeHurry() -> Bool {
        content.withLock { content in
            defer { content.isHurried = false }
            return content.isHurried
        }
    }

    var isStopping: Bool { content.withLock { $0.isStopping } }
    func stop() { content.withLock { $0.isStopping = true } }
}

/// A plant that waits for its mark in the ring.
struct PlantChange: Sendable {
    let number: UInt64
    let plant: Plant
    /// Its groups whose lines go on.
    let kept: Set<ScanGroup.ID>
}
