import Annunciation
import Journal
import Plant
import Ring
import Synchronization

/// The places that alarms are told at, as they are now. A change touches only those whose definition changed.
final class SinkRack: Sendable {
    /// How long a sink's last cursor may take to the disk when another takes its name over; later, that one tells a
    /// line twice at worst.
    static let cursorPatience: Duration = .seconds(2)

    private struct Place: Sendable {
        let definition: SinkDefinition
        let sink: Sink
        /// Lines up to this number were queued from the journal when it began.
        let from: Int64
    }

    private let places = Mutex<[Place]>([])
    private let journal: Journal
    private let make: @Sendable (SinkDefinition) -> Sink

    init(journal: Journal, make: @escaping @Sendable (SinkDefinition) -> Sink) {
        (self.journal, self.make) = (journal, make)
    }

    var statuses: [Sink.Status] { places.withLock { $0.map(\.sink) }.map(\.status) }

    /// Queues lines everywhere. Any thread; waits only for a change of the sinks.
    func offer(_ lines: [AlarmLine]) {
        places.withLock { places in
            for place in places {
                place.sink.offer(lines.filter { $0.sequence == 0 || $0.sequence > place.from })
            }
        }
    }

    /// Ends what is no longer wanted, starts what is new, leaves the rest alone.
    func change(to definitions: [SinkDefinition]) throws {
        let ending = places.withLock { places in
            let ending = places.filter { !definitions.contains($0.definition) }
            places.removeAll { !definitions.contains($0.definition) }
            return ending.map(\.sink)
        }
        end(ending)
        if !ending.isEmpty { saveCursors() }
        for definition in definitions where !isThere(definition) {
            let sink = make(definition)
            // Under the lock, so that no line is committed between the look into the journal and the first offer.
            try places.withLock { places in
                places.append(Place(definition: definition, sink: sink, from: try goOn(sink)))
            }
            try sink.start()
        }
        places.withLock { places in
            places = definitions.compactMap { definition in places.first { $0.definition == definition } }
        }
    }

    /// Ends all of them.
    func stop() {
        end(
            places.withLock { places in
                defer { places = [] }
                return places.map(\.sink)
            })
    }

    private func isThere(_ definition: SinkDefinition) -> Bool {
        places.withLock { $0.contains { $0.definition == definition } }
    }

    private func end(_ sinks: [Sink]) {
        for sink in sinks { sink.stop() }
        for sink in sinks { sink.join() }
    }

    /// Gives a sink that can acknowledge what was journalled and not delivered. A new sink begins now.
    ///
    /// - Returns: the number of the newest line it was given.
    private func goOn(_ sink: Sink) throws -> Int64 {
        guard sink.acknowledges else { return 0 }
        guard let cursor = try journal.cursors()[sink.name] else {
            journal.acknowledge(sink: sink.name, sequence: journal.status.lastSequence)
            return 0
        }
        // A sink keeps as many as it can hold, and tells the rest as a gap.
        var last = cursor
        while true {
            let missed = try journal.notices(after: last, limit: Sink.backlogLimit)
            guard let newest = missed.last else { return last }
            sink.offer(
                missed.map { notice in
                    var again = notice
                    again.dup = true
                    return AlarmLine(again)
                })
            last = newest.seq
        }
    }

    /// Cursors travel with entries, so an empty one takes them to the disk.
    private func saveCursors() {
        let done = Doorbell()
        done.listen()
        journal.append(JournalEntry(completion: { _ in done.ring() }))
        done.wait(nanoseconds: SinkRack.cursorPatience.nanoseconds)
    }
}
