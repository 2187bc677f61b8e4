import Plant
import Synchronization
import Testing

@testable import Historian

/// Two clocks that move as the test says.
private final class TwoClocks: PlantClock {
    private let walls = Atomic<Int64>(RollUpRig.start * 1_000_000)
    private let monotonics = Atomic<Int64>(0)

    func wall() -> Int64 { walls.load(ordering: .relaxed) }
    func monotonic() -> Int64 { monotonics.load(ordering: .relaxed) }
    /// Milliseconds.
    func pass(_ time: Int64) {
        walls.wrappingAdd(time * 1_000_000, ordering: .relaxed)
        monotonics.wrappingAdd(time * 1_000_000, ordering: .relaxed)
    }
    func step(_ time: Int64) { walls.wrappingAdd(time * 1_000_000, ordering: .relaxed) }
}

@Suite struct SteadyClockTests {
    private let clocks = TwoClocks()

    @Test func aClockIsBelievedAfterHours() throws {
        var steady = SteadyClock(clocks)
        #expect(try !steady.isSteady { nil })
        clocks.pass(SteadyClock.patience - 1)
        #expect(try !steady.isSteady { nil })
        clocks.pass(1)
        #expect(try steady.isSteady { nil })
    }

    @Test func aStepBeginsTheHoursAnew() throws {
        var steady = SteadyClock(clocks)
        _ = try steady.isSteady { nil }
        clocks.pass(SteadyClock.patience)
        clocks.step(10 * RollUpRig.day)
        #expect(try !steady.isSteady { nil })
        clocks.step(-10 * RollUpRig.day)
        clocks.pass(15_000)
        #expect(try !steady.isSteady { nil })
        // What synchronisation slews is no step.
        for _ in 0..<100 {
            clocks.pass(SteadyClock.patience / 100)
            clocks.step(1000)
            _ = try steady.isSteady { nil }
        }
        #expect(try steady.isSteady { nil })
    }

    @Test func aYearThatNobodySawIsBelievedAfterAWeek() throws {
        var steady = SteadyClock(clocks)
        let newest = RollUpRig.start - SteadyClock.standstill - 1
        #expect(try !steady.isSteady { newest })
        clocks.pass(SteadyClock.longPatience - 1)
        #expect(try !steady.isSteady { newest })
        clocks.pass(1)
        #expect(try steady.isSteady { newest })
    }
}
