import Glibc
import Plant

/// What a station's thread does: wait for requests, answer each from registers stepped up to that moment.
struct StationLoop: ~Copyable {
    /// Clients at once; more is a client that leaks connections. Real controllers take 1 to 16.
    static let mostClients = 32
    /// Milliseconds between two looks at the clock when nobody asks: faults of the link begin no later.
    static let wakeEvery: CInt = 100
    /// Microseconds a reply may wait for a client that does not read; the others wait meanwhile.
    static let sendTimeout = 200_000
    /// select(2), which libmodbus uses, aborts the process from this descriptor on (3.1.6, measured).
    static let descriptorLimit: CInt = 1024

    private struct Client {
        let socket: CInt
        var wasRefused = false
    }

    private let station: Station
    private let server: ModbusServer
    private let endpoint: Endpoint?
    private let mappings: [Mapping?]
    private var listener: ListeningSocket?
    private var clients: [Client] = []
    private var isListenFailureTold = false

    init(station: Station, listener: consuming ListeningSocket, server: consuming ModbusServer) {
        self.station = station
        self.server = server
        endpoint = listener.endpoint
        self.listener = consume listener
        mappings = station.units.map { unit in unit.advanced(to: 0, log: { _ in }) { Mapping($0.image) } }
    }

    deinit { for client in clients { close(client.socket) } }

    mutating func run() {
        while !station.isStopping {
            followLinks()
            var polls = [pollfd(fd: station.interrupt, events: Int16(POLLIN), revents: 0)]
            // A negative descriptor is passed over.
            polls.append(pollfd(fd: listener?.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
            polls += clients.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
            guard poll(&polls, nfds_t(polls.count), Self.wakeEvery) > 0, polls[0].revents == 0 else { continue }
            var over: Set<CInt> = []
            for (index, ready) in polls.dropFirst(2).enumerated() where ready.revents != 0 {
                if !serve(index) { over.insert(ready.fd) }
            }
            drop { over.contains($0) }
            if polls[1].revents != 0 { acceptClients() }
        }
    }

    // MARK: Links

    /// Steps every unit, and closes the door when all of them are dead.
    private mutating func followLinks() {
        let now = station.simulatedTime()
        var isAlive = false
        for unit in station.units where unit.advanced(to: now, log: station.log, { $0.link }) != .dead {
            isAlive = true
        }
        if isAlive {
            if listener == nil { listenAgain() }
        } else {
            listener = nil
            drop { _ in true }
        }
    }

    private mutating func listenAgain() {
        guard let endpoint else { return }
        do {
            listener = try ListeningSocket(endpoint)
            isListenFailureTold = false
        } catch {
            guard !isListenFailureTold else { return }
            isListenFailureTold = true
            station.log(.cannotListen(endpoint, reason: error.reason))
        }
    }

    private mutating func acceptClients() {
        guard let descriptor = listener?.descriptor else { return }
        while case let socket = accept(descriptor, nil, nil), socket >= 0 {
            guard clients.count < Self.mostClients, socket < Self.descriptorLimit else {
                close(socket)
                continue
            }
            var one: CInt = 1
            setsockopt(socket, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
            var timeout = timeval(tv_sec: 0, tv_usec: Self.sendTimeout)
            setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
            clients.append(Client(socket: socket))
        }
    }

    private mutating func drop(where isOver: (CInt) -> Bool) {
        clients.removeAll {
            guard isOver($0.socket) else { return false }
            close($0.socket)
            return true
        }
    }

    // MARK: Requests

    /// Takes one request of a client and answers it, or not.
    ///
    /// - Returns: false when the connection is over.
    private mutating func serve(_ index: Int) -> Bool {
        let socket = clients[index].socket
        guard let request = server.receive(from: socket) else { return false }
        // A device does not answer for another: no exception, silence.
        guard let place = station.units.firstIndex(where: { $0.unit == request.unit }), let mapping = mappings[place]
        else { return true }
        let unit = station.units[place]
        let link = unit.advanced(to: station.simulatedTime(), log: station.log) { controller in
            mapping.copy(controller.image)
            return controller.link
        }
        guard link == .up else { return true }
        if let table = request.table {
            return server.answer(request, table: table, on: socket, from: mapping, largest: unit.largestBlock)
        }
        if !clients[index].wasRefused {
            clients[index].wasRefused = true
            station.log(.writeRefused(controller: unit.name, function: request.function))
        }
        return server.refuse(request, on: socket)
    }
}
