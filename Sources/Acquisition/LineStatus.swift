import Plant

/// What `status` says of a line. Counters count from the start of the daemon or the last reload.
public struct LineStatus: Codable, Sendable {
    public var endpoint: String
    public var connected = false
    /// Why the line is down, `nil` while it works.
    public var fault: String?
    /// Connections made: the first, and one for each time it had to be made anew.
    public var connects = 0
    /// Requests answered with values, and those that were not, by cause: `timeout`, `exception-2`, `bad-reply-unit`.
    public var ok = 0
    public var failures: [String: Int] = [:]
    /// Bytes of values received.
    public var bytes = 0
    /// Round trips in milliseconds, from request to checked reply.
    public var rtt_min_ms: Double?
    public var rtt_mean_ms: Double?
    public var rtt_max_ms: Double?
    public var ring_refused_blocks = 0
    public var ring_high_water_cells = 0
    public var controllers: [ControllerStatus] = []
    public var groups: [GroupStatus] = []
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
}

/// A fault of a line, a controller or a block begins or ends. One of each, however often it was tried in between.
public struct LineNotice: Sendable, Hashable, CustomStringConvertible {
    /// A controller's name, its block's range, or the endpoint when a line of several controllers is concerned.
    public let subject: String
    public let cause: String
    public let ended: Bool
    /// How often it was tried in vain.
    public let attempts: Int
    /// How long it lasted; zero when it begins.
    public let lasted: Duration

    public var description: String {
        if !ended { return "\(subject): \(cause)" }
        let seconds = Double(lasted.milliseconds / 100) / 10
        return "\(subject) is well again after \(seconds) s and \(attempts) attempts (\(cause))"
    }
}
