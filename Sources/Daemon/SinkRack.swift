import Annunciation
import Glibc
import Journal
import Plant
import Ring
import Synchronization

/// The places that alarms are told at, as they are now. A change touches only those whose definition changed.
final class SinkRack: Sendable {
    /// How long a sink's last cursor may take to the disk when another takes its name over; later, that one tells a
    /// line twice at worst.
    static let cursorPatience: Duration = .seconds(2)

    private let sinks = Mutex<[Sink]>([])
    private let journal: Journal
    private let clock: any PlantClock
    private let offset: @Sendable (Int64) -> Int64
    private let log: @Sendable (String) -> Void
    private let outlet: @Sendable (SinkDefinition) -> any Outlet

    /// - Parameters:
    ///   - clock: of the sinks, for their pauses and ages.
    ///   - offset: the plant's time minus UTC at an instant, both in milliseconds: for schedules.
    ///   - outlet: makes the outlet of a sink.
    init(
        journal: Journal, clock: any PlantClock = SystemClock(), offset: @escaping @Sendable (Int64) -> Int64,
        log: @escaping @Sendable (String) -> Void, outlet: @escaping @Sendable (SinkDefinition) -> any Outlet
    ) {
        (self.journal, self.clock, self.offset, self.log, self.outlet) = (journal, clock, offset, log, outlet)
    }

    var statuses: [SinkStatus] { sinks.withLock { $0 }.map(\.status) }
    /// Why each does not deliver; `nil` for one that does.
    var faults: [(name: String, fault: String?)] { sinks.withLock { $0 }.map { ($0.name, $0.fault) } }

    func sink(named name: String) -> Sink? { sinks.withLock { $0.first { $0.name == name } } }

    /// Queues lines everywhere. Any thread; waits only for a change of the sinks.
    func offer(_ lines: [AlarmLine]) {
        sinks.withLock { sinks in
            for sink in sinks { sink.offer(lines) }
        }
    }

    /// Ends what is no longer wanted, starts what is new, leaves the rest alone.
    func change(to definitions: [SinkDefinition]) throws {
        let ending = sinks.withLock { sinks in
            let ending = sinks.filter { !definitions.contains($0.definition) }
            sinks.removeAll { !definitions.contains($0.definition) }
            return ending
        }
        end(ending)
        if !ending.isEmpty { saveCursors() }
        let cursors = try journal.cursors(takenBy: Set(definitions.map(\.name)))
        for definition in definitions where !isThere(definition) {
            // Under the lock, so that no line is committed between the look into the journal and the first offer.
            let begun = sinks.withLock { sinks in
                let begun = begin(definition, at: cursors[definition.name])
                sinks.append(begun)
                return begun
            }
            try begun.start()
        }
        sinks.withLock { sinks in
            sinks = definitions.compactMap { definition in sinks.first { $0.definition == definition } }
        }
    }

    /// Ends all of them, and saves how far each has come.
    func stop() {
        end(
            sinks.withLock { sinks in
                defer { sinks = [] }
                return sinks
            })
        saveCursors()
    }

    private func isThere(_ definition: SinkDefinition) -> Bool {
        sinks.withLock { $0.contains { $0.definition == definition } }
    }

    /// A sink that goes on where it was. A new one begins now, and so does one whose name was away for longer than events
    /// are kept for a sink: nobody wants to be called about a whole winter.
    private func begin(_ definition: SinkDefinition, at cursor: SinkCursor?) -> Sink {
        let newest = journal.status.lastSequence
        var position = cursor.map { min($0.sequence, newest) } ?? newest
        if let cursor, let since = cursor.absentSince, position < newest,
            clock.wall() / 1_000_000 - since > definition.giveUpAfter.milliseconds
        {
            log(
                "sink \(definition.name): was in no configuration since \(UTCTime.text(since)) and begins anew; events "
                    + "\(position + 1) to \(newest) are not told: see `cupel alarms history`, `cupel sinks resend`")
            position = newest
        }
        if position == newest { journal.acknowledge(sink: definition.name, sequence: newest) }
        let ledger = JournalLedger(sink: definition.name, journal: journal)
        return Sink(
            definition, outlet: outlet(definition), ledger: ledger, position: position, newest: newest, clock: clock,
            offset: offset, log: log)
    }

    /// All at the same time, and none for longer than its patience.
    private func end(_ sinks: [Sink]) {
        for sink in sinks { sink.stop() }
        let clock = SystemClock()
        let until = clock.monotonic() + Sink.stopPatience.nanoseconds
        while sinks.contains(where: { !$0.hasEnded }), clock.monotonic() < until { usleep(2000) }
        for sink in sinks where !sink.hasEnded { sink.interrupt() }
        for sink in sinks { sink.join() }
    }

    /// Cursors travel with entries, so an empty one takes them to the disk.
    private func saveCursors() { journal.settle(within: SinkRack.cursorPatience) }
}
