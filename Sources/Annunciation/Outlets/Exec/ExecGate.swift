import Plant
import Ring
import Synchronization

/// How many programs all sinks together start at once, and who is next.
///
/// A program counts for its first second only: what still runs then waits for something, and waiting takes nothing from
/// the scan's threads. So no pager that hangs for its whole timeout holds up the program of another sink for longer than
/// that second. What runs in all is bounded by the configuration: each sink runs one program at a time.
public final class ExecGate: Sendable {
    /// An avalanche of alarms must not become one of processes: the scan's threads need the machine.
    public static let places = 4
    /// For so long a program keeps its place to itself. A script that hands a line on ends well within it; one that does
    /// not hangs on a server or a modem.
    public static let hold: Duration = .seconds(1)

    /// What one program got; given back when it ends.
    struct Place {
        fileprivate let number: UInt64
    }

    private struct State {
        /// Places that are taken, and when each is free for another although its program runs on (CLOCK_MONOTONIC
        /// nanoseconds).
        var taken: [(number: UInt64, until: Int64)] = []
        var given: UInt64 = 0
        /// First come, first served: each sink waits with a bell of its own, and keeps its turn.
        var waiting: [Doorbell] = []
    }

    private enum Answer {
        case place(Place)
        /// Nanoseconds until one may be free without anybody's leaving.
        case wait(Int64)
    }

    private let state = Mutex(State())
    private let places: Int
    private let hold: Int64
    private let clock: any PlantClock

    public convenience init() { self.init(places: ExecGate.places, hold: ExecGate.hold) }

    init(places: Int, hold: Duration, clock: any PlantClock = SystemClock()) {
        (self.places, self.hold, self.clock) = (places, hold.nanoseconds, clock)
    }

    /// Waits for a place: at most `hold` for each round of `places` programs that are before it.
    ///
    /// - Parameters:
    ///   - bell: rung when there is one, and by whoever wants to end the wait.
    ///   - stopped: whether to give up.
    /// - Returns: `nil` when it was given up.
    func enter(_ bell: Doorbell, unless stopped: () -> Bool) -> Place? {
        while true {
            bell.listen()
            switch take(bell) {
            case .place(let place):
                return place
            case .wait(let nanoseconds):
                if stopped() {
                    giveUp(bell)
                    return nil
                }
                bell.wait(nanoseconds: nanoseconds)
            }
        }
    }

    func leave(_ place: Place) {
        let bells = state.withLock { state in
            state.taken.removeAll { $0.number == place.number }
            return head(of: state)
        }
        for bell in bells { bell.ring() }
    }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    private func take(_ bell: Doorbell) -> Answer {
        let now = clock.monotonic()
        return state.withLock { state in
            state.taken.removeAll { $0.until <= now }
            let position = state.waiting.firstIndex { $0 === bell }
            // The places belong to those who came before us, as far as they reach.
            guard position ?? state.waiting.count < places - state.taken.count else {
                if position == nil { state.waiting.append(bell) }
                return .wait(max(1, (state.taken.map(\.until).min() ?? now + hold) - now))
            }
            if let position { state.waiting.remove(at: position) }
            state.given += 1
            state.taken.append((state.given, now + hold))
            return .place(Place(number: state.given))
        }
    }

    private func giveUp(_ bell: Doorbell) {
        let bells = state.withLock { state in
            state.waiting.removeAll { $0 === bell }
            return head(of: state)
        }
        // A place may have been meant for us.
        for bell in bells { bell.ring() }
    }

    /// Whom the free places are for.
    private func head(of state: State) -> [Doorbell] {
        Array(state.waiting.prefix(max(0, places - state.taken.count)))
    }
}
