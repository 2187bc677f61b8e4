import Annunciation
import Foundation
import Journal
import Plant
import Ring
import Synchronization
import TestSupport

@testable import Daemon

/// Both clocks; pauses of minutes take no time.
final class DeliveryClock: PlantClock {
    private let now = Mutex<Int64>(1_000_000_000)
    func monotonic() -> Int64 { now.withLock { $0 } }
    func wall() -> Int64 { now.withLock { $0 } + 1_800_000_000_000_000_000 }
    func move(by duration: Duration) { now.withLock { $0 += duration.nanoseconds } }
}

/// What all places together were told over several lives of a daemon, and what goes wrong at them.
final class DeliveryWorld: Sendable {
    struct Arrival {
        var sequence: Int64
        var text: String
        var isRepeat: Bool
    }

    struct Gap: Decodable {
        var from: Int64?
        var to: Int64?
        var lost: Int
    }

    private struct State {
        var random: SeededRandom
        var arrivals: [String: [Arrival]] = [:]
        var gaps: [String: [Gap]] = [:]
        /// Sends that still fail, by place.
        var down: [String: Int] = [:]
        /// The life of the daemon that may still do something.
        var life = 0
        var isHealed = false
        var unclear = 0
    }

    let clock = DeliveryClock()
    let news = Doorbell()
    private let seed: UInt64
    private let state: Mutex<State>

    init(seed: UInt64) {
        self.seed = seed
        state = Mutex(State(random: SeededRandom(seed: seed)))
    }

    var life: Int { state.withLock { $0.life } }
    /// Lines that arrived, and nobody said so.
    var unclear: Int { state.withLock { $0.unclear } }

    /// From now on nothing that the present daemon does is seen by anybody.
    func endLife() { state.withLock { $0.life += 1 } }

    /// A place takes nothing for so many sends.
    func fail(_ place: String, sends: Int) { state.withLock { $0.down[place] = sends } }

    /// No more faults, but what is refused stays so.
    func heal() {
        state.withLock { state in
            state.isHealed = true
            state.down = [:]
        }
    }

    func arrivals(at place: String) -> [Arrival] { state.withLock { $0.arrivals[place] ?? [] } }
    func gaps(at place: String) -> [Gap] { state.withLock { $0.gaps[place] ?? [] } }

    /// Whether a place never takes this one; the same in each life.
    func isRefused(_ sequence: Int64, at place: String) -> Bool {
        guard sequence > 0, place.hasPrefix("picky") else { return false }
        var random = SeededRandom(seed: seed ^ UInt64(bitPattern: sequence) &* 31)
        return random.chance(2)
    }

    func take(_ lines: [AlarmLine], at place: String, in life: Int, knowing acknowledges: Bool) -> Delivery {
        defer { news.ring() }
        return state.withLock { state in
            guard state.life == life else { return .unavailable("killed") }
            if state.random.chance(5) { clock.move(by: .milliseconds(Int64(state.random.next() % 3000))) }
            if let left = state.down[place], left > 0 {
                state.down[place] = left - 1
                return .unavailable("nobody there")
            }
            if !state.isHealed, state.random.chance(4) {
                state.down[place] = Int(state.random.next() % 6)
                // Some of it may have gone, and more than is known.
                let wanted = lines.prefix { !isRefused($0.sequence, at: place) }.count
                let taken = min(wanted, Int(state.random.next() % UInt64(lines.count)))
                var delivery = Delivery.unavailable("gone", taken: taken)
                delivery.mayHaveArrived = acknowledges && state.random.chance(50)
                let arrived = delivery.mayHaveArrived ? lines.filter { !isRefused($0.sequence, at: place) } : []
                state.unclear += max(0, arrived.count - taken)
                keep(delivery.mayHaveArrived ? arrived[...] : lines.prefix(taken), at: place, &state)
                return delivery
            }
            if acknowledges, let refused = lines.firstIndex(where: { isRefused($0.sequence, at: place) }) {
                keep(lines[..<refused], at: place, &state)
                return .refused("never", taken: refused)
            }
            keep(lines[...], at: place, &state)
            return .all(of: lines)
        }
    }

