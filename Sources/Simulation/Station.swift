import CPosix
import Glibc
import Plant
import Ring
import Synchronization

/// One endpoint: where it listens, the units behind it, and the thread that serves them.
final class Station: Sendable {
    let units: [SimulatedUnit]
    let simulatedTime: @Sendable () -> Double
    let log: @Sendable (SimulationNotice) -> Void
    /// Readable once the station is to stop.
    let interrupt: CInt

    private let wanted: Endpoint
    private let stopping = Atomic(false)
    private let bound = Mutex<Endpoint?>(nil)
    private let listener = Mutex<ListeningSocket?>(nil)
    private let worker = Mutex<Worker?>(nil)

    init?(
        endpoint: Endpoint, units: [SimulatedUnit], simulatedTime: @escaping @Sendable () -> Double,
        log: @escaping @Sendable (SimulationNotice) -> Void
    ) {
        wanted = endpoint
        self.units = units
        self.simulatedTime = simulatedTime
        self.log = log
        interrupt = cupel_eventfd()
        guard interrupt >= 0 else { return nil }
    }

    deinit { close(interrupt) }

    /// Where it listens, once it does.
    var endpoint: Endpoint? { bound.withLock { $0 } }
    var isStopping: Bool { stopping.load(ordering: .acquiring) }
    private var names: [String] { units.map(\.name) }

    /// Takes the address; nothing is answered before `run`.
    func listen() throws(SimulationError) {
        do {
            let socket = try ListeningSocket(wanted)
            let endpoint = socket.endpoint
            bound.withLock { $0 = endpoint }
            keep(socket)
        } catch {
            switch error {
            case .notAnAddress: throw .notAnAddress(wanted, controllers: names)
            case .system(EADDRINUSE): throw .addressTaken(wanted, controllers: names)
            case .system(let code): throw .cannotListen(wanted, controllers: names, code: code)
            }
        }
    }

    private func keep(_ socket: consuming ListeningSocket) {
        var socket: ListeningSocket? = consume socket
        listener.withLock { $0 = socket.take() }
    }

    /// Gives up an address that was taken and never served.
    func cancel() { listener.withLock { $0 = nil } }

    /// Starts the thread.
    func run() throws(SimulationError) {
        do {
            let thread = try Worker(name: "sim \(names.first ?? "")") { [self] in
                guard let socket = listener.withLock({ $0.take() }), let server = ModbusServer() else { return }
                var loop = StationLoop(station: self, listener: socket, server: server)
                loop.run()
            }
            worker.withLock { $0 = thread }
        } catch {
            throw .system(error.description)
        }
    }

    /// Asks the thread to end; returns at once.
    func stop() {
        stopping.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(interrupt, &one, 8)
    }

    /// Waits for the thread.
    func join() { worker.withLock { $0.take() }?.join() }
}

/// A controller behind a lock: its station steps and serves it, tests look at it.
final class SimulatedUnit: Sendable {
    let name: String
    let unit: UInt8
    let largestBlock: Int
    private let state: Mutex<SimulatedController>

    init(_ controller: SimulatedController) {
        name = controller.controller.name
        unit = controller.controller.unit
        largestBlock = controller.controller.maxRegisters
        state = Mutex(controller)
    }

    /// Steps to `time` and shows the result to `body`.
    func advanced<Result>(
        to time: Double, log: (SimulationNotice) -> Void, _ body: (borrowing SimulatedController) -> Result
    ) -> Result {
        var notices: [SimulationNotice] = []
        let result = state.withLock {
            $0.advance(to: time, notices: &notices)
            return body($0)
        }
        notices.forEach(log)
        return result
    }
}
