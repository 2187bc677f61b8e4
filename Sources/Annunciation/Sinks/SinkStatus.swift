public import Plant

/// How a sink does, for `cupel sinks`. The names are the contract.
public struct SinkStatus: Codable, Sendable {
    public struct Latency: Codable, Sendable {
        /// Over the newest `count` events of this run, in milliseconds from their commit.
        public var count: Int
        public var p50: Double
        public var p99: Double
    }

    public var name: String
    public var kind: String
    /// Whether it knows that lines arrive.
    public var acknowledges: Bool
    /// Lines that wait here. More may wait in the journal, up to `behind`.
    public var backlog = 0
    /// Events of the journal that it has not looked at yet.
    public var behind: Int64 = 0
    /// When the oldest waiting event took effect.
    public var oldest: String?
    public var sent = 0
    /// Told as lost, to readers that cannot acknowledge.
    public var lost = 0
    /// Given up in this run; `cupel sinks letters` shows them all.
    public var dead = 0
    /// Everything up to it is delivered, given up, or not for this sink.
    public var sequence: Int64 = 0
    /// `closed` while lines go out, `open` while they wait for the next try.
    public var breaker = "closed"
    public var fault: String?
    public var failing_since: String?
    /// When the `send` that is under way began.
    public var trying_since: String?
    /// Milliseconds until the next try; `nil` also where nothing waits that could be tried.
    public var next_try_ms: Int64?
    public var written: Latency?
    public var acknowledged: Latency?
}

/// What a test of a sink brought.
public struct SinkTrial: Codable, Sendable {
    public var sink: String
    public var delivered: Bool
    /// Whether the sink knows that it arrived, or only that it was taken off us.
    public var acknowledged: Bool
    /// What came back, or why not.
    public var answer: String
    public var milliseconds: Double

    public init(sink: String, delivered: Bool, acknowledged: Bool, answer: String, milliseconds: Double) {
        (self.sink, self.delivered, self.acknowledged) = (sink, delivered, acknowledged)
        (self.answer, self.milliseconds) = (answer, milliseconds)
    }
}

extension LatencyWindow {
    var report: SinkStatus.Latency? {
        guard let p50 = percentile(50), let p99 = percentile(99) else { return nil }
        return SinkStatus.Latency(count: count, p50: p50, p99: p99)
    }
}

extension SinkDefinition.Kind {
    public var word: String {
        switch self {
        case .fifo: "fifo"
        case .exec: "exec"
        case .webhook: "webhook"
        case .journald: "journald"
        case .syslog: "syslog"
        case .mqtt: "mqtt"
        case .mail: "mail"
        case .file: "file"
        case .stdout: "stdout"
        }
    }
}
