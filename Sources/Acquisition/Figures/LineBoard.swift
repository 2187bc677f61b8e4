import Modbus
import Plant
import Ring
import Synchronization

/// What others may know of a line while it runs. The line writes, anybody reads.
final class LineBoard: Sendable {
    private struct State {
        /// What is kept as it is shown; the rest is filled in from the figures when somebody asks.
        var status: LineStatus
        /// What failed before any of its controllers was asked.
        var unasked = RequestFigures()
        var units: [RequestFigures]
        var groups: [ScanFigures]
        var endpoint = 0

        /// The line as a whole.
        var line: RequestFigures { units.reduce(into: unasked) { $0.add($1) } }
    }

    private let turn: Atomic<Int64>
    private let state: Mutex<State>
    private let storage: RingStorage<Cell>
    private let born: Int64
    /// Nanoseconds that a scan of each group takes beside its round trips, and how many of those it has.
    private let pauses: [(nanoseconds: Int64, requests: Int)]
    private let unitOfGroup: [Int]

    init(plan: LinePlan, plant: Plant, storage: RingStorage<Cell>, now: Int64) {
        turn = Atomic(now)
        born = now
        self.storage = storage
        var status = LineStatus(endpoint: "\(plan.endpoint)")
        if plan.endpoints.count > 1 { status.endpoints = plan.endpoints.map(\.description) }
        status.socket = SocketCare.description
        status.controllers = plan.controllers.map {
            ControllerStatus(
                name: plant.controllers[$0].name, unit: Int(plant.controllers[$0].unit),
                in_flight: plant.controllers[$0].pacing.maxInFlight)
        }
        status.groups = plan.groups.map {
            GroupStatus(name: plant.groups[$0.group].name, period_ms: $0.period.milliseconds)
        }
        unitOfGroup = plan.groups.map { plan.controllers.firstIndex(of: $0.controller) ?? 0 }
        pauses = plan.groups.map { group in
            let pause = plant.controllers[group.controller].pacing.pause.nanoseconds
            return (pause * Int64(max(0, group.requests.count - 1)), group.requests.count)
        }
        state = Mutex(
            State(
                status: status, units: plan.controllers.map { _ in RequestFigures() },
                groups: plan.groups.map { _ in ScanFigures() }))
    }

    // MARK: For others

    var lastTurn: Int64 { turn.load(ordering: .relaxed) }

    func status(at now: Int64) -> LineStatus {
        let seen = state.withLock { $0 }
        var status = seen.status
        let seconds = Double(max(1, now - born)) / 1e9
        let line = seen.line
        (status.ok, status.failures, status.bytes) = (line.ok, line.failures, line.bytes)
        let trips = line.roundTrips
        (status.rtt_min_ms, status.rtt_mean_ms) = (trips.count == 0 ? nil : Double(trips.min) / 1e6, trips.meanMs)
        (status.rtt_p99_ms, status.rtt_max_ms) = (trips.ms(0.99), trips.maxMs)
        status.rtt_histogram = trips.bars.map { HistogramBar(up_to_ms: Double($0.end) / 1e6, count: $0.count) }
        for (unit, figures) in seen.units.enumerated() {
            let trips = figures.roundTrips
            status.controllers[unit].ok = figures.ok
            status.controllers[unit].failures = figures.failures
            status.controllers[unit].rtt_min_ms = trips.count == 0 ? nil : Double(trips.min) / 1e6
            status.controllers[unit].rtt_mean_ms = trips.meanMs
            status.controllers[unit].rtt_p99_ms = trips.ms(0.99)
            status.controllers[unit].rtt_max_ms = trips.maxMs
        }
        for (group, figures) in seen.groups.enumerated() {
            let trip =
                seen.units[unitOfGroup[group]].roundTrips.mean ?? ScanPlan.assumedRoundTrip.nanoseconds
            let expected = trip * Int64(pauses[group].requests) + pauses[group].nanoseconds
            status.groups[group].fill(figures, seconds: seconds, expected: expected)
        }
        status.ring_refused_blocks = storage.refusedPublications
        status.ring_high_water_cells = storage.highWater
        return status
    }

    // MARK: For the line

    /// The thread lives.
    func turned(_ now: Int64) { turn.store(now, ordering: .relaxed) }

    func connected(to endpoint: Int, of endpoints: [Endpoint]) {
        state.withLock { state in
            state.status.connected = true
            state.status.connects += 1
            state.endpoint = endpoint
            state.status.endpoint = "\(endpoints[endpoint])"
        }
    }

