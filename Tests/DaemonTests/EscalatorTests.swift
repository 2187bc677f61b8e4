import Annunciation
import Foundation
import Journal
import Plant
import Ring
import Synchronization
import Testing

@testable import Daemon

/// The escalator's thread over a real journal.
@Suite(.timeLimit(.minutes(20)))
final class EscalatorTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("calls-\(UUID())").path
    private let clock = HandClock()
    private let told = Told()

    /// Both clocks, moved by hand; a thread that sleeps by them must be rung.
    private final class HandClock: PlantClock {
        private let seconds = Mutex<Int64>(0)
        func monotonic() -> Int64 { seconds.withLock { $0 } * 1_000_000_000 + 5_000_000_000 }
        func wall() -> Int64 { seconds.withLock { $0 } * 1_000_000_000 + 1_767_434_400_000_000_000 }
        func go(to time: Int64) { seconds.withLock { $0 = time } }
    }

    /// What the journal got and announced, in order.
    private final class Told: Sendable {
        private let notices = Mutex<[AlarmNotice]>([])
        private let appended = Mutex<[String]>([])
        private let doorbell = Doorbell()

        /// What the escalator gave to the journal.
        func take(_ entry: JournalEntry) {
            appended.withLock { $0 += entry.escalations.map { "\($0.alarm) \($0.policy)" } }
            doorbell.ring()
        }

        /// Waits for so many records in all.
        func records(_ count: Int) -> [String] { wait { appended.withLock { $0.count >= count ? $0 : nil } } }

        func hear(_ heard: [AlarmNotice]) {
            notices.withLock { $0 += heard }
            doorbell.ring()
        }

        /// Waits for so many calls in all.
        func calls(_ count: Int) -> [AlarmNotice] {
            wait {
                let calls = notices.withLock { $0.filter(\.isCall) }
                return calls.count >= count ? calls : nil
            }
        }

        private func wait<Found>(for find: () -> Found?) -> Found {
            while true {
                doorbell.listen()
                if let found = find() { return found }
                doorbell.wait(nanoseconds: 1_000_000_000)
            }
        }
    }

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    private static func policy(_ name: String, _ seconds: Int) -> EscalationPolicy {
        EscalationPolicy(
            name: name, priorities: [.critical],
            steps: [.init(wait: .seconds(seconds), sinks: ["pager"], times: 2, every: .seconds(60))])
    }

    private func notice(_ what: String, _ state: String, _ id: String = "hot") -> AlarmNotice {
        let time = clock.wall() / 1_000_000
        return AlarmNotice(
            id: id, occ: 1, what: what, state: state, priority: "critical", sourceTime: time, receivedTime: time,
            effectiveTime: time, text: "\(id) is hot")
    }

    private func plant(_ policies: EscalationPolicy...) -> Plant {
        Plant(
            name: "T", site: "T", timeZone: "UTC", controllers: [], groups: [], tags: [], escalations: policies)
    }

    private func open(_ boot: String) throws -> Journal {
        try Journal(path: path + "/journal.db", plantName: "T", boot: boot)
    }

    private func escalator(
        over journal: Journal, _ policies: [EscalationPolicy], standing: [AlarmNotice] = [], unseen: Set<String> = []
    ) throws -> Escalator {
        let told = self.told
        let seen = Set(standing.map(\.id)).subtracting(unseen)
        return Escalator(
            policies, saved: try journal.loadEscalations(), clock: clock, standing: { standing }, seen: { seen },
            append: { entry in
                journal.append(entry)
                told.take(entry)
            })
    }

    private func start(_ journal: Journal, telling escalator: Escalator) throws {
        let told = self.told
        try journal.start {
            escalator.take($0)
            told.hear($0)
        }
    }

    /// Waits until everything that is appended so far is on disk and heard.
    private func settle(_ journal: Journal) {
        let done = Doorbell()
        done.listen()
        let isDone = Mutex(false)
        journal.append(
            JournalEntry(completion: { _ in
                isDone.withLock { $0 = true }
                done.ring()
            }))
        while !isDone.withLock({ $0 }) {
            done.wait(nanoseconds: 1_000_000_000)
            done.listen()
        }
    }

    @Test func `a call is journalled, told and not heard as an alarm, and goes on after a restart`() throws {
        let journal = try open("b1")
        let first = try escalator(over: journal, [Self.policy("urgent", 300)])
        try start(journal, telling: first)
        try first.start()
        journal.append(JournalEntry(notices: [notice("raise", "UNACK")]))
        settle(journal)
        #expect(told.records(1) == ["hot urgent"])
        #expect(first.status.running.map(\.policy) == ["urgent"])
        clock.go(to: 300)
        first.take([notice("raise", "UNACK", "wakes it")])
        #expect(told.calls(1)[0].text.hasPrefix("hot is hot, nobody acknowledged for 5 min: call 1 of 2"))
        first.stop()
        settle(journal)
        #expect(first.status.calls == 1)
        #expect(first.status.running.first { $0.alarm == "hot" }?.next == "2026-01-03T10:06:00.000Z")
        journal.stop()

        let again = try open("b2")
        let second = try escalator(
            over: again, [Self.policy("urgent", 300)], standing: [notice("snapshot", "UNACK")])
        try start(again, telling: second)
        clock.go(to: 400)
        try second.start()
        let calls = told.calls(2)
        #expect(calls.map(\.boot) == ["b1", "b2"] && calls[1].text.contains("call 2 of 2"))
        second.stop()
        #expect(second.status.running.map(\.step) == [nil], "everybody was called")
        again.stop()
    }

    @Test func `what comes before the start waits, and a stop hears it still`() throws {
        let journal = try open("b1")
        let escalator = try escalator(over: journal, [Self.policy("urgent", 0)])
        try start(journal, telling: escalator)
        journal.append(JournalEntry(notices: [notice("raise", "UNACK")]))
        settle(journal)
        #expect(escalator.status.running.isEmpty)
        try escalator.start()
        escalator.stop()
        settle(journal)
        #expect(told.calls(1).count == 1)
        journal.stop()
    }

    @Test func `what was not looked at since the start waits for the grace, the others are called about`() throws {
        let journal = try open("b1")
        let escalator = try escalator(
            over: journal, [Self.policy("urgent", 0)],
            standing: [notice("snapshot", "UNACK", "dark"), notice("snapshot", "UNACK", "seen")], unseen: ["dark"])
        try start(journal, telling: escalator)
        try escalator.start()
        #expect(told.calls(1).map(\.id) == ["seen"])
        clock.go(to: CallDesk.grace.components.seconds)
        #expect(told.calls(2).map(\.id) == ["seen", "dark"])
        escalator.stop()
        journal.stop()
    }

    @Test func `other policies are taken over with what stands`() throws {
        let journal = try open("b1")
        let escalator = try escalator(
            over: journal, [Self.policy("old", 300)], standing: [notice("snapshot", "UNACK")])
        try start(journal, telling: escalator)
        try escalator.start()
        escalator.change(to: plant(Self.policy("new", 0)))
        #expect(told.calls(1)[0].text.contains("policy new"))
        escalator.stop()
        journal.stop()
        #expect(try open("b2").loadEscalations().map(\.policy) == ["new"])
    }

    @Test func `when too much comes the alarms are looked at instead`() throws {
        let journal = try open("b1")
        let escalator = try escalator(
            over: journal, [Self.policy("urgent", 300)], standing: [notice("snapshot", "UNACK", "stands")])
        let flood = Array(repeating: notice("raise", "UNACK", "lost"), count: Escalator.queueLimit)
        escalator.take(flood)
        escalator.take([notice("raise", "UNACK", "last")])
        escalator.take([notice("raise", "UNACK", "later")])
        try escalator.start()
        escalator.stop()
        #expect(escalator.status.running.map(\.alarm) == ["later", "stands"])
        #expect(escalator.status.overflows == 1)
    }
}
