import Foundation
import Plant
import Synchronization
import Testing

@testable import Annunciation

extension AlarmLine {
    static func test(_ sequence: Int64, rank: Int = 2, announces: Bool = true) -> AlarmLine {
        AlarmLine(
            sequence: sequence, json: "{\"seq\":\(sequence)}\n", text: "event \(sequence)\n", severity: 2, rank: rank,
            announces: announces)
    }
}

/// An outlet that answers as it is told, and lets a test wait for what it was given.
final class ScriptedOutlet: Outlet {
    private let state: Mutex<(answer: Delivery, sent: [AlarmLine])>
    private let arrived = DispatchSemaphore(value: 0)

    init(_ answer: Delivery = .delivered) { state = Mutex((answer, [])) }

    func answer(_ delivery: Delivery) { state.withLock { $0.answer = delivery } }

    func send(_ line: AlarmLine) -> Delivery {
        defer { arrived.signal() }
        return state.withLock {
            $0.sent.append(line)
            return $0.answer
        }
    }

    var sent: [AlarmLine] { state.withLock { $0.sent } }

    /// Waits until it was asked `count` more times.
    func wait(_ count: Int = 1) -> Bool {
        for _ in 0..<count where arrived.wait(timeout: .now() + 60) == .timedOut { return false }
        return true
    }
}

struct SinkTests {
    static func sink(_ outlet: ScriptedOutlet, min: Priority = .low, eventsToo: Bool = true) -> Sink {
        Sink(name: "test", outlet: outlet, minPriority: min, eventsToo: eventsToo, growing: false, log: { _ in })
    }

    @Test func linesGoOutInOrder() throws {
        let outlet = ScriptedOutlet()
        let sink = Self.sink(outlet)
        try sink.start()
        sink.offer([.test(1), .test(2)])
        sink.offer([.test(3)])
        sink.stop()
        sink.join()
        #expect(outlet.sent.map(\.sequence) == [1, 2, 3])
        #expect(sink.status.sent == 3)
        #expect(sink.status.lastSequence == 3)
    }

    @Test func aLineThatIsNotTakenIsTriedAgainAndNoneOvertakesIt() throws {
        let outlet = ScriptedOutlet(.unavailable("nobody there"))
        let sink = Self.sink(outlet)
        try sink.start()
        sink.offer([.test(1), .test(2)])
        #expect(outlet.wait())
        #expect(sink.status.backlog == 2)
        outlet.answer(.delivered)
        #expect(outlet.wait(2))
        sink.stop()
        sink.join()
        #expect(outlet.sent.map(\.sequence) == [1, 1, 2])
        #expect(sink.status.fault == nil)
    }

    @Test func aSinkGetsWhatItAskedFor() throws {
        let outlet = ScriptedOutlet()
        let sink = Self.sink(outlet, min: .high, eventsToo: false)
        try sink.start()
        sink.offer([.test(1, rank: 1), .test(2, rank: 2), .test(3, rank: 3, announces: false), .test(4, rank: 3)])
        sink.stop()
        sink.join()
        #expect(outlet.sent.map(\.sequence) == [2, 4])
    }

    @Test func whatAStuckSinkLosesItIsTold() throws {
        let outlet = ScriptedOutlet(.unavailable("stuck"))
        let sink = Self.sink(outlet)
        let excess = 7
        sink.offer((1...Int64(Sink.backlogLimit + excess)).map { .test($0) })
        #expect(sink.status.backlog == Sink.backlogLimit)
        #expect(sink.status.lost == excess)
        outlet.answer(.delivered)
        try sink.start()
        sink.stop()
        sink.join()
        let first = try #require(outlet.sent.first)
        #expect(first.json == "{\"what\":\"gap\",\"from\":1,\"to\":7,\"lost\":7}\n")
        #expect(outlet.sent.dropFirst().map(\.sequence) == (8...Int64(Sink.backlogLimit + excess)).map { $0 })
    }

    @Test func anEventThatCouldNotBeJournalledWaitsLikeAnyOther() throws {
        let outlet = ScriptedOutlet(.unavailable("busy"))
        let sink = Self.sink(outlet)
        sink.offer([.test(0), .test(0), .test(0)])
        #expect(sink.status.backlog == 3)
        outlet.answer(.delivered)
        try sink.start()
        sink.stop()
        sink.join()
        #expect(outlet.sent.count == 3)
    }

    @Test func aSinkThatGoesOnWhereItWasSendsNothingMoreWhenItStops() throws {
        let outlet = ScriptedOutlet()
        let sink = Sink(
            name: "pager", outlet: outlet, minPriority: .low, eventsToo: true, growing: true, delivered: { _ in },
            log: { _ in })
        sink.offer([.test(1), .test(2)])
        sink.stop()
        try sink.start()
        sink.join()
        #expect(outlet.sent.isEmpty)
    }

    @Test func aHeartbeatWaitsForNobody() {
        let sink = Self.sink(ScriptedOutlet())
        sink.offer([.test(1)])
        sink.offer([
            AlarmLine(sequence: 0, json: "{}\n", text: "", severity: 7, rank: 3, announces: false, isHeartbeat: true)
        ])
        #expect(sink.status.backlog == 1)
    }
}

struct AlarmHubTests {
    @Test func everyListenerHearsEverything() async {
        let hub = AlarmHub()
        let streams = [hub.listen(), hub.listen()].compactMap { $0 }
        hub.publish([.test(1), .test(2)])
        hub.close()
        for stream in streams {
            var heard: [Int64] = []
            for await line in stream { heard.append(line.sequence) }
            #expect(heard == [1, 2])
        }
        #expect(hub.lastSequence == 2)
        #expect(hub.listen() == nil)
    }

    @Test func aListenerThatDoesNotReadIsCutOffAndTheOthersAreNot() async throws {
        let hub = AlarmHub()
        let stuck = try #require(hub.listen())
        for sequence in 1...Int64(AlarmHub.backlogLimit + 1) { hub.publish([.test(sequence)]) }
        #expect(hub.cut == 1)
        #expect(hub.listeners == 0)
        var heard: Int64 = 0
        for await line in stuck { heard = line.sequence }
        #expect(heard == Int64(AlarmHub.backlogLimit))
        _ = hub.listen()
    }
}
