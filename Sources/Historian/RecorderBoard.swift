import Plant
import Ring
import Synchronization

/// What the recorder's thread and all others share: the status, the events handed in, and the wish to stop.
final class RecorderBoard: Sendable {
    private struct Content {
        var status = RecorderStatus()
        /// By `ScanGroup.ID`; 0 where nothing is durable yet.
        var sequences: [UInt64]
        var events: [HistoryEvent] = []
        var isStopping = false
    }

    private let content: Mutex<Content>
    private let names: [String]
    private let storage: RingStorage<Cell>

    /// Events that may wait for a commit. A plant of 60 controllers that all flap once a second leaves 60 in one
    /// commit interval; a thousand bridges a database that is locked for a while.
    static let eventLimit = 1000

    init(plant: Plant, nextSequence: [UInt64], storage: RingStorage<Cell>) {
        names = plant.groups.map(\.name)
        self.storage = storage
        content = Mutex(Content(sequences: nextSequence.map { $0 - 1 }))
    }

    var status: RecorderStatus {
        var (status, sequences) = content.withLock { ($0.status, $0.sequences) }
        for (name, sequence) in zip(names, sequences) where sequence > 0 { status.newestSequences[name] = sequence }
        status.backlogCells = storage.count
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

    var isStopping: Bool { content.withLock { $0.isStopping } }
    func stop() { content.withLock { $0.isStopping = true } }
}
