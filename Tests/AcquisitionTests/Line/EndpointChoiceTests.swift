import Plant
import Testing

@testable import Acquisition

@Suite struct EndpointChoiceTests {
    private static let minute: Int64 = 60_000_000_000

    /// A choice that `#expect` can move.
    private final class Choosing {
        private(set) var choice: EndpointChoice
        init(_ count: Int) {
            choice = EndpointChoice((0..<count).map { Endpoint(host: "10.0.0.\($0 + 1)", port: 502) })
        }

        var current: Int { choice.current }
        func moveOn(at now: Int64) -> Bool { choice.moveOn(at: now) }
        func worked() { choice.worked() }
        func isTestDue(at now: Int64) -> Bool { choice.isTestDue(at: now) }
        func tested(answered: Bool, at now: Int64) { choice.tested(answered: answered, at: now) }
    }

    @Test func theOnlyEndpointStaysAndTimeMustPass() {
        let choice = Choosing(1)
        for _ in 0..<5 { #expect(!choice.moveOn(at: 0)) }
        #expect(choice.current == 0 && !choice.isTestDue(at: .max))
    }

    @Test(arguments: 2...4)
    func eachIsTriedAtOnceAndTimePassesWhenAllHaveFailed(count: Int) {
        let choice = Choosing(count)
        for round in 0..<3 {
            for place in 1..<count {
                #expect(choice.moveOn(at: 0), "round \(round)")
                #expect(choice.current == place)
            }
            #expect(!choice.moveOn(at: 0), "round \(round)")
            #expect(choice.current == 0)
        }
    }

    @Test func whatWorksIsKeptAndItsNextFailureIsTheFirst() {
        let choice = Choosing(2)
        #expect(choice.moveOn(at: 0))
        choice.worked()
        #expect(choice.current == 1, "sticky: having worked changes nothing")
        #expect(choice.moveOn(at: 0), "the other one is tried at once, however often the first had failed before")
        #expect(choice.current == 0)
    }

    @Test func thePreferredOneIsTestedAfterFiveMinutesThenEverMoreRarelyUpToAnHour() {
        let choice = Choosing(2)
        #expect(!choice.isTestDue(at: .max - 1), "not while it is in use")
        _ = choice.moveOn(at: 0)
        var now: Int64 = 0
        for minutes in [5, 10, 20, 40, 60, 60] as [Int64] {
            #expect(!choice.isTestDue(at: now + minutes * Self.minute - 1), "\(minutes) min")
            now += minutes * Self.minute
            #expect(choice.isTestDue(at: now), "\(minutes) min")
            choice.tested(answered: false, at: now)
            #expect(choice.current == 1)
        }
    }

    @Test func anAnswerBringsThePreferredOneBackAndTheNextLossBeginsAnew() {
        let choice = Choosing(3)
        _ = choice.moveOn(at: 0)
        choice.worked()
        choice.tested(answered: true, at: 5 * Self.minute)
        #expect(choice.current == 0 && choice.choice.endpoint.host == "10.0.0.1" && !choice.isTestDue(at: .max - 1))
        #expect(choice.moveOn(at: 9 * Self.minute), "the count of failures is that of now")
        #expect(!choice.isTestDue(at: 14 * Self.minute - 1) && choice.isTestDue(at: 14 * Self.minute))
    }
}
