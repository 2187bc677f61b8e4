import Annunciation
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Console

/// What is asked about sinks and events, and what cannot be meant.
@Suite(.serialized) struct SinkRouteTests {
    /// What a request was answered, by a daemon of two sinks, one of which is broken, and five events.
    private func answers(_ targets: [String]) async throws -> [String] {
        let backend = FakeBackend()
        backend.given.withLock { $0 = (["floor", "web"], ["web": 2, "gone": 1]) }
        backend.commit(5)
        return try await servingConsole(backend) { path in
            try targets.map { target in
                let curl = try Program(
                    "/usr/bin/curl", ["-s", "-w", " %{http_code}", "--unix-socket", path, "http://cupel/\(target)"])
                return try curl.exit().output
            }
        }
    }

    @Test func lettersOfASinkThatIsNoneAreAskedForByMistake() async throws {
        let answers = try await answers(
            ["letters", "letters?sink=web", "letters?sink=gone", "letters?sink=floor"].map { "sinks/" + $0 })
        #expect(answers.allSatisfy { $0.hasSuffix(" 200") })
        #expect(answers.map { $0.components(separatedBy: "\"seq\"").count - 1 } == [3, 2, 1, 0])
        let unknown = try await self.answers(["sinks/letters?sink=nosuch"])[0]
        #expect(unknown.hasSuffix(" 404"))
        #expect(unknown.contains("no sink is called nosuch") && unknown.contains("expected one of floor, web"))
    }

    @Test func deliveriesOfAnEventThatIsNone() async throws {
        let answers = try await answers(["sinks/deliveries?seq=5", "sinks/deliveries", "sinks/deliveries?seq=6"])
        #expect(answers[0].contains("\"seq\":5") && answers[0].hasSuffix(" 200"))
        #expect(answers[1].contains("\"sink\":\"100\"") && answers[1].hasSuffix(" 200"))
        #expect(answers[2].contains("the journal has no event 6") && answers[2].hasSuffix(" 404"))
    }

    @Test func whatIsNoNumberIsSaidSo() async throws {
        let wrong = [
            "sinks/deliveries?seq=abc", "sinks/deliveries?seq=0", "sinks/deliveries?limit=0",
            "sinks/deliveries?limit=x",
            "alarms/history?since=-1", "alarms/history?since=abc", "alarms/history?limit=-5", "alarms/history?limit=0",
        ]
        for (target, answer) in zip(wrong, try await answers(wrong)) { #expect(answer.hasSuffix(" 400"), "\(target)") }
        let lines = try await answers([
            "alarms/history?since=3", "alarms/history?limit=2", "alarms/history?since=0&limit=1",
        ])
        #expect(lines.map { $0.split(separator: "\n").count - 1 } == [2, 2, 1])
    }
}
