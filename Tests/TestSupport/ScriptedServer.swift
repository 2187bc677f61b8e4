import Foundation
import Glibc
public import Plant
import Synchronization

/// A Modbus/TCP server on raw sockets that misbehaves as told: what no real server can be made to do.
///
/// It listens on 127.0.0.1 at a port the kernel chose, serves each connection on a thread of its own, and remembers
/// every byte it received. Nothing in it waits for a while: what is late waits for the test to open a `Gate`.
public final class ScriptedServer: Sendable {
    /// What happens to one request.
    public enum Answer: Sendable {
        /// The proper reply.
        case proper
        /// The proper reply, changed on its way out.
        case changed(@Sendable ([UInt8]) -> [UInt8])
        /// A proper refusal.
        case exception(UInt8)
        /// These bytes.
        case bytes([UInt8])
        /// Nothing, for as long as the peer keeps the connection.
        case silence
        /// The proper reply, one byte every so many milliseconds.
        case drip(milliseconds: CInt)
        /// The proper reply, changed if need be, once the gate is open.
        case held(Gate, change: @Sendable ([UInt8]) -> [UInt8] = { $0 })
        /// So many bytes of the proper reply, then the end of the stream.
        case cut(after: Int)
        /// The end of the stream.
        case close
        /// A reset.
        case reset
        /// The proper reply after so many milliseconds.
        case delayed(milliseconds: CInt)
        /// So many bytes of the proper reply, and the rest in a segment of its own.
        case split(after: Int)
        /// Nothing, ever, and no notice of it when the peer hangs up: its cable is out.
        case halfOpen
        /// All connections end, and the next so many are closed as soon as they are made.
        case reboot(connections: Int)
    }

    /// One request as it came.
    public struct Request: Sendable, Hashable {
        /// The whole frame.
        public let bytes: [UInt8]
        /// Counts the requests of the server, and the connections it came on, from 0.
        public let number: Int
        public let connection: Int
        /// Counts the requests of its connection, from 0.
        public let place: Int
        /// When it had come, by the server's clock.
        public let time: Int64

        public var unit: UInt8 { bytes[6] }
        public var function: UInt8 { bytes[7] }
        public var start: Int { Int(bytes[8]) << 8 | Int(bytes[9]) }
        public var count: Int { Int(bytes[10]) << 8 | Int(bytes[11]) }
    }

    public typealias Script = @Sendable (Request) -> Answer
    /// What an item of a table holds; bits are 0 and 1.
    public typealias Memory = @Sendable (_ unit: UInt8, _ function: UInt8, _ address: Int) -> UInt16
    /// The same for a memory that changes from request to request.
    public typealias History = @Sendable (_ request: Request, _ address: Int) -> UInt16

    private struct State {
        var script: Script
        var history: History
        var unwelcome = 0
        var mostAtOnce = Int.max
        var requests: [Request] = []
        var connections = 0
        var open: [Int: CInt] = [:]
        var stopped = false
        var hopes: [(count: Int, gate: Gate)] = []
    }

    public let port: UInt16
    private let listener: CInt
    private let clock: any PlantClock
    private let state: Mutex<State>

    /// - Parameters:
    ///   - clock: of the requests' times.
    ///   - memory: an item that holds its own address unless told otherwise.
    ///   - script: asked for each request, on the connection's thread.
    public init(
        clock: any PlantClock = SystemClock(),
        memory: @escaping Memory = { _, function, address in function < 3 ? 1 : UInt16(truncatingIfNeeded: address) },
        script: @escaping Script = { _ in .proper }
    ) throws {
        (listener, port) = try LoopbackSocket.listening(backlog: 16)
        self.clock = clock
        state = Mutex(State(script: script, history: { memory($0.unit, $0.function, $1) }))
        Thread.detachNewThread { [self] in accept() }
    }

    public var endpoint: Endpoint { Endpoint(host: "127.0.0.1", port: port) }

    /// Every request so far.
    public var requests: [Request] { state.withLock { $0.requests } }
    /// Connections accepted so far.
    public var connections: Int { state.withLock { $0.connections } }

    public func follow(_ script: @escaping Script) { state.withLock { $0.script = script } }
    public func remember(_ memory: @escaping Memory) { remember(history: { memory($0.unit, $0.function, $1) }) }
    public func remember(history: @escaping History) { state.withLock { $0.history = history } }
    /// The first so many connections are accepted and closed at once.
    public func closeAtOnce(first count: Int) { state.withLock { $0.unwelcome = count } }
    /// A connection beyond so many at once is accepted and closed.
    public func admit(atOnce count: Int) { state.withLock { $0.mostAtOnce = count } }

    /// Opens when so many requests have come.
    public func hasReceived(_ count: Int) -> Gate {
        let gate = Gate()
        state.withLock { state in
            if state.requests.count >= count { gate.open() } else { state.hopes.append((count, gate)) }
        }
        return gate
    }

