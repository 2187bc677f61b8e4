import Ring
import Synchronization
import TestSupport
import Testing

@testable import Annunciation

@Suite struct ExecGateTests {
    @Test func noMoreThanItsPlacesAreInside() throws {
        let gate = ExecGate()
        let inside = Mutex((now: 0, most: 0))
        let visits = (0..<20).map { _ in
            InBackground {
                let bell = Doorbell()
                for _ in 0..<50 {
                    guard gate.enter(bell, within: .seconds(60), unless: { false }) else { return false }
                    inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                    for _ in 0..<100 { inside.withLock { _ in } }
                    inside.withLock { $0.now -= 1 }
                    gate.leave()
                }
                return true
            }
        }
        for visit in visits { #expect(try visit.result()) }
        #expect(inside.withLock { $0.most } <= ExecGate.places)
        #expect(gate.waiting == 0)
    }

    @Test func theFirstToComeIsTheFirstToEnter() throws {
        let gate = ExecGate(places: 1)
        let mine = Doorbell()
        #expect(gate.enter(mine) { false })
        let order = Mutex<[Int]>([])
        var visits: [InBackground<Bool>] = []
        for number in 1...3 {
            visits.append(
                InBackground {
                    guard gate.enter(Doorbell(), within: .seconds(60), unless: { false }) else { return false }
                    order.withLock { $0.append(number) }
                    gate.leave()
                    return true
                })
            _ = try eventually("the wait of \(number)") { gate.waiting == number ? true : nil }
        }
        gate.leave()
        for visit in visits { #expect(try visit.result()) }
        #expect(order.withLock { $0 } == [1, 2, 3])
    }

    /// Not even in the moment between a place's becoming free and the first in the queue waking up.
    @Test func nobodyOvertakesTheQueue() throws {
        for _ in 0..<20 {
            let gate = ExecGate(places: 1)
            #expect(gate.enter(Doorbell()) { false })
            let first = InBackground { gate.enter(Doorbell(), within: .seconds(60)) { false } }
            _ = try eventually("the wait") { gate.waiting == 1 ? true : nil }
            gate.leave()
            #expect(!gate.enter(Doorbell(), within: .zero) { false })
            #expect(try first.result())
        }
    }

    @Test func whoGivesUpLeavesNoHole() {
        let gate = ExecGate(places: 1)
        #expect(gate.enter(Doorbell()) { false })
        #expect(!gate.enter(Doorbell(), within: .milliseconds(10)) { false })
        gate.leave()
        #expect(gate.enter(Doorbell(), within: .milliseconds(0)) { false })
    }
}
