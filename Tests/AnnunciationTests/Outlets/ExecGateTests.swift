import Plant
import Ring
import Synchronization
import TestSupport
import Testing

@testable import Annunciation

@Suite struct ExecGateTests {
    @Test func noMoreThanItsPlacesAreInside() throws {
        let gate = ExecGate(places: 4, hold: .seconds(3600))
        let inside = Mutex((now: 0, most: 0))
        let visits = (0..<20).map { _ in
            InBackground {
                let bell = Doorbell()
                for _ in 0..<50 {
                    guard let place = gate.enter(bell, unless: { false }) else { return false }
                    inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                    for _ in 0..<100 { inside.withLock { _ in } }
                    inside.withLock { $0.now -= 1 }
                    gate.leave(place)
                }
                return true
            }
        }
        for visit in visits { #expect(try visit.result()) }
        #expect(inside.withLock { $0.most } <= 4)
        #expect(gate.waiting == 0)
    }

    @Test func theFirstToComeIsTheFirstToEnter() throws {
        let gate = ExecGate(places: 1, hold: .seconds(3600))
        let mine = try #require(gate.enter(Doorbell()) { false })
        let order = Mutex<[Int]>([])
        var visits: [InBackground<Bool>] = []
        for number in 1...3 {
            visits.append(
                InBackground {
                    guard let place = gate.enter(Doorbell(), unless: { false }) else { return false }
                    order.withLock { $0.append(number) }
                    gate.leave(place)
                    return true
                })
            _ = try eventually("the wait of \(number)") { gate.waiting == number ? true : nil }
        }
        gate.leave(mine)
        for visit in visits { #expect(try visit.result()) }
        #expect(order.withLock { $0 } == [1, 2, 3])
    }

    /// Not even in the moment between a place's becoming free and the first in the queue waking up.
    @Test func nobodyOvertakesTheQueue() throws {
        for _ in 0..<20 {
            let gate = ExecGate(places: 1, hold: .seconds(3600))
            let mine = try #require(gate.enter(Doorbell()) { false })
            let first = InBackground { gate.enter(Doorbell()) { false } != nil }
            _ = try eventually("the wait") { gate.waiting == 1 ? true : nil }
            gate.leave(mine)
            #expect(gate.enter(Doorbell()) { true } == nil)
            #expect(try first.result())
        }
    }

    @Test func whoGivesUpLeavesNoHole() throws {
        let gate = ExecGate(places: 1, hold: .seconds(3600))
        let mine = try #require(gate.enter(Doorbell()) { false })
        #expect(gate.enter(Doorbell()) { true } == nil)
        gate.leave(mine)
        #expect(gate.enter(Doorbell()) { true } != nil)
    }

    /// Nobody leaves, and all get a place: those that run on have had theirs for long enough.
    @Test func aPlaceIsKeptForAWhileOnly() throws {
        let gate = ExecGate(places: 2, hold: .milliseconds(20))
        let visits = (0..<8).map { _ in InBackground { gate.enter(Doorbell()) { false } != nil } }
        for visit in visits { #expect(try visit.result()) }
        #expect(gate.waiting == 0)
    }

    @Test func aPlaceThatWentOnToAnotherIsNotGivenBackTwice() throws {
        let clock = HandClock()
        let gate = ExecGate(places: 1, hold: .seconds(3600), clock: clock)
        let slow = try #require(gate.enter(Doorbell()) { true })
        clock.pass(.seconds(3599))
        #expect(gate.enter(Doorbell()) { true } == nil)
        clock.pass(.seconds(1))
        let quick = try #require(gate.enter(Doorbell()) { true })
        gate.leave(slow)
        #expect(gate.enter(Doorbell()) { true } == nil)
        gate.leave(quick)
        #expect(gate.enter(Doorbell()) { true } != nil)
    }

    private final class HandClock: PlantClock {
        private let now = Atomic<Int64>(1)

        func pass(_ span: Duration) { now.add(span.nanoseconds, ordering: .relaxed) }
        func monotonic() -> Int64 { now.load(ordering: .relaxed) }
        func wall() -> Int64 { monotonic() }
    }
}