    private func keep(_ lines: ArraySlice<AlarmLine>, at place: String, _ state: inout State) {
        for line in lines {
            if line.kind == .gap {
                guard let gap = try? JSONDecoder().decode(Gap.self, from: Data(line.json.utf8)) else { continue }
                state.gaps[place, default: []].append(gap)
            } else if line.sequence > 0 {
                state.arrivals[place, default: []].append(
                    Arrival(sequence: line.sequence, text: line.fields[.text] ?? "", isRepeat: line.isRepeat))
            }
        }
    }
}

/// A place that fails as the world has it.
final class ScriptedPlace: Outlet {
    private let name: String
    private let world: DeliveryWorld
    private let life: Int
    let acknowledges: Bool
    let batchLimit: Int

    init(_ name: String, in world: DeliveryWorld, acknowledges: Bool, batchLimit: Int) {
        (self.name, self.world, self.acknowledges, self.batchLimit) = (name, world, acknowledges, batchLimit)
        life = world.life
    }

    func send(_ lines: [AlarmLine]) -> Delivery { world.take(lines, at: name, in: life, knowing: acknowledges) }
}

/// A daemon as far as alarms go from its journal to its sinks, that can be killed.
final class DeliveryDaemon: Sendable {
    /// When to kill it, at a commit.
    enum Death: CaseIterable {
        /// Nobody has heard yet of what was committed.
        case beforeItIsTold
        /// Some have, and the journal does not know of it.
        case afterSomeAreTold
    }

    let journal: Journal
    let rack: SinkRack
    private let folder: String
    private let world: DeliveryWorld
    private let death = Mutex<(how: Death, folder: String)?>(nil)
    private let died = Mutex<Bool>(false)

    init(in folder: String, _ world: DeliveryWorld, sinks: [SinkDefinition]) throws {
        (self.folder, self.world) = (folder, world)
        journal = try Journal(path: folder + "/journal.db", plantName: "T", boot: "life-\(world.life)")
        rack = SinkRack(journal: journal, clock: world.clock, offset: { _ in 0 }, log: { _ in }) { [world] definition in
            let isPlain = definition.name.hasPrefix("plain")
            let batch: Int =
                if case .exec(_, let timeout) = definition.kind { Int(timeout.components.seconds) } else { 1 }
            return ScriptedPlace(definition.name, in: world, acknowledges: !isPlain, batchLimit: batch)
        }
        try rack.change(to: sinks)
        try journal.start { [unowned self] notices in hear(notices) }
    }

    private func hear(_ notices: [AlarmNotice]) {
        let committed = Moment(world.clock)
        let lines = notices.map { AlarmLine($0, committed: committed) }
        guard let (how, copy) = death.withLock({ $0 }), !died.withLock({ $0 }) else { return rack.offer(lines) }
        if how == .afterSomeAreTold {
            rack.offer(lines)
            // The cursors of these are with the journal's thread, which is here.
            for _ in 0..<20 where world.life == life { world.news.wait(nanoseconds: 500_000) }
        }
        world.endLife()
        // The one thread that writes is here, so the files are as a kill would leave them now.
        try? FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for name in ["journal.db", "journal.db-wal"] {
            try? FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(copy)/\(name)")
        }
        died.withLock { $0 = true }
        world.news.ring()
    }

    private var life: Int { world.life }

    /// Kills it while it commits `entry`.
    ///
    /// - Parameter copy: where its files are found afterwards.
    func kill(_ how: Death, committing entry: JournalEntry, leaving copy: String) {
        death.withLock { $0 = (how, copy) }
        journal.append(entry)
        while !died.withLock({ $0 }) {
            world.news.listen()
            if died.withLock({ $0 }) { break }
            world.news.wait(nanoseconds: 1_000_000)
        }
        stop()
    }

    func stop() {
        rack.stop()
        journal.stop()
    }
}
