import Annunciation
import Console
import NIOCore
import Synchronization

/// A daemon with nothing but a stream: what the journal holds is a list.
final class FakeBackend: ConsoleBackend {
    let feed = AlarmFeed()
    let streams = StreamRoster()
    private let journal = Mutex<[AlarmLine]>([])
    private let standing: [AlarmLine]

    init(standing: [AlarmLine] = []) { self.standing = standing }

    /// Commits the next so many events.
    func commit(_ count: Int = 1, padding: Int = 0) {
        for _ in 0..<count {
            let line = journal.withLock { journal in
                let line = FakeLines.event((journal.last?.sequence ?? 0) + 1, padding: padding)
                journal.append(line)
                return line
            }
            feed.publish([line])
        }
    }

    /// The journal forgets its oldest.
    func prune(_ count: Int) { journal.withLock { $0.removeFirst(count) } }

    var greeting: StreamGreeting {
        StreamGreeting(version: "1", plant: "Test", boot: "boot-1", heartbeatSeconds: 10)
    }
    func snapshot() -> [AlarmLine] { standing }
    func history(after sequence: Int64, limit: Int, again: Bool) async throws -> [AlarmLine] {
        let lines = journal.withLock { journal in journal.filter { $0.sequence > sequence }.prefix(limit) }
        return lines.map { again ? FakeLines.event($0.sequence, dup: true) : $0 }
    }
    func newest(limit: Int) async throws -> [AlarmLine] { journal.withLock { $0.suffix(limit) } }

    func status() -> ByteBuffer { ByteBuffer() }
    func statusText() -> String { "" }
    func tags(matching pattern: String) -> [TagReport] { [] }
    func now(matching pattern: String) -> [ReadingReport] { [] }
    func alarms(all: Bool) -> [AlarmReport] { [] }
    func frames(of controller: String, since: Int64?) -> ByteBuffer? { nil }
    func explain(tag: String, at time: Int64) throws(ExplanationProblem) -> ByteBuffer { throw ExplanationProblem("") }
    func command(_ kind: OperatorCommand, _ requests: [CommandRequest], who: String) async -> [CommandReport] { [] }
    func heats() -> [HeatReport] { [] }
    func beginHeat(_ heat: HeatReport, who: String) async -> CommandReport { fatalError("not asked") }
    func annotate(_ note: AnnotationRequest, who: String) async throws(AnnotationRefusal) -> AnnotationReport {
        fatalError("not asked")
    }
    func beginImport(_ file: String, who: String, user: UInt32) throws(ImportTurnedAway) -> ImportReport {
        fatalError("not asked")
    }
    func importReport(_ id: String) -> ImportReport? { nil }
    func sinks() -> [SinkStatus] { [] }
    func testSink(_ name: String, who: String) async -> SinkTrial? { nil }
    func letters(of sink: String?) async throws -> [DeliveryReport] { [] }
    func deliveries(of sequence: Int64?, limit: Int) async throws -> [DeliveryReport] { [] }
    func resend(_ asked: SinkRequest, who: String) async throws -> ResendReport? { nil }
    func reload(who: String) async -> Result<ReloadReport, ReloadRefusal> { fatalError("not asked") }
}

enum FakeLines {
    /// - Parameter padding: bytes to make it longer.
    static func event(_ sequence: Int64, dup: Bool = false, padding: Int = 0) -> AlarmLine {
        let pad = padding > 0 ? "\"pad\":\"\(String(repeating: "x", count: padding))\"," : ""
        let mark = (dup ? "\"dup\":true," : "") + pad
        return AlarmLine(
            sequence: sequence, json: "{\(mark)\"seq\":\(sequence),\"what\":\"raise\"}\n", text: "", severity: 1,
            rank: 3, announces: true)
    }

    static func heartbeat(last: Int64) -> AlarmLine {
        AlarmLine(
            kind: .heartbeat, sequence: 0, json: "{\"last\":\(last),\"what\":\"heartbeat\"}\n", text: "", severity: 7,
            rank: 3, announces: false)
    }

    static func standing(_ name: String) -> AlarmLine {
        AlarmLine(
            kind: .snapshot, sequence: 0, json: "{\"id\":\"\(name)\",\"what\":\"snapshot\"}\n", text: "", severity: 1,
            rank: 3, announces: false)
    }
}
