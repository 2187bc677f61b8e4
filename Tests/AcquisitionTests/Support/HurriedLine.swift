import Foundation
import Modbus
import Plant
import Ring
import Synchronization

@testable import Acquisition

/// The system's clock, but for the times that nobody waits for: those it skips.
final class SkippingClock: PlantClock {
    private let system = SystemClock()
    private let skipped = Atomic<Int64>(0)

    func monotonic() -> Int64 { system.monotonic() + skipped.load(ordering: .relaxed) }
    func wall() -> Int64 { system.wall() + skipped.load(ordering: .relaxed) }
    func skip(_ nanoseconds: Int64) { skipped.wrappingAdd(max(0, nanoseconds), ordering: .relaxed) }
}

/// A line on real sockets whose sleeps take no time, so that minutes of backing off are over at once.
final class HurriedLine: @unchecked Sendable {
    enum Transport: CaseIterable { case libmodbus, socket }

    /// Far beyond anything a healthy run takes: it turns a line that never comes back into a failure.
    static let patience: Duration = .seconds(4 * 3600)

    let clock: SkippingClock
    let reader: BlockReader
    private let play: () -> Void

    /// - Parameter isDone: asked before each sleep; ends the line.
    init(
        _ plant: Plant, clock: SkippingClock, seed: UInt64, _ kind: Transport,
        until isDone: @escaping (_ reader: BlockReader) -> Bool
    ) {
        self.clock = clock
        let plan = ScanPlan(plant: plant).lines[0]
        let ring = Ring<Cell>(capacity: 1 << 18)
        let now = clock.monotonic()
        let board = LineBoard(plan: plan, plant: plant, storage: ring.producer.storage, now: now)
        let reader = BlockReader(ring.consumer)
        self.reader = reader
        let groups = LineGroup.all(of: plan, plant, firstSequence: [:])
        let publisher = BlockPublisher(
            producer: ring.producer, doorbell: Doorbell(), capacity: LineGroup.cells(of: groups, diagnostics: []))
        let interrupter = Interrupter()
        let end = now + HurriedLine.patience.nanoseconds
        // All of it happens on the line's own thread.
        nonisolated(unsafe) let asks = { isDone(reader) }
        let pause: @Sendable (Int64) -> Void = { nanoseconds in
            clock.skip(nanoseconds)
            if clock.monotonic() > end || asks() { interrupter.interrupt() }
        }
        func play<T: RegisterTransport & ~Copyable>(_ transport: @escaping () -> T) {
            LineLoop(
                plan: plan, plant: plant, groups: groups, diagnoses: [], publisher: publisher, clock: clock,
                pause: pause, seed: seed, log: { _ in }, interrupter: interrupter, board: board, transport: transport
            ).run()
        }
        self.play = {
            switch kind {
            case .libmodbus: play { LibmodbusTransport(interrupter: interrupter) }
            case .socket: play { SocketTransport(interrupter: interrupter) }
            }
        }
    }

    /// Plays it to its end, on a thread of its own: it blocks in sockets.
    func run() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                play()
                continuation.resume()
            }
        }
    }
}
