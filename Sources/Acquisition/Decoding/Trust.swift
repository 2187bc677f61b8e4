import Plant

/// Whether what a controller says can be believed as a whole: its register layout, and that its program runs.
struct Trust: Sendable {
    private enum Expectation { case notSeen, met, broken }

    private var expectations: [Expectation]
    private let heartbeatTimeout: Int64
    private var heartbeat: (bits: UInt64?, since: Int64)?
    private(set) var isFrozen = false

    /// - Parameter expectations: how many tags of the controller have an `expect`.
    init(expectations: Int, heartbeatTimeout: Duration) {
        self.expectations = Array(repeating: .notSeen, count: expectations)
        self.heartbeatTimeout = heartbeatTimeout.nanoseconds
    }

    /// Why nothing of this controller counts as good; `nil` when it may.
    ///
    /// A layout that has not been seen yet is no better than a wrong one: whoever stands behind the address now may
    /// be another instrument.
    var doubt: Quality? {
        if expectations.contains(where: { $0 != .met }) { return .layoutMismatch }
        return isFrozen ? .frozen : nil
    }

    /// False when a tag with `expect` held something else.
    var layoutMatches: Bool { !expectations.contains(.broken) }

    mutating func sawExpectation(_ number: Int, met: Bool) { expectations[number] = met ? .met : .broken }

    /// The connection was lost: the layout must be shown anew.
    ///
    /// The heartbeat stays. If it has not moved across the outage, the program behind it has not either.
    mutating func forgetLayout() {
        for number in expectations.indices { expectations[number] = .notSeen }
    }

    /// The heartbeat was asked for and could not be read: nobody has seen it beat.
    mutating func missedHeartbeat(at now: Int64) {
        guard let heartbeat else {
            // Of no value that a register can have, so that the first reading is a beat.
            heartbeat = (nil, now)
            return
        }
        isFrozen = now - heartbeat.since > heartbeatTimeout
    }

    /// A reading of the heartbeat, at a monotonic time. Only readings count: a heartbeat that is scanned more rarely
    /// than its timeout is not frozen between two scans.
    mutating func sawHeartbeat(_ bits: UInt64, at now: Int64) {
        guard let heartbeat, heartbeat.bits == bits else {
            heartbeat = (bits, now)
            isFrozen = false
            return
        }
        isFrozen = now - heartbeat.since > heartbeatTimeout
    }
}