    /// Ends the server and its connections. The port is free again.
    public func stop() {
        let open = state.withLock { state in
            defer { state.stopped = true }
            return state.stopped ? [] : Array(state.open.values) + [listener]
        }
        for socket in open { shutdown(socket, CInt(SHUT_RDWR)) }
    }

    // MARK: Serving

    private func accept() {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else { break }
            let (number, welcome) = state.withLock { state in
                let number = state.connections
                state.connections += 1
                let isOneTooMany = state.open.count >= state.mostAtOnce
                if !state.stopped { state.open[number] = socket }
                return (number, number >= state.unwelcome && !isOneTooMany && !state.stopped)
            }
            guard welcome else {
                finish(number, socket)
                continue
            }
            Thread.detachNewThread { [self] in
                var place = 0
                while let request = nextRequest(on: socket, number, place), serve(request, on: socket) { place += 1 }
                finish(number, socket)
            }
        }
        close(listener)
    }

    private func finish(_ number: Int, _ socket: CInt) {
        // Under the lock, so that `stop` never shuts down a number that has become somebody else's.
        state.withLock { state in
            state.open[number] = nil
            _ = close(socket)
        }
    }

    private func nextRequest(on socket: CInt, _ connection: Int, _ place: Int) -> Request? {
        guard var bytes = receive(6, on: socket) else { return nil }
        guard let rest = receive(Int(bytes[4]) << 8 | Int(bytes[5]), on: socket) else { return nil }
        bytes += rest
        guard bytes.count >= 12 else { return nil }
        return state.withLock { state in
            let request = Request(
                bytes: bytes, number: state.requests.count, connection: connection, place: place,
                time: clock.monotonic())
            state.requests.append(request)
            for hope in state.hopes where hope.count <= state.requests.count { hope.gate.open() }
            state.hopes.removeAll { $0.count <= state.requests.count }
            return request
        }
    }

    /// - Returns: false when the connection is over.
    private func serve(_ request: Request, on socket: CInt) -> Bool {
        let (script, history) = state.withLock { ($0.script, $0.history) }
        let proper = ScriptedServer.properReply(to: request, history)
        switch script(request) {
        case .proper: return send(proper, on: socket)
        case .changed(let change): return send(change(proper), on: socket)
        case .exception(let code):
            return send(Array(proper[0..<4]) + [0, 3, request.unit, request.function | 0x80, code], on: socket)
        case .bytes(let bytes): return send(bytes, on: socket)
        case .silence: return peerStays(on: socket, milliseconds: -1)
        case .drip(let milliseconds):
            return proper.allSatisfy { send([$0], on: socket) && peerStays(on: socket, milliseconds: milliseconds) }
        case .held(let gate, let change):
            _ = gate.wait()
            return send(change(proper), on: socket)
        case .cut(let count):
            _ = send(Array(proper.prefix(count)), on: socket)
            return false
        case .close: return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            return false
        case .delayed(let milliseconds):
            return peerStays(on: socket, milliseconds: milliseconds) && send(proper, on: socket)
        case .split(let count):
            return send(Array(proper.prefix(count)), on: socket) && peerStays(on: socket, milliseconds: 1)
                && send(Array(proper.dropFirst(count)), on: socket)
        case .halfOpen:
            // Without an event to wait for, poll ends only when the server stops.
            var nothing = pollfd(fd: socket, events: 0, revents: 0)
            return poll(&nothing, 1, -1) < 0
        case .reboot(let connections):
            state.withLock { state in
                state.unwelcome = state.connections + connections
                for socket in state.open.values { shutdown(socket, CInt(SHUT_RDWR)) }
            }
            return false
        }
    }

    /// The reply a faithful server would give.
    public static func properReply(to request: Request, _ history: History) -> [UInt8] {
        let items = (0..<request.count).map { history(request, request.start + $0) }
        var data: [UInt8] = []
        if request.function < 3 {
            data = Array(repeating: 0, count: (items.count + 7) / 8)
            for (index, item) in items.enumerated() where item != 0 { data[index / 8] |= 1 << UInt8(index % 8) }
        } else {
            for item in items { data += [UInt8(item >> 8), UInt8(item & 0xFF)] }
        }
        let length = data.count + 3
        return Array(request.bytes[0..<4])
            + [UInt8(length >> 8), UInt8(length & 0xFF), request.unit, request.function, UInt8(data.count)] + data
    }

    // MARK: Sockets

    private func receive(_ count: Int, on socket: CInt) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress! + filled, count - filled, 0) }
            guard got > 0 else { return nil }
            filled += got
        }
        return bytes
    }

    private func send(_ bytes: [UInt8], on socket: CInt) -> Bool {
        bytes.isEmpty || Glibc.send(socket, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    /// Waits until the peer hangs up, but no longer than so many milliseconds; -1 is for ever.
    private func peerStays(on socket: CInt, milliseconds: CInt) -> Bool {
        var waiting = pollfd(fd: socket, events: Int16(POLLIN | 0x2000 /* POLLRDHUP */), revents: 0)
        return poll(&waiting, 1, milliseconds) == 0
    }
}
