import Annunciation
import Foundation
import Journal
import Plant
import Ring
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// What is promised of every sink, whatever goes wrong: faults, kills and changes of the configuration come as a seed has
/// them. The order in which threads meet is not the seed's, so a failure may take several runs to come again.
@Suite(.timeLimit(.minutes(20)))
struct DeliveryPropertyTests {
    private static let seeds: ClosedRange<UInt64> = 1...4

    /// - Parameter batch: lines of one send, in the place of the seconds a program may take.
    private static func sink(
        _ name: String, batch: Int, _ priority: Priority = .low, variant: Int = 0
    ) -> SinkDefinition {
        SinkDefinition(
            name: name, kind: .exec(argv: ["/bin/\(variant)"], timeout: .seconds(batch)),
            selection: SinkSelection(minPriority: priority, events: .all), giveUpAfter: .seconds(1_000_000_000))
    }

    private static func sinks(variant: (Int) -> Int = { _ in 0 }) -> [SinkDefinition] {
        [
            sink("sure-one", batch: 1, variant: variant(0)),
            sink("sure-many", batch: 40, .high, variant: variant(1)),
            sink("picky", batch: 20, variant: variant(2)),
            sink("plain-one", batch: 1, variant: variant(3)),
            sink("plain-many", batch: 60, .medium, variant: variant(4)),
        ]
    }

    /// One story: what happens to a daemon until its end, when all places are well.
    private final class Story {
        let world: DeliveryWorld
        private var daemon: DeliveryDaemon
        private var random: SeededRandom
        private let folder: String
        private var lives = 0
        private var events = 0
        /// All events up to here must have come to something.
        private(set) var horizon: Int64 = 0
        private(set) var notices: [AlarmNotice] = []
        private(set) var letters: Set<String> = []

        init(seed: UInt64) throws {
            world = DeliveryWorld(seed: seed)
            random = SeededRandom(seed: seed &* 7919)
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("delivery-\(UUID())").path
            try FileManager.default.createDirectory(atPath: folder + "/0", withIntermediateDirectories: true)
            daemon = try DeliveryDaemon(in: folder + "/0", world, sinks: DeliveryPropertyTests.sinks())
        }

        deinit {
            daemon.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }

        private func entry(of count: Int) -> JournalEntry {
            JournalEntry(
                notices: (0..<count).map { _ in
                    events += 1
                    var notice = AlarmNotice.daemon(
                        .clockStep, text: "event \(events)", at: world.clock.wall() / 1_000_000)
                    notice.priority = random.pick(Priority.allCases).rawValue
                    return notice
                })
        }

        private func burst(of count: Int) {
            var left = count
            while left > 0 {
                let some = min(left, Int(random.next() % 200) + 1)
                daemon.journal.append(entry(of: some))
                left -= some
            }
        }

        /// Time passes, and the sinks look at their clocks.
        private func wait(_ duration: Duration) {
            world.clock.move(by: duration)
            daemon.rack.offer([])
        }

        func run(steps: Int, withRestarts: Bool) throws {
            outage()
            for _ in 0..<steps {
                switch random.next() % (withRestarts ? 11 : 8) {
                case 0: burst(of: 1000 + Int(random.next() % 1500))
                case 1...3: burst(of: Int(random.next() % 20) + 1)
                case 4...6: wait(.milliseconds(Int64(random.next() % 40_000)))
                case 7: outage()
                case 8: try change()
                default: try restart()
                }
                // Otherwise it is over before anything has gone wrong; some things meet all the same.
                if random.chance(80) { letThemWork() }
                // What is left for another run, or another definition, is marked as a repeat whatever became of it.
                if random.chance(50) { letThemFinish() }
            }
            try finish()
        }

        /// Nobody reads while more comes than a sink keeps.
        private func outage() {
            for sink in DeliveryPropertyTests.sinks() where random.chance(70) || sink.name == "plain-one" {
                world.fail(sink.name, sends: Int(random.next() % 4) + 1)
            }
            burst(of: 1)
            letThemWork()
            burst(of: 1000 + Int(random.next() % 1500))
            letThemWork()
        }

        /// Until each sink has nothing to do, or waits for its next try.
        private func letThemWork() {
            // Whose time has come may not know it: sends move the clock, too.
            go(on: { self.daemon.rack.offer([]) }) { sink, last in
                sink.behind == 0 && sink.backlog == 0 && sink.sequence >= last || (sink.next_try_ms ?? 0) > 0
            }
        }

        /// Until each sink has told everything, with all that goes wrong on the way.
        private func letThemFinish() {
            go(on: { self.wait(.seconds(20)) }) { sink, last in sink.sequence >= last && sink.backlog == 0 }
        }

        /// Until all that was appended so far is journalled, and each sink has come so far.
        private func go(on pass: () -> Void, until isThere: (SinkStatus, _ last: Int64) -> Bool) {
            let isJournalled = Mutex(false)
            daemon.journal.append(
                JournalEntry(completion: { [news = world.news] _ in
                    isJournalled.withLock { $0 = true }
                    news.ring()
                }))
            while true {
                world.news.listen()
                if isJournalled.withLock({ $0 }) {
                    horizon = daemon.journal.status.lastSequence
                    if daemon.rack.statuses.allSatisfy({ isThere($0, horizon) }) { return }
                }
                pass()
                world.news.wait(nanoseconds: 1_000_000)
            }
        }

