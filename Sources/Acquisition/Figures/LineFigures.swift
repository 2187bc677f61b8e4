import Modbus
import Plant

/// What is counted of requests and replies: of a line, or of one of its controllers.
struct RequestFigures: Sendable {
    /// Requests that were answered with values, and their bytes.
    var ok = 0
    var bytes = 0
    /// Those that were not, by the name of their cause.
    var failures: [String: Int] = [:]
    var roundTrips = TimeHistogram()
    /// The round trips of the diagnostic period that runs.
    var recent = TimeHistogram()

    mutating func answered(after nanoseconds: Int64, bytes: Int) {
        ok += 1
        self.bytes += bytes
        roundTrips.add(nanoseconds)
        recent.add(nanoseconds)
    }

    mutating func add(_ other: RequestFigures) {
        ok += other.ok
        bytes += other.bytes
        failures.merge(other.failures, uniquingKeysWith: +)
        roundTrips.add(other.roundTrips)
        recent.add(other.recent)
    }

    mutating func failed(_ error: ModbusError) { failures[error.counter, default: 0] += 1 }

    func sum(of prefixes: String...) -> Int {
        failures.reduce(0) { sum, failure in
            sum + (prefixes.contains { failure.key.hasPrefix($0) } ? failure.value : 0)
        }
    }
}

/// What is counted of the scans of one group.
struct ScanFigures: Sendable {
    /// Scans that should have been, those that were, that a fault ended, that began late, that were left out.
    var requested = 0
    var scans = 0
    var failed = 0
    var late = 0
    var skipped = 0
    var lateness = TimeHistogram()
    var pass = TimeHistogram()
    var recentLateness = TimeHistogram()
    var recentPass = TimeHistogram()
    var lastSequence: UInt64 = 0
    var lastPass: Int64 = 0

    mutating func began(late: Bool, lateness nanoseconds: Int64?, skipped: Int) {
        requested += 1 + skipped
        self.late += late ? 1 : 0
        self.skipped += skipped
        guard let nanoseconds else { return }
        lateness.add(nanoseconds)
        recentLateness.add(nanoseconds)
    }

    mutating func ended(sequence: UInt64, after nanoseconds: Int64) {
        scans += 1
        lastSequence = sequence
        lastPass = nanoseconds
        pass.add(nanoseconds)
        recentPass.add(nanoseconds)
    }
}

/// A diagnostic group of a line: what it tells about, as an index into the line's own arrays, and the counts at the
/// end of its last period.
struct Diagnosis: Sendable {
    enum Subject: Sendable, Hashable {
        case line
        case unit(Int)
        case group(Int)
    }

    let group: ScanGroup.ID
    let subject: Subject
    let figures: [Diagnostic]
    var sequence: UInt64
    private var since: Int64
    private var requests = 0
    private var bytes = 0
    private var waited: Int64 = 0
    private var requested = 0
    private var scans = 0
    private var skipped = 0

    init(group: ScanGroup.ID, subject: Subject, figures: [Diagnostic], sequence: UInt64, now: Int64) {
        self.group = group
        self.subject = subject
        self.figures = figures
        self.sequence = sequence
        since = now
    }

    /// The value of each figure in the order of `figures`; `nil` where it has none in this period.
    mutating func values(
        of asked: RequestFigures, connected: Bool, endpoint: Int, connects: Int, strays: Int,
        quarantined: Int, at now: Int64
    ) -> [Double?] {
        let seconds = Double(max(1, now - since)) / 1e9
        let all = asked.ok + asked.failures.values.reduce(0, +)
        defer {
            (since, requests, bytes, waited) = (now, all, asked.bytes, asked.roundTrips.total)
        }
        return figures.map { figure in
            switch figure {
            case .connected, .answers: connected ? 1 : 0
            case .endpoint: Double(endpoint)
            case .connects: Double(connects)
            case .ok: Double(asked.ok)
            case .timeouts: Double(asked.sum(of: "timeout"))
            case .refusals: Double(asked.sum(of: "refused", "unreachable"))
            case .disconnects: Double(asked.sum(of: "disconnected"))
            case .badReplies: Double(asked.sum(of: "bad-reply"))
            case .strays: Double(strays + (asked.failures["bad-reply-stray"] ?? 0))
            case .exceptions: Double(asked.sum(of: "exception-"))
            case .exception1: Double(asked.failures["exception-1"] ?? 0)
            case .exception2: Double(asked.failures["exception-2"] ?? 0)
            case .exception3: Double(asked.failures["exception-3"] ?? 0)
            case .exception4: Double(asked.failures["exception-4"] ?? 0)
            case .exception5: Double(asked.failures["exception-5"] ?? 0)
            case .exception6: Double(asked.failures["exception-6"] ?? 0)
            case .exception8: Double(asked.failures["exception-8"] ?? 0)
            case .exception10: Double(asked.failures["exception-10"] ?? 0)
            case .exception11: Double(asked.failures["exception-11"] ?? 0)
            case .quarantined: Double(quarantined)
            case .requestRate: Double(all - requests) / seconds
            case .byteRate: Double(asked.bytes - bytes) / seconds
            case .busy: min(100, Double(asked.roundTrips.total - waited) / 1e7 / seconds)
            case .roundTripMin: asked.recent.count == 0 ? nil : Double(asked.recent.min) / 1e6
            case .roundTripMean: asked.recent.mean.map { Double($0) / 1e6 }
            case .roundTripP99: asked.recent.quantile(0.99).map { Double($0) / 1e6 }
            case .roundTripMax: asked.recent.count == 0 ? nil : Double(asked.recent.max) / 1e6
            case .requestedRate, .achievedRate, .scans, .failed, .late, .skipped, .latenessMean, .latenessMax,
                .passMean, .passMax, .overload:
                nil
            }
        }
    }

    /// The same for a scan group.
    mutating func values(of scanned: ScanFigures, at now: Int64) -> [Double?] {
        let seconds = Double(max(1, now - since)) / 1e9
        let asked = scanned.requested - requested
        let done = scanned.scans - scans
        let left = scanned.skipped - skipped
        defer {
            (since, requested, scans, skipped) = (now, scanned.requested, scanned.scans, scanned.skipped)
        }
        return figures.map { figure in
            switch figure {
            case .requestedRate: Double(asked) / seconds
            case .achievedRate: Double(done) / seconds
            case .scans: Double(scanned.scans)
            case .failed: Double(scanned.failed)
            case .late: Double(scanned.late)
            case .skipped: Double(scanned.skipped)
            case .latenessMean: scanned.recentLateness.mean.map { Double($0) / 1e6 }
            case .latenessMax: scanned.recentLateness.count == 0 ? nil : Double(scanned.recentLateness.max) / 1e6
            case .passMean: scanned.recentPass.mean.map { Double($0) / 1e6 }
            case .passMax: scanned.recentPass.count == 0 ? nil : Double(scanned.recentPass.max) / 1e6
            // Scans that were not asked for because the controller is lost are no sign of overload.
            case .overload: asked == 0 ? 0 : 100 * Double(left) / Double(asked)
            case .connected, .answers, .endpoint, .connects, .ok, .timeouts, .refusals, .disconnects, .badReplies,
                .strays, .exceptions, .exception1, .exception2, .exception3, .exception4, .exception5, .exception6,
                .exception8, .exception10, .exception11, .quarantined, .requestRate, .byteRate, .busy, .roundTripMin,
                .roundTripMean, .roundTripP99, .roundTripMax:
                nil
            }
        }
    }
}
