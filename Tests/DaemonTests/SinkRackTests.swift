import Foundation
import Journal
import Plant
import Ring
import Synchronization
import Testing

@testable import Annunciation
@testable import Daemon

/// Sinks under a change of their definitions, over a real journal.
@Suite(.timeLimit(.minutes(20)))
final class SinkRackTests {
    private let folder: String
    private let journal: Journal
    private let told = Told()
    private let rack: SinkRack
    private let clock = LaterClock()

    /// What outlets were given, by the sink's name and its number among those of that name.
    final class Told: Sendable {
        private struct State {
            var made: [String: Int] = [:]
            var lines: [String: [String]] = [:]
            var log: [String] = []
        }

        private let state = Mutex(State())
        let doorbell = Doorbell()

        func make(_ name: String) -> String {
            state.withLock { state in
                state.made[name, default: 0] += 1
                return "\(name)#\(state.made[name] ?? 0)"
            }
        }

        func take(_ line: AlarmLine, at place: String) {
            state.withLock { $0.lines[place, default: []].append(line.text) }
            doorbell.ring()
        }

        /// Waits until a place has been told so much.
        func wait(_ place: String, _ count: Int) -> [String] {
            while true {
                doorbell.listen()
                let lines = state.withLock { $0.lines[place] ?? [] }
                if lines.count >= count { return lines }
                doorbell.wait(nanoseconds: 1_000_000_000)
            }
        }

        func note(_ line: String) { state.withLock { $0.log.append(line) } }
        var log: [String] { state.withLock { $0.log } }

        func lines(_ place: String) -> [String] { state.withLock { $0.lines[place] ?? [] } }
    }

    private final class Recording: Outlet {
        let place: String
        let told: Told
        init(_ place: String, _ told: Told) { (self.place, self.told) = (place, told) }
        let acknowledges = true
        func send(_ lines: [AlarmLine]) -> Delivery {
            for line in lines { told.take(line, at: place) }
            return .all(of: lines)
        }
    }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sinks-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let journal = try Journal(path: folder + "/journal.db", plantName: "T", boot: "b")
        self.journal = journal
        let told = self.told
        let rack = SinkRack(journal: journal, clock: clock, offset: { _ in 0 }, log: { told.note($0) }) { definition in
            Recording(told.make(definition.name), told)
        }
        self.rack = rack
        try journal.start { notices in rack.offer(notices.map { AlarmLine($0) }) }
    }

    deinit {
        journal.stop()
        rack.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func pager(_ command: String, _ priority: Priority = .low) -> SinkDefinition {
        SinkDefinition(
            name: "pager", kind: .exec(argv: [command], timeout: .seconds(1)),
            selection: SinkSelection(minPriority: priority, events: .all))
    }

    private let log = SinkDefinition(name: "log", kind: .journald)

    private func journal(_ texts: String...) {
        for text in texts { journal.append(JournalEntry(notices: [.daemon(.clockStep, text: text, at: 1)])) }
    }

    @Test func aSinkThatStaysIsTheSameAndMissesNothing() throws {
        try rack.change(to: [log])
        journal("one")
        _ = told.wait("log#1", 1)
        try rack.change(to: [pager("/bin/a"), log])
        journal("two")
        #expect(told.wait("log#1", 2).count == 2)
        #expect(told.lines("log#2").isEmpty)
        #expect(rack.statuses.map(\.name) == ["pager", "log"], "in the order of the configuration")
        #expect(told.wait("pager#1", 1).count == 1, "a new sink begins now")
    }

    @Test func aChangedSinkGoesOnWhereItsNameStopped() throws {
        try rack.change(to: [pager("/bin/a")])
        journal("one", "two")
        _ = told.wait("pager#1", 2)
        // Nobody is there when the third comes.
        try rack.change(to: [])
        journal("three")
        try rack.change(to: [pager("/bin/b")])
        journal("four")
        let later = told.wait("pager#2", 2)
        #expect(later.count == 2)
        #expect(later[0].contains("three") && later[1].contains("four"))
        #expect(told.lines("pager#1").count == 2)
    }

    @Test func aSinkThatWasAwayForLongBeginsAnew() throws {
        try rack.change(to: [pager("/bin/a")])
        journal("one")
        _ = told.wait("pager#1", 1)
        try rack.change(to: [])
        journal("two", "three")
        #expect(journal.settle(within: .seconds(60)))
        #expect(try journal.cursors()["pager"]?.absentSince != nil)
        clock.later.store(86_460, ordering: .relaxed)
        try rack.change(to: [pager("/bin/b")])
        #expect(try journal.cursors()["pager"]?.absentSince == nil)
        journal("four")
        #expect(told.wait("pager#2", 1)[0].contains("four"))
        #expect(told.log.contains { $0.contains("begins anew; events 2 to 3 are not told") })
    }

    /// Else the next run tells the last words again.
    @Test func anEndSavesHowFarEachSinkCame() throws {
        try rack.change(to: [log, pager("/bin/a")])
        journal("one", "two", "three")
        #expect(journal.settle(within: .seconds(60)))
        rack.stop()
        journal.stop()
        let reader = try JournalReader(path: folder + "/journal.db")
        #expect(try reader.deliveries(limit: 10).filter { $0.sink == "pager" }.map(\.sequence) == [1, 2, 3])
        let again = try Journal(path: folder + "/journal.db", plantName: "T", boot: "c")
        #expect(try again.cursors().mapValues(\.sequence) == ["log": 3, "pager": 3])
    }

    @Test func theFailureOfASinkIsToldToTheOthers() throws {
        try rack.change(to: [log, pager("/bin/a")])
        let ledger = JournalLedger(sink: "log", journal: journal)
        ledger.gaveUp(GivenUp(AlarmLine(.daemon(.started, text: "", at: 1)), reason: "HTTP 401"))
        #expect(told.wait("pager#1", 1)[0].contains("sink log gave up started: HTTP 401"))
        let notice = try #require(try journal.newest(limit: 1).last)
        #expect(notice.notTo == "log" && notice.onlyTo == nil)
        #expect(notice.priority == "low", "as urgent as what was given up")
        journal("next")
        _ = told.wait("pager#1", 2)
        #expect(!told.wait("log#1", 1)[0].contains("gave up"))
    }

    @Test func aSinkThatIsGoneHearsNothingMore() throws {
        try rack.change(to: [log, pager("/bin/a")])
        try rack.change(to: [pager("/bin/a")])
        journal("one")
        _ = told.wait("pager#1", 1)
        #expect(told.lines("log#1").isEmpty)
        #expect(rack.statuses.map(\.name) == ["pager"])
    }
}

/// The system's clock, some seconds ahead.
private final class LaterClock: PlantClock {
    let later = Atomic<Int64>(0)
    func monotonic() -> Int64 { SystemClock().monotonic() }
    func wall() -> Int64 { SystemClock().wall() + later.load(ordering: .relaxed) * 1_000_000_000 }
}
