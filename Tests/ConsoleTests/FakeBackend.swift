@testable import Annunciation
import Console
import NIOCore
import Plant
import Synchronization

/// A daemon with nothing but a stream: what the journal holds is a list.
final class FakeBackend: ConsoleBackend {
    let feed = AlarmFeed()
    let streams = StreamRoster()
    private let journal = Mutex<[AlarmLine]>([])
    private let standing: [AlarmLine]
    /// Sinks with how many dead letters each; one that is gone has some, too.
    let given = Mutex<(names: [String], letters: [String: Int])>(([], [:]))

    /// The group of the operators, and who was turned away from what.
    let access = Mutex<(operators: String?, turnedAway: [String])>((nil, []))

    init(standing: [AlarmLine] = []) { self.standing = standing }

    /// Commits the next so many events.
    ///
    /// - Parameter boot: the run of the daemon that makes them.
    func commit(_ count: Int = 1, padding: Int = 0, boot: String = "boot-1") {
        for _ in 0..<count {
            let line = journal.withLock { journal in
                let line = FakeLines.event((journal.last?.sequence ?? 0) + 1, padding: padding, boot: boot)
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
    var operators: String? { access.withLock { $0.operators } }
    func turnedAway(_ who: String, from what: String) { access.withLock { $0.turnedAway.append("\(who): \(what)") } }
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
    func sinks() -> [SinkStatus] { given.withLock { $0.names.map { FakeLines.status($0) } } }
    func testSink(_ name: String, who: String) async -> SinkTrial? { nil }
    func letters(of sink: String?) async throws -> [DeliveryReport] {
        let letters = given.withLock { $0.letters.filter { sink == nil || sink == $0.key } }
        return letters.sorted { $0.key < $1.key }.flatMap { name, count in
            (0..<count).map { FakeLines.delivery(Int64($0 + 1), at: name) }
        }
    }
    func deliveries(of sequence: Int64?, limit: Int) async throws -> [DeliveryReport] {
        [FakeLines.delivery(sequence ?? 0, at: "\(limit)")]
    }
    func resend(_ asked: SinkRequest, who: String) async throws -> ResendReport? { nil }
    func reload(who: String) async -> Result<ReloadReport, ReloadRefusal> { fatalError("not asked") }
}

enum FakeLines {
    static func status(_ name: String) -> SinkStatus { SinkStatus(name: name, kind: "file", acknowledges: true) }

    static func delivery(_ sequence: Int64, at sink: String) -> DeliveryReport {
        DeliveryReport(
            seq: sequence, sink: sink, outcome: "refused", reason: nil, tries: 1, t_source: nil, t_received: nil,
            t_committed: nil, t_written: nil, t_acked: nil, text: "")
    }

    /// - Parameter padding: bytes to make it longer.
    static func event(_ sequence: Int64, dup: Bool = false, padding: Int = 0, boot: String = "boot-1") -> AlarmLine {
        let pad = padding > 0 ? "\"pad\":\"\(String(repeating: "x", count: padding))\"," : ""
        let mark = (dup ? "\"dup\":true," : "") + pad
        return AlarmLine(
            sequence: sequence, json: "{\(mark)\"seq\":\(sequence),\"what\":\"raise\"}\n", text: "", severity: 1,
            rank: 3, announces: true, fields: [.boot: boot])
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
