import Plant
import Ring
import Synchronization

/// How many programs all sinks together run at once, and who is next.
public final class ExecGate: Sendable {
    /// An avalanche of alarms must not become one of processes: the scan's threads need the machine. Four let a pager
    /// that hangs for its whole timeout leave three places to others.
    public static let places = 4
    /// A sink that got no place for so long says so and tries again with its usual pause.
    public static let patience: Duration = .seconds(10)

    private struct State {
        var free: Int
        /// First come, first served: each sink waits with a bell of its own.
        var waiting: [Doorbell] = []
    }

    private let state: Mutex<State>
    let places: Int
    private let clock = SystemClock()

    public init(places: Int = ExecGate.places) {
        self.places = places
        state = Mutex(State(free: places))
    }

    /// Waits for a place.
    ///
    /// - Parameters:
    ///   - bell: rung when there is one, and by whoever wants to end the wait.
    ///   - stopped: whether to give up.
    /// - Returns: false without a place.
    func enter(_ bell: Doorbell, within patience: Duration = ExecGate.patience, unless stopped: () -> Bool) -> Bool {
        let until = clock.monotonic() + patience.nanoseconds
        while true {
            bell.listen()
            if take(bell) { return true }
            let left = until - clock.monotonic()
            if stopped() || left <= 0 {
                giveUp(bell)
                return false
            }
            bell.wait(nanoseconds: left)
        }
    }

    func leave() {
        let next = state.withLock { state in
            state.free += 1
            return Array(state.waiting.prefix(state.free))
        }
        for bell in next { bell.ring() }
    }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    private func take(_ bell: Doorbell) -> Bool {
        state.withLock { state in
            let position = state.waiting.firstIndex { $0 === bell }
            // The places belong to those who came before us, as far as they reach.
            guard position ?? state.waiting.count < state.free else {
                if position == nil { state.waiting.append(bell) }
                return false
            }
            if let position { state.waiting.remove(at: position) }
            state.free -= 1
            return true
        }
    }

    private func giveUp(_ bell: Doorbell) {
        let next = state.withLock { state in
            state.waiting.removeAll { $0 === bell }
            return Array(state.waiting.prefix(state.free))
        }
        // A place may have been meant for us.
        for bell in next { bell.ring() }
    }
}
