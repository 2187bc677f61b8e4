import Modbus
import Plant
import Ring
import Synchronization

/// What others may know of a line while it runs. The line writes, anybody reads.
final class LineBoard: Sendable {
    private struct State {
        var status: LineStatus
        var roundTrips: Int64 = 0
    }

    private let turn: Atomic<Int64>
    private let state: Mutex<State>
    private let storage: RingStorage<Cell>

    init(plan: LinePlan, plant: Plant, storage: RingStorage<Cell>, now: Int64) {
        turn = Atomic(now)
        self.storage = storage
        var status = LineStatus(endpoint: "\(plan.endpoint)")
        status.controllers = plan.controllers.map {
            ControllerStatus(name: plant.controllers[$0].name, unit: Int(plant.controllers[$0].unit))
        }
        status.groups = plan.groups.map {
            GroupStatus(name: plant.groups[$0.group].name, period_ms: $0.period.milliseconds)
        }
        state = Mutex(State(status: status))
    }

    var status: LineStatus {
        var status = state.withLock { $0.status }
        status.ring_refused_blocks = storage.refusedPublications
        status.ring_high_water_cells = storage.highWater
        return status
    }

    var lastTurn: Int64 { turn.load(ordering: .relaxed) }

    /// The thread lives.
    func turned(_ now: Int64) { turn.store(now, ordering: .relaxed) }

    func connected() {
        update {
            $0.connected = true
            $0.connects += 1
        }
    }

    func count(_ error: ModbusError) { update { $0.failures[error.counter, default: 0] += 1 } }

    /// What one scan did. Told once a scan, so that the lock and its cache line cost once.
    struct ScanTally {
        var answered = 0
        var bytes = 0
        var fastest = Int64.max
        var slowest: Int64 = 0
        var total: Int64 = 0
        var late = false
        var skipped = 0

        mutating func answered(after nanoseconds: Int64, bytes: Int) {
            answered += 1
            self.bytes += bytes
            fastest = min(fastest, nanoseconds)
            slowest = max(slowest, nanoseconds)
            total += nanoseconds
        }
    }

    /// - Parameter lasted: nanoseconds the scan took, `nil` when it failed.
    func scanned(_ group: Int, _ tally: ScanTally, sequence: UInt64, lasted: Int64?) {
        state.withLock { state in
            state.status.ok += tally.answered
            state.status.bytes += tally.bytes
            if tally.answered > 0 {
                state.roundTrips += tally.total
                state.status.rtt_min_ms = min(state.status.rtt_min_ms ?? .infinity, Double(tally.fastest) / 1e6)
                state.status.rtt_max_ms = max(state.status.rtt_max_ms ?? 0, Double(tally.slowest) / 1e6)
                state.status.rtt_mean_ms = Double(state.roundTrips) / Double(state.status.ok) / 1e6
            }
            state.status.groups[group].requested += 1 + tally.skipped
            state.status.groups[group].late += tally.late ? 1 : 0
            state.status.groups[group].skipped += tally.skipped
            guard let lasted else {
                state.status.groups[group].failed += 1
                return
            }
            state.status.groups[group].scans += 1
            state.status.groups[group].last_sequence = sequence
            state.status.groups[group].last_scan_ms = Double(lasted) / 1e6
        }
    }

    func trust(_ unit: Int, frozen: Bool, layoutMatches: Bool) {
        update {
            $0.controllers[unit].frozen = frozen
            $0.controllers[unit].layout_matches = layoutMatches
        }
    }

    /// - Parameter line: the whole line is down for it.
    func lost(_ unit: Int, _ error: ModbusError, line: Bool) {
        update {
            $0.controllers[unit].fault = error.counter
            if line { $0.fault = error.counter }
        }
    }

    func disconnected() { update { $0.connected = false } }

    func recovered(_ unit: Int) {
        update {
            $0.controllers[unit].fault = nil
            $0.fault = nil
        }
    }

    private func update(_ body: (inout LineStatus) -> Void) { state.withLock { body(&$0.status) } }
}
