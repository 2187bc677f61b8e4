import Plant
import Store

/// Work that keeps a history small and quick, and that nothing waits for: sealing, sweeping, roll-ups, retention.
protocol Chore {
    /// Does what is due now: one transaction of bounded length.
    ///
    /// - Parameter now: UTC milliseconds.
    /// - Returns: false when nothing was due.
    mutating func step(_ store: HistoryStore, now: Int64) throws(HistoryError) -> Bool
    /// Goes on with another plant, which has other settings and may lie in another zone.
    mutating func changeOver(to plant: Plant)
}

extension Chore {
    mutating func changeOver(to plant: Plant) {}
}

/// Runs the chores on the recorder's thread, after its commits, one transaction after another, until nothing is due or
/// the time for this pass is over.
///
/// They take turns, and the next pass begins where the last one ended: a backlog of one, such as the sealing of an old
/// history, keeps none of the others waiting.
struct Housekeeper {
    private var chores: [any Chore]
    /// The chore whose turn it is.
    private var turn = 0
    /// CLOCK_MONOTONIC nanoseconds: not before, after a failure.
    private var retryAt: Int64 = 0
    private var backOff = firstBackOff
    private(set) var failures: UInt64 = 0
    private(set) var lastError: String?
    private(set) var lastSealMilliseconds = 0.0

    /// What one pass may take, at one pass a second: a fifth of the recorder's time, in which 1 000 tags at one scan a
    /// second need 5 ms. The ring holds what comes meanwhile. A step that has begun is finished, however long it takes.
    static let budget: Duration = .milliseconds(200)
    /// Chores wait, they do not insist: the commits find out soon enough whether the database works again.
    static let firstBackOff: Duration = .seconds(1)
    static let longestBackOff: Duration = .seconds(60)

    init(_ chores: [any Chore]) { self.chores = chores }

    mutating func changeOver(to plant: Plant) {
        for index in chores.indices { chores[index].changeOver(to: plant) }
    }

    /// - Returns: why the database refused, when it did. The chores are then left alone for a while.
    mutating func pass(_ store: HistoryStore, _ clock: any PlantClock) -> HistoryError? {
        let begin = clock.monotonic()
        guard begin >= retryAt else { return nil }
        var refusal: HistoryError?
        var isDue = [Bool](repeating: true, count: chores.count)
        while isDue.contains(true), clock.monotonic() - begin < Housekeeper.budget.nanoseconds {
            while !isDue[turn] { turn = (turn + 1) % chores.count }
            let index = turn
            turn = (turn + 1) % chores.count
            do throws(HistoryError) {
                isDue[index] = try step(index, store, clock)
            } catch {
                refusal = refusal ?? error
                isDue[index] = false
                // Damage is one chore's trouble; a database that refuses is everybody's.
                guard case .corrupt = error else { break }
            }
        }
        guard let error = refusal else {
            (backOff, lastError) = (Housekeeper.firstBackOff, nil)
            return nil
        }
        failures += 1
        lastError = error.description
        retryAt = clock.monotonic() + backOff.nanoseconds
        backOff = min(backOff * 2, Housekeeper.longestBackOff)
        return error
    }

    private mutating func step(
        _ index: Int, _ store: HistoryStore, _ clock: any PlantClock
    ) throws(HistoryError) -> Bool {
        let begin = clock.monotonic()
        let spans = store.tally.spans
        let isDue = try chores[index].step(store, now: clock.wall() / 1_000_000)
        if store.tally.spans > spans { lastSealMilliseconds = Double(clock.monotonic() - begin) / 1e6 }
        return isDue
    }
}
