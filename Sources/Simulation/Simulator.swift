public import Plant
import Synchronization

/// Serves every controller of a plant on its address, over Modbus/TCP, with physics behind its registers.
///
/// A thread for each endpoint; all methods may be called from any thread. What the controllers show depends on the
/// plant, the seed, the script and the simulated time alone: two runs agree wherever their clocks do.
public final class Simulator: Sendable {
    private let plant: Plant
    private let options: SimulationOptions
    private let clock: any PlantClock
    private let log: @Sendable (SimulationNotice) -> Void
    private let state = Mutex(State())

    private struct State {
        var stations: [Station] = []
        /// Monotonic nanoseconds; `nil` before the start.
        var began: Int64?
    }

    /// - Parameters:
    ///   - plant: whose controllers are served.
    ///   - options: seed, speed, script.
    ///   - clock: what `speed` is measured by.
    ///   - log: told from the threads that serve; it must not block.
    public init(
        plant: Plant, options: SimulationOptions = SimulationOptions(), clock: any PlantClock = SystemClock(),
        log: @escaping @Sendable (SimulationNotice) -> Void = { _ in }
    ) {
        self.plant = plant
        self.options = options
        self.clock = clock
        self.log = log
    }

    /// Takes all addresses, then serves; or takes none and says which one is in the way.
    public func start() throws(SimulationError) {
        try checkOptions()
        let began = clock.monotonic()
        let isFirst = state.withLock { state in
            guard state.began == nil else { return false }
            state.began = began
            return true
        }
        guard isFirst else { throw .alreadyStarted }
        do throws(SimulationError) {
            let stations = try makeStations(began: began)
            try Self.open(stations)
            state.withLock { $0.stations = stations }
        } catch {
            state.withLock { $0.began = nil }
            throw error
        }
    }

    private static func open(_ stations: [Station]) throws(SimulationError) {
        do throws(SimulationError) {
            for station in stations { try station.listen() }
            for station in stations { try station.run() }
        } catch {
            end(stations)
            throw error
        }
    }

    /// Closes all connections and waits for the threads: a tenth of a second at most, unless a client is stuck.
    public func stop() {
        Self.end(
            state.withLock { state in
                defer { state.stations = [] }
                return state.stations
            })
    }

    private static func end(_ stations: [Station]) {
        for station in stations { station.stop() }
        for station in stations {
            station.join()
            station.cancel()
        }
    }

    /// Simulated time since the start.
    public var time: Duration {
        guard let began = state.withLock({ $0.began }) else { return .zero }
        return .seconds(Double(clock.monotonic() - began) / 1e9 * options.speed)
    }

    /// What the registers of a tag hold now, as an engineering value; `nil` when there is no such tag or nothing runs.
    ///
    /// - Parameters:
    ///   - controller: its name, `F-01`.
    ///   - tag: the local name, `melt_temp`.
    public func value(controller: String, tag: String) -> Double? {
        guard let unit = stations.lazy.flatMap(\.units).first(where: { $0.name == controller }) else { return nil }
        return unit.advanced(to: time.asSeconds, log: log) { $0.value(tag: tag) }
    }

    /// Where a controller is served; `nil` when there is no such controller or it does not run.
    public func endpoint(of controller: String) -> Endpoint? {
        stations.first { station in station.units.contains { $0.name == controller } }?.endpoint
    }

    private var stations: [Station] { state.withLock { $0.stations } }

    // MARK: Building

    private func checkOptions() throws(SimulationError) {
        let steps = SimulationOptions.shortestStep...SimulationOptions.longestStep
        guard steps.contains(options.stepSeconds) else {
            throw .option("step", found: options.stepSeconds, expected: steps)
        }
        guard SimulationOptions.speeds.contains(options.speed) else {
            throw .option("speed", found: options.speed, expected: SimulationOptions.speeds)
        }
        let known = plant.controllers.map(\.name)
        let unknown = Set(options.script.faults.map(\.controller)).subtracting(known)
        guard unknown.isEmpty else { throw .unknownControllers(unknown.sorted(), known: known) }
    }

    private func makeStations(began: Int64) throws(SimulationError) -> [Station] {
        let controllers = makeControllers()
        var order: [Endpoint] = []
        for endpoint in plant.controllers.map(\.endpoint) where !order.contains(endpoint) { order.append(endpoint) }
        let (clock, speed) = (clock, options.speed)
        var stations: [Station] = []
        for endpoint in order {
            let behind = controllers.filter { $0.controller.endpoint == endpoint }
            for unit in Set(behind.map(\.controller.unit)) {
                let same = behind.filter { $0.controller.unit == unit }.map(\.controller.name)
                guard same.count == 1 else { throw .sameUnit(endpoint, unit: unit, controllers: same) }
            }
            let station = Station(
                endpoint: options.endpoint(endpoint), units: behind.map(SimulatedUnit.init),
                simulatedTime: { Double(clock.monotonic() - began) / 1e9 * speed }, log: log)
            guard let station else { throw .system("the system gave no descriptor for a station") }
            stations.append(station)
        }
        return stations
    }

    private func makeControllers() -> [SimulatedController] {
        var furnaces = 0
        return plant.controllers.map { controller in
            let start = options.startPhase(ofFurnace: furnaces)
            if plant.kind(of: controller) == .furnace { furnaces += 1 }
            return SimulatedController(
                controller: controller,
                tags: plant.tags.filter { $0.controller == controller.id && $0.registers != nil }, start: start,
                faults: options.script.faults.filter { $0.controller == controller.name }, seed: options.seed,
                step: options.stepSeconds)
        }
    }
}