        private func change() throws {
            let kept = DeliveryPropertyTests.sinks { _ in Int(random.next() % 3) }.filter { _ in random.chance(80) }
            try daemon.rack.change(to: kept)
        }

        private func restart() throws {
            lives += 1
            let next = "\(folder)/\(lives)"
            daemon.kill(
                random.pick(DeliveryDaemon.Death.allCases), committing: entry(of: Int(random.next() % 30) + 1),
                leaving: next)
            daemon = try DeliveryDaemon(in: next, world, sinks: DeliveryPropertyTests.sinks())
        }

        /// All is well, until nothing is left to do.
        private func finish() throws {
            world.heal()
            try daemon.rack.change(to: DeliveryPropertyTests.sinks())
            letThemFinish()
            daemon.rack.stop()
            let flushed = DispatchSemaphore(value: 0)
            daemon.journal.append(JournalEntry(completion: { _ in flushed.signal() }))
            flushed.wait()
            while let page = try? daemon.journal.notices(after: notices.last?.seq ?? 0, limit: 5000), !page.isEmpty {
                notices += page
            }
            letters = Set(try daemon.journal.letters(of: nil).map { "\($0.sink) \($0.sequence)" })
        }

        /// The numbers that a sink had to be told.
        func wanted(by sink: SinkDefinition) -> [Int64] {
            let least = Priority.allCases.firstIndex(of: sink.selection.minPriority) ?? 0
            return notices.filter { notice in
                if let only = notice.onlyTo { return only.contains(sink.name) }
                guard notice.notTo != sink.name else { return false }
                let rank = notice.priority.flatMap(Priority.init(rawValue:)).flatMap(Priority.allCases.firstIndex) ?? 0
                return rank >= least
            }.map(\.seq).filter { $0 <= horizon }
        }
    }

    @Test(arguments: seeds) func whatIsJournalledReachesEverySinkThatAcknowledges(seed: UInt64) throws {
        let story = try Story(seed: seed)
        try story.run(steps: 12, withRestarts: true)
        #expect(story.world.unclear > 0, "seed \(seed): nothing arrived unheard")
        let texts = Dictionary(uniqueKeysWithValues: story.notices.map { ($0.seq, $0.text) })
        for sink in Self.sinks() {
            let arrivals = story.world.arrivals(at: sink.name)
            #expect(
                arrivals.allSatisfy { texts[$0.sequence] == $0.text }, "\(sink.name), seed \(seed): not as journalled")
            var seen: Set<Int64> = []
            let first = arrivals.filter { seen.insert($0.sequence).inserted }.map(\.sequence)
            seen = []
            let unmarked = arrivals.filter { !seen.insert($0.sequence).inserted && !$0.isRepeat }
            #expect(unmarked.isEmpty, "\(sink.name), seed \(seed): repeated as if new \(unmarked.prefix(5))")
            let missed = story.wanted(by: sink).filter { !seen.contains($0) }
            guard !sink.name.hasPrefix("plain") else {
                let gaps = story.world.gaps(at: sink.name)
                let untold = missed.filter { number in
                    !gaps.contains { ($0.from ?? .max) <= number && number <= ($0.to ?? 0) }
                }
                #expect(untold.isEmpty, "\(sink.name), seed \(seed): lost and not told \(untold.prefix(5))")
                #expect(gaps.reduce(0) { $0 + $1.lost } >= missed.count, "\(sink.name), seed \(seed)")
                continue
            }
            #expect(zip(first, first.dropFirst()).allSatisfy { $0 < $1 }, "\(sink.name), seed \(seed): out of order")
            let lost = missed.filter { !story.letters.contains("\(sink.name) \($0)") }
            #expect(lost.isEmpty, "\(sink.name), seed \(seed): never told \(lost.prefix(5)) of \(story.horizon)")
            let refused = missed.filter { !story.world.isRefused($0, at: sink.name) }
            #expect(refused.isEmpty, "\(sink.name), seed \(seed): given up, and not refused \(refused.prefix(5))")
        }
    }

    @Test(arguments: seeds) func oneThatCannotAcknowledgeIsToldExactlyHowManyItMissed(seed: UInt64) throws {
        let story = try Story(seed: seed)
        try story.run(steps: 12, withRestarts: false)
        for sink in Self.sinks() where sink.name.hasPrefix("plain") {
            let arrived = story.world.arrivals(at: sink.name).map(\.sequence).filter { $0 <= story.horizon }
            let wanted = story.wanted(by: sink)
            #expect(Set(arrived).count == arrived.count, "\(sink.name), seed \(seed): repeated")
            #expect(Set(arrived).isSubset(of: wanted), "\(sink.name), seed \(seed): not for it")
            let lost = story.world.gaps(at: sink.name).reduce(0) { $0 + $1.lost }
            #expect(lost > 0 || sink.name != "plain-one", "seed \(seed): nothing was lost")
            #expect(
                arrived.count + lost == wanted.count,
                "\(sink.name), seed \(seed): \(arrived.count) + \(lost) told lost of \(wanted.count)")
        }
    }
}
