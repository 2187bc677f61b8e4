import Plant

/// What `status` says of a line. Counters count from the start of the line: that of the daemon, or the last reload
/// that changed it.
public struct LineStatus: Codable, Sendable {
    /// The endpoint in use, and all of them when there are several.
    public var endpoint: String
    public var endpoints: [String] = []
    public var connected = false
    /// Why the line is down, `nil` while it works.
    public var fault: String?
    /// Connections made: the first, and one for each time it had to be made anew.
    public var connects = 0
    /// What is set on its sockets, so that a dead peer is noticed.
    public var socket: String?
    /// Requests answered with values, and those that were not, by cause: `timeout`, `exception-2`, `bad-reply-unit`.
    public var ok = 0
    public var failures: [String: Int] = [:]
    /// Replies that answered nothing that was asked, and were dropped without harm.
    public var strays = 0
    /// Bytes of values received.
    public var bytes = 0
    /// Round trips in milliseconds, from request to checked reply.
    public var rtt_min_ms: Double?
    public var rtt_mean_ms: Double?
    public var rtt_p99_ms: Double?
    public var rtt_max_ms: Double?
    public var rtt_histogram: [HistogramBar] = []
    public var ring_refused_blocks = 0
    public var ring_high_water_cells = 0
    public var controllers: [ControllerStatus] = []
    public var groups: [GroupStatus] = []
}

/// One bucket of a histogram: how many round trips took no longer than this, and longer than the bar before.
public struct HistogramBar: Codable, Sendable, Hashable {
    public var up_to_ms: Double
    public var count: Int
}

public struct ControllerStatus: Codable, Sendable {
    public var name: String
    public var unit: Int
    /// Why it is lost, `nil` while it answers.
    public var fault: String?
    /// The heartbeat stands still.
    public var frozen = false
    /// False when a tag with `expect` held something else.
    public var layout_matches = true
    public var ok = 0
    public var failures: [String: Int] = [:]
    public var rtt_min_ms: Double?
    public var rtt_mean_ms: Double?
    public var rtt_p99_ms: Double?
    public var rtt_max_ms: Double?
    /// Registers that it refuses; each is tested again from time to time, everything else goes on.
    public var quarantined: [QuarantinedRegisters] = []
    /// The largest request it was found to answer, when that is less than configured: registers, and bits.
    public var learned: LearnedLimits?
    /// Requests that may be on their way at once now; fewer than configured after a fault.
    public var in_flight = 1
}

/// Registers that are left out, and what they are refused with.
public struct QuarantinedRegisters: Codable, Sendable, Hashable {
    public var registers: String
    public var tags: [String]
    public var cause: String
}

/// The largest requests that a controller answers, when it was found to answer less than its configuration says.
public struct LearnedLimits: Codable, Sendable, Hashable {
    public var registers: Int?
    public var bits: Int?

    public init(registers: Int? = nil, bits: Int? = nil) { (self.registers, self.bits) = (registers, bits) }
}

public struct GroupStatus: Codable, Sendable {
    public var name: String
    public var period_ms: Int64
    /// Scans that should have been, while the controller was not known to be lost: done, failed and skipped.
    public var requested = 0
    /// Scans done, and those that a fault of the link ended.
    public var scans = 0
    public var failed = 0
    /// Scans that began more than a tenth of their period late, and those left out because their time had passed.
    public var late = 0
    public var skipped = 0
    public var last_sequence: UInt64 = 0
    public var last_scan_ms: Double = 0
    /// Scans a second, over the life of the line: asked for by the period, and achieved.
    public var requested_per_s: Double = 0
    public var achieved_per_s: Double = 0
    /// How long after its place on the grid a scan began.
    public var lateness_mean_ms: Double?
    public var lateness_p99_ms: Double?
    public var lateness_max_ms: Double?
    /// How long a scan should take with the round trips that were measured, and how long it did.
    public var pass_expected_ms: Double = 0
    public var pass_mean_ms: Double?
    public var pass_max_ms: Double?
}

/// A fault of a line, a controller or a block begins or ends. One of each, however often it was tried in between.
public struct LineNotice: Sendable, Hashable, CustomStringConvertible {
    /// A controller's name, its block's range, or the endpoint when a line of several controllers is concerned.
    public let subject: String
    /// False for what is only worth knowing.
    public let isFault: Bool
    public let cause: String
    public let ended: Bool
    /// How often it was tried in vain.
    public let attempts: Int
    /// How long it lasted; zero when it begins.
    public let lasted: Duration

    init(
        subject: String, isFault: Bool = true, cause: String, ended: Bool = false, attempts: Int = 1,
        lasted: Duration = .zero
    ) {
        self.subject = subject
        self.isFault = isFault
        self.cause = cause
        self.ended = ended
        self.attempts = attempts
        self.lasted = lasted
    }

    public var description: String {
        if !ended { return "\(subject): \(cause)" }
        let seconds = Double(lasted.milliseconds / 100) / 10
        return "\(subject) is well again after \(seconds) s and \(attempts) attempts (\(cause))"
    }
}
