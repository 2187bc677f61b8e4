public import Annunciation
public import NIOCore

/// What the routes need of the daemon. The console knows HTTP and nothing of threads, rings or databases.
public protocol ConsoleBackend: Sendable {
    /// The status of the whole daemon, as JSON.
    func status() -> ByteBuffer
    /// The same for a person.
    func statusText() -> String
    func tags(matching pattern: String) -> [TagReport]
    func now(matching pattern: String) -> [ReadingReport]
    func alarms(all: Bool) -> [AlarmReport]
    /// What the flight recorder of a controller's line holds, as a packet capture.
    ///
    /// - Parameter since: UTC milliseconds; frames before it are left out.
    /// - Returns: nil when no controller has this name.
    func frames(of controller: String, since: Int64?) -> ByteBuffer?
    /// Where a reading came from, as JSON; or why that cannot be said.
    ///
    /// - Parameter time: UTC milliseconds.
    func explain(tag: String, at time: Int64) throws(ExplanationProblem) -> ByteBuffer
    /// The journal's lines after a sequence number, oldest first, `limit` at most.
    ///
    /// - Parameter again: marks them `dup`: they may have been sent before.
    func history(after sequence: Int64, limit: Int, again: Bool) async throws -> [AlarmLine]
    /// The newest `limit` lines, oldest first.
    func newest(limit: Int) async throws -> [AlarmLine]
    /// The standing alarms as lines, for a reader that joins.
    func snapshot() -> [AlarmLine]
    /// The group whose members may do what operators do; nil when everybody may who may connect.
    var operators: String? { get }
    /// Notes that somebody asked for what only operators may do.
    func turnedAway(_ who: String, from what: String)
    /// An answer for each request, in their order.
    func command(_ kind: OperatorCommand, _ requests: [CommandRequest], who: String) async -> [CommandReport]
    /// The heat on each controller.
    func heats() -> [HeatReport]
    /// Begins a heat, or with no heat ends the present one.
    func beginHeat(_ heat: HeatReport, who: String) async -> CommandReport
    /// Notes something in the history.
    func annotate(_ note: AnnotationRequest, who: String) async throws(AnnotationRefusal) -> AnnotationReport
    /// Takes over an import that the command line has staged.
    ///
    /// - Parameter user: the number of the user who asks.
    func beginImport(_ file: String, who: String, user: UInt32) throws(ImportTurnedAway) -> ImportReport
    /// How an import does; nil when nobody remembers it.
    func importReport(_ id: String) -> ImportReport?
    /// How each sink does.
    func sinks() -> [SinkStatus]
    /// Sends a marked line through a sink; nil when there is no such sink.
    func testSink(_ name: String, who: String) async -> SinkTrial?
    /// What sinks gave up, of one or of all.
    func letters(of sink: String?) async throws -> [DeliveryReport]
    /// The newest deliveries, of one event or of all.
    func deliveries(of sequence: Int64?, limit: Int) async throws -> [DeliveryReport]
    /// Queues events for a sink again; nil when there is no such sink.
    func resend(_ asked: SinkRequest, who: String) async throws -> ResendReport?
    /// Loads the configuration again: what that changed, or every error of it.
    func reload(who: String) async -> Result<ReloadReport, ReloadRefusal>
    /// Where the alarm lines come from, and who reads them.
    var feed: AlarmFeed { get }
    var streams: StreamRoster { get }
    var greeting: StreamGreeting { get }
}

/// Why a reading cannot be explained.
public struct ExplanationProblem: Error {
    public let detail: String
    public init(_ detail: String) { self.detail = detail }
}
