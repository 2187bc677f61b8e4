import Plant
import Synchronization
import TestSupport
import Testing

@testable import Modbus

@Suite struct FrameRingTests {
    @Test func aRingTooSmallForAFrameIsMadeLargeEnough() {
        #expect(FrameLog(capacity: 0).capacity == FrameRing.headBytes + Frame.bytesMax)
        #expect(FrameRing.headBytes <= 64)
    }

    /// Whatever is recorded, the log holds the latest frames byte for byte, in order, as many as there is room for.
    @Test(arguments: 0..<30)
    func theLatestFramesAreHeldAndTheOthersCounted(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let log = FrameLog(capacity: Int.random(in: 0...3000, using: &random), clock: CountingClock())
        let connection = Frame.Connection.sample
        var recorded: [[UInt8]] = []
        for _ in 0..<Int.random(in: 0...200, using: &random) {
            let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            bytes.withUnsafeBufferPointer { log.record(.received, connection, $0) }
            recorded.append(Array(bytes.prefix(260)))
            let held = log.frames().map(\.bytes)
            #expect(held == recorded.suffix(held.count), "seed \(seed)")
            #expect(held.count + log.overwritten == recorded.count && log.recorded == recorded.count, "seed \(seed)")
            let size = { (frames: ArraySlice<[UInt8]>) in
                frames.reduce(0) { $0 + $1.count + FrameRing.headBytes }
            }
            #expect(size(recorded.suffix(held.count)) <= log.capacity, "seed \(seed)")
            if log.overwritten > 0 { #expect(size(recorded.suffix(held.count + 1)) > log.capacity, "seed \(seed)") }
        }
    }
}

extension Frame.Connection {
    static let sample = Frame.Connection(
        number: 7, local: (IPAddress(four: 0x0A00_0001), port: 40_000), peer: (IPAddress(four: 0x0A00_0002), port: 502))
}

/// A clock whose two times drift apart by a nanosecond whenever it is read.
final class HurriedClock: PlantClock {
    private let ticks = Atomic<Int64>(0)
    func monotonic() -> Int64 { 5000 }
    func wall() -> Int64 { 5000 + ticks.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// A clock that goes on by a microsecond whenever it is read. UTC is a thousand seconds ahead.
final class CountingClock: PlantClock {
    private let ticks = Atomic<Int64>(0)
    func monotonic() -> Int64 { ticks.wrappingAdd(1, ordering: .relaxed).newValue * 1000 }
    func wall() -> Int64 { ticks.load(ordering: .relaxed) * 1000 + 1_000_000_000_000 }
}