    func disconnected() { state.withLock { $0.status.connected = false } }

    func answered(_ unit: Int, after nanoseconds: Int64, bytes: Int) {
        state.withLock { $0.units[unit].answered(after: nanoseconds, bytes: bytes) }
    }

    /// - Parameter unit: the controller that was asked, `nil` while connecting.
    func count(_ error: ModbusError, of unit: Int?) {
        state.withLock { state in
            if let unit { state.units[unit].failed(error) } else { state.unasked.failed(error) }
        }
    }

    func count(strays: Int) { state.withLock { $0.status.strays = strays } }

    func began(_ group: Int, late: Bool, lateness: Int64?, skipped: Int) {
        state.withLock { $0.groups[group].began(late: late, lateness: lateness, skipped: skipped) }
    }

    func ended(_ group: Int, sequence: UInt64, after nanoseconds: Int64) {
        state.withLock { $0.groups[group].ended(sequence: sequence, after: nanoseconds) }
    }

    func failed(_ group: Int) { state.withLock { $0.groups[group].failed += 1 } }

    func trust(_ unit: Int, frozen: Bool, layoutMatches: Bool) {
        state.withLock { state in
            state.status.controllers[unit].frozen = frozen
            state.status.controllers[unit].layout_matches = layoutMatches
        }
    }

    /// - Parameter line: the whole line is down for it.
    func lost(_ unit: Int, _ error: ModbusError, line: Bool) {
        state.withLock { state in
            state.status.controllers[unit].fault = error.counter
            if line { state.status.fault = error.counter }
        }
    }

    func recovered(_ unit: Int) {
        state.withLock { state in
            state.status.controllers[unit].fault = nil
            state.status.fault = nil
        }
    }

    func refuses(_ unit: Int, _ quarantined: [QuarantinedRegisters]) {
        state.withLock { $0.status.controllers[unit].quarantined = quarantined }
    }

    func learned(_ unit: Int, _ limits: LearnedLimits?) {
        state.withLock { $0.status.controllers[unit].learned = limits }
    }

    func inFlight(_ unit: Int, _ depth: Int) { state.withLock { $0.status.controllers[unit].in_flight = depth } }

    /// The figures of one diagnostic group over the period that ends now.
    func diagnose(_ diagnosis: inout Diagnosis, at now: Int64) -> [Double?] {
        state.withLock { state in
            switch diagnosis.subject {
            case .line:
                // Before the controllers' own: those begin a new period.
                return diagnosis.values(
                    of: state.line, connected: state.status.connected, endpoint: state.endpoint,
                    connects: state.status.connects, strays: state.status.strays, quarantined: 0, at: now)
            case .unit(let unit):
                defer { state.units[unit].recent.clear() }
                let controller = state.status.controllers[unit]
                return diagnosis.values(
                    of: state.units[unit], connected: controller.fault == nil && state.units[unit].ok > 0, endpoint: 0,
                    connects: 0, strays: 0, quarantined: controller.quarantined.map(\.tags.count).reduce(0, +), at: now)
            case .group(let group):
                defer {
                    state.groups[group].recentLateness.clear()
                    state.groups[group].recentPass.clear()
                }
                return diagnosis.values(of: state.groups[group], at: now)
            }
        }
    }
}

extension TimeHistogram {
    fileprivate var meanMs: Double? { mean.map { Double($0) / 1e6 } }
    fileprivate var maxMs: Double? { count == 0 ? nil : Double(max) / 1e6 }
    fileprivate func ms(_ share: Double) -> Double? { quantile(share).map { Double($0) / 1e6 } }
}

extension GroupStatus {
    fileprivate mutating func fill(_ figures: ScanFigures, seconds: Double, expected: Int64) {
        (requested, scans, failed) = (figures.requested, figures.scans, figures.failed)
        (late, skipped, last_sequence) = (figures.late, figures.skipped, figures.lastSequence)
        last_scan_ms = Double(figures.lastPass) / 1e6
        requested_per_s = 1000 / Double(max(1, period_ms))
        achieved_per_s = Double(figures.scans) / seconds
        lateness_mean_ms = figures.lateness.meanMs
        lateness_p99_ms = figures.lateness.ms(0.99)
        lateness_max_ms = figures.lateness.maxMs
        pass_expected_ms = Double(expected) / 1e6
        pass_mean_ms = figures.pass.meanMs
        pass_max_ms = figures.pass.maxMs
    }
}
