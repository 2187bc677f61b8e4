public import Modbus
public import Plant

/// A gentle conversation with one endpoint: one connection, one read at a time, a pause before each.
///
/// It belongs to one thread and blocks it; the interrupter ends it from any other. Many PLCs accept a single client, so
/// there is never a second connection, and a lost one is not made anew in haste.
public struct Inquiry: ~Copyable {
    /// Left between a reply and the next request unless the controller wants more: the default of the most careful peer
    /// (Neuron's Modbus driver), and next to nothing beside the seconds that a person waits.
    public static let pause: Duration = .milliseconds(20)
    /// How long connecting may take: one lost SYN is sent again after a second.
    static let connectTimeout: Duration = .seconds(3)
    /// Tries to make a lost connection anew. A PLC with one place for a client needs a moment to notice that its last
    /// client has gone.
    static let reconnects = 4
    /// Before the second of these tries; doubled before each further one.
    static let reconnectWait: Duration = .milliseconds(250)
    /// How often a question is asked before silence, or the exceptions that mean "later", are believed.
    static let patience = 2

    private let endpoints: [Endpoint]
    /// Tests have no device to spare.
    var shortestPause = Inquiry.pause
    var wait = Inquiry.reconnectWait
    /// How long a reply may take.
    public var timeout: Duration
    /// The pauses are never shorter than `Inquiry.pause`.
    public var pacing: Pacing
    private let interrupter: Interrupter
    private let clock = SystemClock()
    private var transport: SocketTransport
    private let payload: UnsafeMutableBufferPointer<UInt8>
    private var last: (unit: UInt8, at: Int64)?

    /// Requests that have left, and connections made.
    public private(set) var requests = 0
    public private(set) var connections = 0
    /// Of all proper replies, exceptions among them, since `takeRoundTrips`.
    private var roundTrips = RoundTrips()

    /// - Parameter endpoints: where the other side can be reached, the preferred one first. Not empty.
    public init(
        endpoints: [Endpoint], timeout: Duration, pacing: Pacing = Pacing(pause: Inquiry.pause),
        interrupter: Interrupter
    ) {
        precondition(!endpoints.isEmpty, "nobody to ask")
        self.endpoints = endpoints
        self.timeout = timeout
        self.pacing = pacing
        self.interrupter = interrupter
        transport = SocketTransport(interrupter: interrupter)
        // The longest payload there is: 125 registers or 2000 bits.
        payload = .allocate(capacity: 2 * RegisterTable.holding.protocolLimit)
    }

    deinit { payload.deallocate() }

    /// Asks once.
    ///
    /// A connection that the other side has closed since the last reply is made anew and the question asked again: it
    /// had not been answered. On a connection that stands nothing is ever asked twice.
    ///
    /// - Throws: only what makes further questions pointless: no connection, a fault of this machine, `stopped`.
    public mutating func ask(_ request: ReadRequest) throws(ModbusError) -> Reply {
        let wasConnected = transport.isConnected
        let reply = try askOnce(request)
        guard wasConnected, case .disconnected = reply.error else { return reply }
        return try askOnce(request)
    }

    /// Asks again when nobody answered, or the answer was "later", before it believes that.
    public mutating func askPatiently(_ request: ReadRequest) throws(ModbusError) -> Reply {
        // Not a variable that is asked for again: the optimiser of Swift 6.3.1 fails on that (CopyPropagation).
        for _ in 1..<Inquiry.patience {
            let reply = try ask(request)
            guard let error = reply.error, Inquiry.mayPass(error) else { return reply }
            interrupter.sleep(nanoseconds: wait.nanoseconds)
        }
        return try ask(request)
    }

    /// The round trips since the last call.
    public mutating func takeRoundTrips() -> RoundTrips {
        defer { roundTrips = RoundTrips() }
        return roundTrips
    }

    // MARK: -

    /// Exceptions 5 and 6 are "not yet" (Modbus Application Protocol V1.1b3, section 7); a lost segment is silence.
    private static func mayPass(_ error: ModbusError) -> Bool {
        error == .timeout || error == .exception(5) || error == .exception(6)
    }

    private mutating func askOnce(_ request: ReadRequest) throws(ModbusError) -> Reply {
        if !transport.isConnected { try connect() }
        rest(before: request.unit)
        guard !interrupter.isInterrupted else { throw .stopped }
        let sent = clock.wall()
        let began = clock.monotonic()
        requests += 1
        let strays = transport.strays
        let outcome: Result<[UInt8], ModbusError>
        do throws(ModbusError) {
            let count = try transport.read(request, timeout: timeout, into: payload)
            outcome = .success(Array(payload[..<count]))
        } catch {
            switch error {
            case .stopped, .localFault: throw error
            // Whoever answers, and only ever with another number, is not silent.
            case .timeout where transport.strays > strays: outcome = .failure(.badReply(.transaction))
            case .timeout, .refused, .unreachable, .disconnected, .badReply, .exception: outcome = .failure(error)
            }
        }
        let now = clock.monotonic()
        last = (request.unit, now)
        let reply = Reply(request: request, outcome: outcome, sent: sent, took: now - began)
        switch reply.error {
        case nil, .exception: roundTrips.add(reply.took)
        case .timeout, .refused, .unreachable, .disconnected, .badReply, .localFault, .stopped: break
        }
        return reply
    }

    private func rest(before unit: UInt8) {
        guard let last else { return }
        let pause = max(shortestPause, pacing.pause, last.unit == unit ? .zero : pacing.unitPause)
        let until = last.at + pause.nanoseconds
        while clock.monotonic() < until, !interrupter.isInterrupted {
            interrupter.sleep(nanoseconds: until - clock.monotonic())
        }
    }

    /// The first connection fails at once, so that a wrong address is told at once; a lost one is tried again.
    private mutating func connect() throws(ModbusError) {
        var wait = wait.nanoseconds
        for _ in 1..<(connections == 0 ? 1 : Inquiry.reconnects) {
            do throws(ModbusError) {
                return try connectToAny()
            } catch {
                guard error != .stopped else { throw error }
                interrupter.sleep(nanoseconds: wait)
                wait *= 2
            }
        }
        try connectToAny()
    }

    private mutating func connectToAny() throws(ModbusError) {
        var failure: ModbusError?
        for endpoint in endpoints {
            do throws(ModbusError) {
                try transport.connect(to: endpoint, timeout: Inquiry.connectTimeout)
                connections += 1
                interrupter.sleep(nanoseconds: pacing.connectDelay.nanoseconds)
                return
            } catch {
                if error == .stopped { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }
}
